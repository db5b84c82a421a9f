//! `4=127.0.0.1:7704`: where one of several data centres listens.

use std::net::SocketAddr;
use std::str::FromStr;

use serde::Deserialize;

/// A data centre's number and an address of its own.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub(crate) struct DcListen {
    pub(crate) dc: i32,
    pub(crate) address: SocketAddr,
}

impl FromStr for DcListen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (dc, address) = text.split_once('=').ok_or("no '=' between number and address")?;
        let dc = dc.parse().map_err(|_| format!("{dc:?} is not a number"))?;
        let address = address.parse().map_err(|_| format!("{address:?} is not IP:PORT"))?;
        Ok(Self { dc, address })
    }
}

impl TryFrom<String> for DcListen {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

//! How the client introduces itself.

use heliogram_tl as tl;
use heliogram_tl::{Bytes, Encode, Raw};

/// What the server is told about the application, and what its user sees in the list of devices.
#[derive(Clone, Debug)]
pub struct Device {
    /// The machine's name.
    pub model: String,
    /// Its system.
    pub system: String,
    /// Version of the application.
    pub app_version: String,
    /// Language of the user interface, as a two-letter code.
    pub lang_code: String,
}

impl Default for Device {
    fn default() -> Self {
        Self {
            model: "Heliogram".to_owned(),
            system: std::env::consts::OS.to_owned(),
            app_version: env!("CARGO_PKG_VERSION").to_owned(),
            lang_code: "en".to_owned(),
        }
    }
}

/// Whether a line is to be told of updates.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Hearing {
    /// The home line.
    Updates,
    /// Lines that carry files.
    Nothing,
}

impl Device {
    /// Wraps a request so that the server knows our layer and application.
    ///
    /// Spec: api/invoking#saving-client-info.
    pub(crate) fn introduce(&self, api_id: i32, hearing: Hearing, query: &Bytes) -> Bytes {
        let query = match hearing {
            Hearing::Updates => query.clone(),
            Hearing::Nothing => {
                tl::InvokeWithoutUpdates { query: Raw(query.clone()) }.to_bytes().into()
            }
        };
        let init = tl::InitConnection {
            api_id,
            device_model: self.model.as_str().into(),
            system_version: self.system.as_str().into(),
            app_version: self.app_version.as_str().into(),
            system_lang_code: self.lang_code.as_str().into(),
            lang_pack: tl::Str::new(),
            lang_code: self.lang_code.as_str().into(),
            proxy: None,
            params: None,
            query: Raw(query),
        };
        let query = Raw(init.to_bytes().into());
        tl::InvokeWithLayer { layer: tl::LAYER, query }.to_bytes().into()
    }
}

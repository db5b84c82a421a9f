//! `help.getConfig`.

use std::net::{IpAddr, SocketAddr};

use heliogram_ids::DcId;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::StrangerReading;
use crate::error::Rpc;

/// How long clients may use the answer.
const LIFETIME_SECONDS: i32 = 3600;

/// `help.getConfig`: where to connect, and the limits of the cloud.
///
/// `this_dc` is what the client dialled, or TDLib asks again hundreds of times a second. `expires`
/// is a moment, not a span.
pub(super) fn get_config(cx: &mut StrangerReading<'_>, _: tl::help::GetConfig) -> Rpc<tl::Config> {
    let config = &cx.world.config;
    let limits = &config.limits;
    let now = cx.now.unix();
    let seconds = |span: std::time::Duration| i32::try_from(span.as_secs()).unwrap_or(i32::MAX);
    let units = |units: usize| i32::try_from(units).unwrap_or(i32::MAX);
    Ok(types::Config {
        blocked_mode: false,
        revoke_pm_inbox: true,
        date: now,
        expires: now.saturating_add(LIFETIME_SECONDS),
        test_mode: false,
        this_dc: this_dc(cx).get(),
        dc_options: dc_options(cx),
        dc_txt_domain_name: "heliogram.invalid".into(),
        chat_size_max: 200,
        megagroup_size_max: 200_000,
        forwarded_count_max: units(limits.message_ids_max),
        online_update_period_ms: 210_000,
        offline_blur_timeout_ms: 5_000,
        offline_idle_timeout_ms: 30_000,
        online_cloud_timeout_ms: seconds(limits.online_timeout).saturating_mul(1000),
        notify_cloud_delay_ms: 30_000,
        notify_default_delay_ms: 1_500,
        push_chat_period_ms: 60_000,
        push_chat_limit: 2,
        edit_time_limit: seconds(limits.edit_time),
        revoke_time_limit: i32::MAX,
        revoke_pm_time_limit: i32::MAX,
        rating_e_decay: 2_419_200,
        stickers_recent_limit: 200,
        channels_read_media_period: 604_800,
        call_receive_timeout_ms: 20_000,
        call_ring_timeout_ms: 90_000,
        call_connect_timeout_ms: 30_000,
        call_packet_timeout_ms: 10_000,
        me_url_prefix: "https://t.me/".into(),
        caption_length_max: units(limits.caption_utf16_max),
        message_length_max: units(limits.message_utf16_max),
        webfile_dc_id: this_dc(cx).get(),
        ..Default::default()
    }
    .into())
}

/// The data centre that the caller reached.
pub(super) fn this_dc(cx: &StrangerReading<'_>) -> DcId {
    cx.caller.dc.unwrap_or(cx.world.config.dc_id)
}

/// The addresses of a data centre as clients can dial them: where it listens everywhere, that is the
/// one that this caller reached.
fn told(
    addresses: &[SocketAddr],
    reached: Option<IpAddr>,
) -> impl Iterator<Item = SocketAddr> + use<> {
    let mut told = Vec::with_capacity(addresses.len());
    for address in addresses {
        let dialled = match reached {
            Some(ip) if address.ip().is_unspecified() => SocketAddr::new(ip, address.port()),
            _ => *address,
        };
        // A socket for IPv4 alone was not reached over IPv6; one for IPv6 may have been over both.
        let fits = address.is_ipv6() || dialled.is_ipv4();
        if fits && !told.contains(&dialled) {
            told.push(dialled);
        }
    }
    told.into_iter()
}

/// Plain options only, IPv4 first: some clients take the first entry blindly.
// Seen: Telethon 1.45 takes the first option of the right id, media-only ones included.
fn dc_options(cx: &StrangerReading<'_>) -> Vec<tl::DcOption> {
    let mut all: Vec<(DcId, SocketAddr)> = Vec::new();
    for (id, addresses) in cx.world.config.dcs() {
        all.extend(told(addresses, cx.caller.local).map(|address| (id, address)));
    }
    all.sort_by_key(|(_, address)| address.is_ipv6());
    let option = |(id, address): &(DcId, SocketAddr)| {
        types::DcOption {
            ipv6: address.is_ipv6(),
            this_port_only: true,
            id: id.get(),
            ip_address: address.ip().to_string().into(),
            port: i32::from(address.port()),
            ..Default::default()
        }
        .into()
    };
    all.iter().map(option).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(listen: &[&str], reached: Option<&str>, expected: &[&str]) {
        let listen: Vec<SocketAddr> = listen.iter().map(|text| text.parse().unwrap()).collect();
        let reached = reached.map(|text| text.parse().unwrap());
        let told: Vec<_> = told(&listen, reached).map(|address| address.to_string()).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn who_listens_everywhere_tells_the_address_that_was_dialled() {
        check(&["0.0.0.0:443"], Some("192.0.2.1"), &["192.0.2.1:443"]);
        check(&["[::]:443"], Some("192.0.2.1"), &["192.0.2.1:443"]);
        check(&["[::]:443"], Some("2001:db8::1"), &["[2001:db8::1]:443"]);
        check(&["0.0.0.0:443", "[::]:443"], Some("192.0.2.1"), &["192.0.2.1:443"]);
        check(&["0.0.0.0:443", "[::]:443"], Some("2001:db8::1"), &["[2001:db8::1]:443"]);
        let both = ["192.0.2.1:443", "[2001:db8::1]:443"];
        check(&both, Some("2001:db8::1"), &both);
        check(&both, None, &both);
    }
}

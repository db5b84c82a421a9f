//! What clients ask for and what comes of it: counted, and one line of the log for each call under a
//! target of its own. A method that is not built has a warning, too; see `rpc/dispatch.rs`.

use heliogram_ids::{AuthKeyId, Timestamp};

use super::service::Gateway;
use crate::error::RpcError;
use crate::rpc::dispatch;
use crate::rpc::route::Route;

const TARGET: &str = "heliogram_dc::calls";

impl Gateway {
    /// A call that arrived at `began` has an answer, or will have one when somebody else gives it.
    pub(super) fn note_answered(&self, route: &Route, key: AuthKeyId, began: Timestamp) {
        self.calls.note_answered(route, self.clock.now().saturating_since(began));
        let fate = || if dispatch::is_canned(route) { "canned" } else { "handled" };
        tracing::debug!(target: TARGET, method = route.name, fate = fate(), key = key.0, "call");
    }

    /// A call was refused.
    pub(super) fn note_refused(
        &self,
        route: &Route,
        key: AuthKeyId,
        began: Timestamp,
        error: &RpcError,
    ) {
        self.calls.note_refused(Some(route), error, self.clock.now().saturating_since(began));
        tracing::debug!(target: TARGET, method = route.name, fate = "refused", key = key.0, %error, "call");
    }

    /// Something was refused before it was known which method it is.
    pub(super) fn note_unrouted(&self, began: Timestamp, error: &RpcError) {
        self.calls.note_refused(None, error, self.clock.now().saturating_since(began));
    }
}

#[cfg(test)]
mod tests {
    use heliogram_tl as tl;
    use heliogram_tl::Raw;
    use prometheus_client::encoding::text::encode;
    use prometheus_client::registry::Registry;

    use crate::gateway::fixture::Desk;

    /// The lines that begin with a name, as whoever scrapes is shown them.
    fn shown(desk: &Desk, name: &str) -> Vec<String> {
        let (mut registry, mut text) = (Registry::default(), String::new());
        desk.gateway.register(&mut registry);
        encode(&mut text, &registry).expect("text takes everything");
        text.lines().filter(|line| line.starts_with(name)).map(str::to_owned).collect()
    }

    #[test]
    fn a_call_is_counted_by_its_method_and_what_came_of_it() {
        let mut desk = Desk::new();
        let alice = desk.cloud.person("Alice");
        let session = desk.log_in(1, alice);
        for _ in 0..2 {
            desk.ask(&session, &tl::updates::GetState {});
        }
        let nobody = tl::InputPeer::InputPeerEmpty;
        desk.ask(&session, &tl::messages::SendMessage { peer: nobody, ..Default::default() });
        desk.write();
        let mut counted = shown(&desk, "heliogram_rpc_requests_total");
        counted.sort_unstable();
        let expected = [
            "heliogram_rpc_requests_total{method=\"messages.sendMessage\",outcome=\"refused\"} 1",
            "heliogram_rpc_requests_total{method=\"updates.getState\",outcome=\"answered\"} 2",
        ];
        assert_eq!(counted, expected);
        assert_eq!(shown(&desk, "heliogram_rpc_errors_total").len(), 1);
        assert_eq!(shown(&desk, "heliogram_rpc_request_duration_seconds_count").len(), 2);
    }

    #[test]
    fn methods_that_somebody_makes_up_share_one_label() {
        let mut desk = Desk::new();
        let alice = desk.cloud.person("Alice");
        let session = desk.log_in(1, alice);
        let before = shown(&desk, "heliogram_").len();
        for id in 0..10_000_u32 {
            let query = Raw((0x5eed_0000 + id).to_le_bytes().to_vec().into());
            desk.ask(&session, &tl::InvokeWithoutUpdates { query });
            desk.hear(&session);
        }
        let line = "heliogram_rpc_requests_total{method=\"unknown\",outcome=\"refused\"} 10000";
        assert_eq!(shown(&desk, "heliogram_rpc_requests_total"), [line]);
        let line = "heliogram_rpc_errors_total{error=\"METHOD_INVALID\"} 10000";
        assert_eq!(shown(&desk, "heliogram_rpc_errors_total"), [line]);
        let added = shown(&desk, "heliogram_").len() - before;
        assert!(added < 20, "{added} lines for one label each");
    }
}

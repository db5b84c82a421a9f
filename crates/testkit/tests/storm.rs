//! Sixty sessions whose connections are cut at random while their people write to each other. The
//! large one, against a process of its own, is `cargo xtask storm`.

use std::sync::Arc;
use std::time::Duration;

use heliogram_client::Client;
use heliogram_ids::DcId;
use heliogram_testkit::World;
use heliogram_testkit::storm::{Plan, Sky, Storm};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_in_a_storm_is_everywhere_once_and_in_order() {
    let world = World::in_memory();
    let plan = Plan {
        people: 20,
        first: 0,
        sessions_each: 3,
        rages: Duration::from_secs(10),
        life: Duration::from_secs(2),
        pause: Duration::from_millis(600),
        patience: Duration::from_secs(120),
        seed: 7,
    };
    let sky = Sky::new(plan.seed, plan.life);
    let door = |sky: &Arc<Sky>| {
        let (server, sky) = (world.shared(), Arc::clone(sky));
        let connector = move || {
            let frail = server.pipe().map(|pipe| sky.expose(pipe)).map_err(std::io::Error::other);
            async move { frail }
        };
        let dc = DcId::new(2).expect("two is a data centre");
        Client::builder().api(1, "hash").dc(dc, connector, [*world.key()])
    };
    let mut storm = Storm::gather(plan, sky, door).await;
    storm.rage().await;
    let verdict = storm.settle().await;
    storm.disperse().await;
    world.stop().await;
    println!("{verdict}");
    assert!(verdict.is_good(), "{verdict}");
    assert!(verdict.struck.total() > 60, "it was no storm: {verdict}");
}

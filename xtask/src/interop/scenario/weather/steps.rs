//! Every kind of weather, in order.

use std::time::Duration;

use super::foul::Foul;
use super::out::{Out, Side};
use crate::interop::actor::{Told, User};
use crate::interop::cast::{ALICE, BOB};
use crate::interop::scenario::getting_in::log_in_as;
use crate::interop::scenario::theatre::Player;
use crate::interop::scenario::verdict::require;
use crate::interop::transport::Transport;

/// A kind of weather and what has to be seen of it.
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) play: fn(&mut Out) -> Told<()>,
    /// Without it the steps behind it make no sense.
    pub(super) is_needed: bool,
}

const STEPS: &[Step] = &[
    Step { name: "log-in", play: log_in, is_needed: true },
    foul("flips", |out| out.talk_in(Foul::Flips)),
    foul("tears", |out| out.talk_in(Foul::Tears)),
    foul("echoes", |out| out.talk_in(Foul::Echoes)),
    foul("shuffles", |out| out.talk_in(Foul::Shuffles)),
    foul("delays", |out| out.talk_in(Foul::Delays)),
    foul("slow-reader", |out| out.talk_in(Foul::Drips)),
    foul("wrong-dc", wrong_dc),
    foul(WRONG_SECRET_STEP, wrong_secret),
    foul("bystander", bystander),
    foul("clock-ahead", |out| clock(out, 600)),
    foul("clock-behind", |out| clock(out, -600)),
    foul("old-salts", |out| clock(out, 3 * 3600)),
    foul("lean-server", lean_server),
];

const WRONG_SECRET_STEP: &str = "wrong-secret";
/// Memory that a few dozen connections may leave behind, in megabytes.
const GROWTH_MAX: u64 = 64;
/// How long a stray may try.
const STRAY_FOR: Duration = Duration::from_secs(8);
/// A proxy's secret that is nobody's.
const WRONG_SECRET: &str = "ddffeeddccbbaa99887766554433221100";

const fn foul(name: &'static str, play: fn(&mut Out) -> Told<()>) -> Step {
    Step { name, play, is_needed: false }
}

/// The kinds that a client can be out in: who knows no proxies has no wrong secrets.
pub(super) fn of(player: &Player) -> impl Iterator<Item = &'static Step> {
    let has_secrets = player.stranger.transports().contains(&Transport::Mtproxy);
    STEPS.iter().filter(move |step| has_secrets || step.name != WRONG_SECRET_STEP)
}

/// Whether a manifest may speak of a step.
pub(in crate::interop::scenario) fn knows(name: &str) -> bool {
    STEPS.iter().any(|step| step.name == name)
}

fn log_in(out: &mut Out) -> Told<()> {
    log_in_as(&mut out.alice, ALICE)?;
    log_in_as(&mut out.bob, BOB)?;
    out.alice.actor.resolve(BOB.username)?;
    out.bob.actor.resolve(ALICE.username)?;
    out.recover(&[])
}

/// A client that believes in another data centre is let in or told its error, and is in nobody's way.
fn wrong_dc(out: &mut Out) -> Told<()> {
    // Either is right: a client may never say which data centre it means.
    let _ = stray(out, "stray", None, ("STAGE_DC_ID", "4"))?;
    out.recover(&[])
}

/// A client with a wrong secret does not get in, and is in nobody's way.
fn wrong_secret(out: &mut Out) -> Told<()> {
    let told = stray(out, "spy", Some(Transport::Mtproxy), ("STAGE_SECRET", WRONG_SECRET))?;
    require(told.is_err(), || format!("it is let in: {told:?}"))?;
    out.recover(&[])
}

/// Somebody else comes on with a wrong idea and tries to log in.
fn stray(
    out: &mut Out,
    name: &str,
    transport: Option<Transport>,
    idea: (&'static str, &'static str),
) -> Told<Told<User>> {
    let mut player = out.player.clone();
    player.transport = transport.unwrap_or(player.transport);
    out.theatre.ideas = vec![idea];
    let stray = out.theatre.enter(name, &player);
    out.theatre.ideas.clear();
    // That it complains is only right.
    out.theatre.forgive(name);
    let mut stray = stray?;
    stray.actor.ready()?;
    let with = serde_json::json!({ "phone": BOB.phone, "code": BOB.code() });
    Ok(stray.actor.ask_within(STRAY_FOR, "log_in", with))
}

/// Bob, who was never out, has nothing to complain of.
fn bystander(out: &mut Out) -> Told<()> {
    out.theatre.forgive("alice");
    let complaints = out.theatre.complaints();
    require(complaints.is_empty(), || complaints.join(" | "))
}

/// The server comes back with another idea of the time than its clients; both those who were there
/// and one that starts anew have to find into it.
fn clock(out: &mut Out, offset_secs: i64) -> Told<()> {
    out.shift(offset_secs)?;
    // Whoever only listens is never told that their time is wrong.
    out.look_around()?;
    out.recover(&[Side::Alice, Side::Bob])?;
    out.reenter()?;
    out.recover(&[])
}

fn lean_server(out: &mut Out) -> Told<()> {
    let now = out.theatre.cloud.resident_megabytes()?;
    let before = out.before;
    require(now <= before + GROWTH_MAX, || format!("{before} MB before, {now} MB now"))
}

//! Those who are out, and what they say there.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::foul::{Changing, Foul};
use crate::interop::actor::{ANSWER_WITHIN, Line, Message, Told, Trouble};
use crate::interop::cable::Cable;
use crate::interop::scenario::story::{hear_text, texts};
use crate::interop::scenario::theatre::{Part, Player, Theatre};
use crate::interop::scenario::verdict::{expect, require};

/// Alice, out in the weather, and Bob, who is not.
pub(super) struct Out {
    pub(super) theatre: Theatre,
    pub(super) player: Player,
    pub(super) alice: Part,
    pub(super) bob: Part,
    pub(super) sky: Changing,
    /// What the server had in memory before it began, in megabytes.
    pub(super) before: u64,
    /// What Alice said and was told that it is sent.
    acknowledged: Vec<String>,
    /// What Bob said.
    said: Vec<String>,
    rounds: usize,
    /// Whether the server is in another time.
    is_shifted: bool,
    patience: Duration,
}

/// One of the two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Side {
    Alice,
    Bob,
}

/// Lines of each side in one weather.
const LINES: usize = 8;
/// Between two of them.
const PAUSE: Duration = Duration::from_millis(150);
/// How long a client may take to come back when the weather is fair.
pub(super) const BACK_WITHIN: Duration = Duration::from_secs(75);
/// The same where the manifest says that it will not.
pub(super) const BACK_WITHOUT_HOPE: Duration = Duration::from_secs(6);
/// How much of the history is looked at.
const HISTORY: usize = 100;

impl Out {
    /// Has both come on.
    pub(super) fn begin(mut theatre: Theatre, player: &Player, seed: u64) -> Told<Self> {
        let sky = Changing::new(seed);
        let cable = Cable::lay(theatre.cloud.door(player.transport), Arc::new(sky.clone()))?;
        let mut alice = theatre.enter_by("alice", player, cable)?;
        let mut bob = theatre.enter("bob", player)?;
        for part in [&mut alice, &mut bob] {
            part.actor.ready()?;
        }
        let before = theatre.cloud.resident_megabytes()?;
        let (player, rounds, is_shifted) = (player.clone(), 0, false);
        let (acknowledged, said) = (Vec::new(), Vec::new());
        Ok(Self {
            theatre,
            player,
            alice,
            bob,
            sky,
            before,
            acknowledged,
            said,
            rounds,
            is_shifted,
            patience: BACK_WITHIN,
        })
    }

    /// How long it may take from now on until everybody is back.
    pub(super) fn be_patient(&mut self, patience: Duration) {
        self.patience = patience;
        self.alice.be_patient(patience);
        self.bob.be_patient(patience);
    }

    /// Alice and Bob talk in a weather; then it is fair again.
    pub(super) fn talk_in(&mut self, weather: Foul) -> Told<()> {
        let spoilt = self.sky.spoilt();
        self.sky.change(weather);
        let orders = self.exchange(weather);
        self.sky.change(Foul::Fair);
        // What is left of a spoilt link is of no use to anybody, and both sides would need their
        // time to notice.
        self.alice.cable.cut();
        self.alice.cable.mend()?;
        let deadline = Instant::now() + self.patience;
        for (text, order) in orders? {
            let left = deadline.saturating_duration_since(Instant::now());
            if self.alice.actor.finish_within::<Message>(left, order, "send").is_ok() {
                self.acknowledged.push(text);
            }
        }
        let spoilt = self.sky.spoilt() - spoilt;
        require(spoilt > 0, || "nothing was spoilt".to_owned())?;
        self.recover(&[Side::Alice])
    }

    /// Alice does not wait for her answers; Bob insists on his.
    fn exchange(&mut self, weather: Foul) -> Told<Vec<(String, u64)>> {
        let mut orders = Vec::new();
        for number in 1..=LINES {
            let [hers, his] = ["Alice", "Bob"].map(|who| format!("{who} in {weather:?}, {number}"));
            let with = serde_json::json!({ "to": self.bob.who(), "text": hers });
            orders.push((hers, self.alice.actor.start("send", with)?));
            // Whoever hardly reads gets much to read.
            let more =
                if weather == Foul::Drips { " and so on".repeat(380) } else { String::new() };
            let line = Line::plain(&format!("{his}{more}"));
            self.bob.actor.send(&self.alice.who(), &line)?;
            self.said.push(line.text);
            std::thread::sleep(PAUSE);
        }
        Ok(orders)
    }

    /// Alice is back; what she was told is sent has arrived, once; and nothing of Bob's is lost.
    ///
    /// Whoever was disturbed may try again and again; the other has to succeed at once.
    pub(super) fn recover(&mut self, disturbed: &[Side]) -> Told<()> {
        self.rounds += 1;
        let round = self.rounds;
        for (side, words) in [(Side::Alice, "back again"), (Side::Bob, "welcome back")] {
            let attempts = if disturbed.contains(&side) { usize::MAX } else { 1 };
            let arrived = self.insist(side, &format!("{words}, {round}"), attempts)?;
            let listener = if side == Side::Alice { &self.bob } else { &self.alice };
            hear_text(listener, &arrived)?;
            let kept = if side == Side::Alice { &mut self.acknowledged } else { &mut self.said };
            kept.push(arrived);
        }
        self.compare()
    }

    /// Both ask for something until they get it.
    pub(super) fn look_around(&mut self) -> Told<()> {
        let (alice, bob) = (self.alice.who(), self.bob.who());
        for (part, chat) in [(&mut self.alice, bob), (&mut self.bob, alice)] {
            let deadline = Instant::now() + self.patience;
            let with = serde_json::json!({ "chat": chat, "limit": 1 });
            let each = self.patience.min(ANSWER_WITHIN);
            while let Err(trouble) =
                part.actor.ask_within::<Vec<Message>>(each, "history", with.clone())
            {
                if Instant::now() > deadline {
                    return Err(trouble);
                }
                std::thread::sleep(Duration::from_millis(500));
            }
        }
        Ok(())
    }

    /// Says something until it is acknowledged. An attempt may have arrived although nobody said so,
    /// so each has words of its own.
    fn insist(&mut self, side: Side, words: &str, attempts: usize) -> Told<String> {
        let (speaker, listener) = match side {
            Side::Alice => (&mut self.alice, &self.bob),
            Side::Bob => (&mut self.bob, &self.alice),
        };
        let deadline = Instant::now() + self.patience;
        for attempt in 1.. {
            let line = Line::plain(&format!("{words}.{attempt}"));
            match speaker.actor.send(&listener.who(), &line) {
                Ok(_) => return Ok(line.text),
                Err(trouble) if attempt >= attempts || Instant::now() > deadline => {
                    return Err(trouble);
                }
                Err(_) => std::thread::sleep(Duration::from_millis(500)),
            }
        }
        Err(Trouble::Wrong("nobody tried".to_owned()))
    }

    fn compare(&mut self) -> Told<()> {
        let (alice, bob) = (self.alice.who(), self.bob.who());
        let at_bobs = texts(&mut self.bob, &alice, HISTORY)?;
        once(&at_bobs, &self.acknowledged, "what Alice said, at Bob's")?;
        let at_alices = texts(&mut self.alice, &bob, HISTORY)?;
        once(&at_alices, &self.said, "what Bob said, at Alice's")?;
        // A page does not grow with the play.
        self.acknowledged.clear();
        self.said.clear();
        Ok(())
    }

    /// The server is gone for a moment and comes back with another idea of the time.
    pub(super) fn shift(&mut self, offset_secs: i64) -> Told<()> {
        self.is_shifted = true;
        self.theatre.cloud.restart(&["--clock-offset".to_owned(), offset_secs.to_string()])?;
        Ok(())
    }

    /// A fresh process takes Alice's session over.
    pub(super) fn reenter(&mut self) -> Told<()> {
        self.alice.actor.leave()?;
        self.theatre.reenter(&mut self.alice)?;
        self.alice.be_patient(self.patience);
        let me = self.alice.actor.resume()?;
        expect(me.id, self.alice.me.id, "who came back")
    }

    /// Both actors are replaced by fresh ones, so that one bad weather does not spoil the next.
    pub(super) fn replace(&mut self) -> Told<()> {
        self.sky.change(Foul::Fair);
        if std::mem::take(&mut self.is_shifted) {
            self.theatre.cloud.restart(&[])?;
        }
        self.acknowledged.clear();
        self.said.clear();
        for part in [&mut self.alice, &mut self.bob] {
            part.actor.kill();
            self.theatre.reenter(part)?;
            part.actor.resume()?;
        }
        Ok(())
    }
}

/// Insists that every text is in a history once.
fn once(history: &[String], texts: &[String], what: &str) -> Told<()> {
    let wrong = texts.iter().find_map(|text| {
        let times = history.iter().filter(|each| *each == text).count();
        (times != 1).then(|| format!("{what}: {text:.40?} is there {times} times"))
    });
    wrong.map_or(Ok(()), |wrong| Err(Trouble::Wrong(wrong)))
}

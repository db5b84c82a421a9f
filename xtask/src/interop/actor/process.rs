//! An actor's process: started, spoken to, listened to, ended. All it says is written down beside
//! the cloud's log.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::inbox::Inbox;
use super::things::{Event, Ready};
use super::trouble::{Told, Trouble};

/// How long an actor may take to load its library.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// How long an order may take that says nothing else.
pub(in crate::interop) const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// How long an actor may take to go when it is told to.
const GONE_WITHIN: Duration = Duration::from_secs(10);

/// How an actor comes on stage.
pub(in crate::interop) struct Opening {
    /// Whose part it plays, for the transcript.
    pub(in crate::interop) part: String,
    /// The program, with everything in its environment but where the cloud is.
    pub(in crate::interop) program: Command,
    /// Where transcripts go.
    pub(in crate::interop) folder: PathBuf,
}

/// One session of one account, played by a stock client.
pub(in crate::interop) struct Actor {
    part: String,
    process: Child,
    orders: Option<ChildStdin>,
    inbox: Arc<Inbox>,
    transcript: Arc<Transcript>,
    ears: Vec<JoinHandle<()>>,
    numbered: u64,
    /// How long what has to be heard of may take.
    pub(in crate::interop) patience: Duration,
}

impl Actor {
    /// Starts the process; [`Self::ready`] waits until it takes orders.
    ///
    /// # Errors
    /// If the program cannot be started or its transcript cannot be written.
    pub(in crate::interop) fn enter(opening: Opening) -> io::Result<Self> {
        let Opening { part, mut program, folder } = opening;
        let stderr = folder.join(format!("{part}.err"));
        let transcript = Arc::new(Transcript::open(folder.join(format!("{part}.log")))?);
        let mut complaints = File::options().append(true).create(true).open(stderr)?;
        let mut process = program
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(complaints.try_clone()?)
            .spawn()?;
        let inbox = Arc::new(Inbox::default());
        let stdout = process.stdout.take().expect("standard output is piped: asked for above");
        let (ear, written) = (Arc::clone(&inbox), Arc::clone(&transcript));
        let ears = vec![std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                written.write('<', &line);
                if let Err(error) = ear.take(&line) {
                    // Beside the client's own complaints, where whoever judges the run will look.
                    let _ = writeln!(complaints, "ERROR no line of the contract: {error}: {line}");
                }
            }
            ear.close();
        })];
        let orders = process.stdin.take();
        let (numbered, patience) = (0, Duration::from_secs(15));
        Ok(Self { part, process, orders, inbox, transcript, ears, numbered, patience })
    }

    /// Who this is.
    pub(in crate::interop) fn ready(&self) -> Told<Ready> {
        self.inbox.ready(Instant::now() + READY_WITHIN)
    }

    /// Whose part it plays.
    pub(in crate::interop) fn part(&self) -> &str {
        &self.part
    }

    /// Gives an order and waits for its answer.
    pub(in crate::interop) fn ask<T: DeserializeOwned>(
        &mut self,
        order: &str,
        with: Value,
    ) -> Told<T> {
        self.ask_within(ANSWER_WITHIN, order, with)
    }

    /// The same, with more patience or less.
    pub(in crate::interop) fn ask_within<T: DeserializeOwned>(
        &mut self,
        within: Duration,
        order: &str,
        with: Value,
    ) -> Told<T> {
        let number = self.start(order, with)?;
        self.finish_within(within, number, order)
    }

    /// Gives an order and does not wait.
    pub(in crate::interop) fn start(&mut self, order: &str, mut with: Value) -> Told<u64> {
        self.numbered += 1;
        if with.is_null() {
            with = json!({});
        }
        with["id"] = self.numbered.into();
        with["do"] = order.into();
        self.say(&with)?;
        Ok(self.numbered)
    }

    /// Waits for the answer to an order.
    pub(in crate::interop) fn finish<T: DeserializeOwned>(
        &self,
        number: u64,
        order: &str,
    ) -> Told<T> {
        self.finish_within(ANSWER_WITHIN, number, order)
    }

    /// The same, with more patience or less.
    pub(in crate::interop) fn finish_within<T: DeserializeOwned>(
        &self,
        within: Duration,
        number: u64,
        order: &str,
    ) -> Told<T> {
        let answer = self.inbox.answer(number, order, Instant::now() + within)?;
        serde_json::from_value(answer)
            .map_err(|error| Trouble::Wrong(format!("the answer to {order}: {error}")))
    }

    /// What the first event, past or future, holds that `wanted` picks something from.
    pub(in crate::interop) fn hear<T>(
        &self,
        what: &str,
        wanted: impl Fn(&Event) -> Option<T>,
    ) -> Told<T> {
        self.hear_within(self.patience, what, wanted)
    }

    /// The same, with more patience or less.
    pub(in crate::interop) fn hear_within<T>(
        &self,
        within: Duration,
        what: &str,
        wanted: impl Fn(&Event) -> Option<T>,
    ) -> Told<T> {
        let what = format!("{what}, at {}", self.part);
        self.inbox.first(Instant::now() + within, &what, wanted)
    }

    /// Everything heard so far that `wanted` picks something from.
    pub(in crate::interop) fn heard<T>(&self, wanted: impl Fn(&Event) -> Option<T>) -> Vec<T> {
        self.inbox.all(wanted)
    }

    /// Ends the process in the middle of whatever it does.
    pub(in crate::interop) fn kill(&mut self) {
        // It may have gone by itself.
        let _ = self.process.kill();
    }

    /// Hangs up as the library would, and ends.
    pub(in crate::interop) fn leave(&mut self) -> Told<()> {
        let _: Value = self.ask_within(GONE_WITHIN, "stop", Value::Null)?;
        self.orders = None;
        self.wait_gone().then_some(()).ok_or_else(|| Trouble::Wrong("it does not go".to_owned()))
    }

    fn say(&mut self, line: &Value) -> Told<()> {
        let line = line.to_string();
        self.transcript.write('>', &line);
        let gone = || Trouble::Wrong("the actor is gone".to_owned());
        let orders = self.orders.as_mut().ok_or_else(gone)?;
        writeln!(orders, "{line}").and_then(|()| orders.flush()).map_err(|_| gone())
    }

    fn wait_gone(&mut self) -> bool {
        let deadline = Instant::now() + GONE_WITHIN;
        while Instant::now() < deadline {
            if matches!(self.process.try_wait(), Ok(Some(_))) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        // The end of its standard input is the end of the actor; who does not see it is helped.
        self.orders = None;
        if !self.wait_gone() {
            self.transcript.write('!', "killed: the end of standard input did not end it");
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
        for ear in self.ears.drain(..) {
            let _ = ear.join();
        }
    }
}

/// Everything both sides said, with the time since the curtain.
struct Transcript {
    since: Instant,
    file: Mutex<File>,
}

impl Transcript {
    fn open(path: PathBuf) -> io::Result<Self> {
        let file = File::options().append(true).create(true).open(path)?;
        Ok(Self { since: Instant::now(), file: Mutex::new(file) })
    }

    fn write(&self, way: char, line: &str) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // A transcript that cannot be written is no reason to stop the play.
        let _ = writeln!(file, "{:9.3} {way} {line}", self.since.elapsed().as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// An actor that does what a few lines of shell say for each order.
    fn actor(folder: &std::path::Path, each: &str) -> Actor {
        let mut program = Command::new("sh");
        let script = format!(
            r#"echo '{{"ready":{{"client":"sh","version":"1"}}}}'; n=0;
               while read line; do n=$((n+1)); {each}; done"#
        );
        program.args(["-c", &script]);
        let (part, folder) = ("somebody".to_owned(), folder.to_owned());
        Actor::enter(Opening { part, program, folder }).unwrap()
    }

    #[test]
    fn orders_are_answered_and_events_are_heard() {
        let folder = tempfile::tempdir().unwrap();
        let each = r#"echo '{"event":"read","up_to":7}'; echo "{\"id\":$n,\"ok\":[$n]}""#;
        let mut actor = actor(folder.path(), each);
        assert_eq!(actor.ready().unwrap().client, "sh");
        assert_eq!(actor.ask::<Vec<u64>>("count", Value::Null), Ok(vec![1]));
        assert_eq!(actor.ask::<Vec<u64>>("count", Value::Null), Ok(vec![2]));
        let heard = actor.heard(|event| matches!(event, Event::Read { up_to: 7 }).then_some(()));
        assert_eq!(heard.len(), 2);
        drop(actor);
        let transcript = std::fs::read_to_string(folder.path().join("somebody.log")).unwrap();
        assert!(transcript.contains(r#"> {"id":1,"do":"count"}"#), "{transcript}");
        assert!(!transcript.contains("killed"), "{transcript}");
    }

    #[test]
    fn an_order_has_a_deadline_and_a_gone_actor_is_known_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut silent = actor(folder.path(), ":");
        let within = Duration::from_millis(50);
        let told = silent.ask_within::<Value>(within, "count", Value::Null);
        assert_eq!(told, Err(Trouble::Wrong("count: no answer in time".to_owned())));

        let mut gone = actor(folder.path(), "exit 3");
        let told = gone.ask::<Value>("count", Value::Null);
        assert_eq!(told, Err(Trouble::Wrong("count: the actor is gone".to_owned())));
    }

    #[test]
    fn what_the_contract_does_not_know_is_written_with_the_complaints() {
        let folder = tempfile::tempdir().unwrap();
        let each = r#"echo "connecting"; echo "{\"id\":$n,\"ok\":null}""#;
        let mut actor = actor(folder.path(), each);
        let _: Value = actor.ask("count", Value::Null).unwrap();
        drop(actor);
        let found = super::super::complaints(&folder.path().join("somebody.err"));
        assert_eq!(found.len(), 1, "{found:?}");
    }
}

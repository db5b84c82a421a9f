//! What busy people do: mostly talk, and now and then everything else that an account is for.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use heliogram_client::{Client, FileRef};
use heliogram_crypto::{Random as _, SeededRandom};
use heliogram_ids::{MessageId, Peer};
use heliogram_tl as tl;
use tokio::sync::watch;

use crate::diary::Diary;
use crate::listen::Ear;
use crate::said::{Line, Words, file};

/// Somebody with things to do.
pub(crate) struct Person {
    pub(crate) number: usize,
    pub(crate) client: Client,
    /// The people to the left and to the right, by their numbers.
    pub(crate) neighbours: [(usize, Peer); 2],
    /// The bot they know, if there are bots.
    pub(crate) bot: Option<Peer>,
    pub(crate) ear: Ear,
    pub(crate) pause: Duration,
    pub(crate) rng: SeededRandom,
    pub(crate) diary: Arc<Diary>,
}

/// What came of somebody's errands.
#[derive(Default)]
pub(crate) struct Account {
    pub(crate) spoken: Vec<Spoken>,
    /// Errands that were done, by kind.
    pub(crate) done: [u64; KINDS.len()],
    pub(crate) faults: Vec<String>,
    lines: u32,
}

/// A message that was acknowledged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spoken {
    pub(crate) line: Line,
    pub(crate) to: To,
    pub(crate) id: MessageId,
    /// How often it was changed since.
    pub(crate) edits: u32,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum To {
    /// A person, by their number.
    Person(usize),
    Bot,
}

/// A kind of errand.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Say,
    Edit,
    Read,
    Page,
    Post,
    Fetch,
    AskBot,
}

/// Every kind with its name, and how many of a hundred errands are of it.
pub(crate) const KINDS: [(Kind, &str, u64); 7] = [
    (Kind::Say, "said", 50),
    (Kind::Edit, "edited", 10),
    (Kind::Read, "read", 10),
    (Kind::Page, "paged", 12),
    (Kind::Post, "posted", 6),
    (Kind::Fetch, "fetched", 6),
    (Kind::AskBot, "asked", 6),
];

type Done = Result<(), Box<dyn Error + Send + Sync>>;

impl Person {
    /// Runs errands until it is over.
    pub(crate) async fn live(mut self, mut over: watch::Receiver<bool>) -> (Self, Account) {
        let mut account = Account::default();
        loop {
            let pause = self.pause.mul_f64(self.rng.below(2000) as f64 / 1000.0);
            if tokio::time::timeout(pause, over.wait_for(|over| *over)).await.is_ok() {
                return (self, account);
            }
            let at = self.choose();
            match self.run(KINDS[at].0, &mut account).await {
                Ok(()) => account.done[at] += 1,
                Err(error) => account.fault(self.number, KINDS[at].1, &*error),
            }
        }
    }

    fn choose(&mut self) -> usize {
        let mut draw = self.rng.below(KINDS.iter().map(|(_, _, share)| share).sum());
        let fits = |(_, _, share): &(Kind, &str, u64)| match draw.checked_sub(*share) {
            Some(rest) => {
                draw = rest;
                false
            }
            None => true,
        };
        KINDS.iter().position(fits).expect("the draw is below the sum")
    }

    async fn run(&mut self, kind: Kind, account: &mut Account) -> Done {
        let (neighbour, peer) = self.neighbours[self.rng.below(2) as usize];
        match kind {
            Kind::Say => self.say(peer, To::Person(neighbour), account).await,
            Kind::Edit => self.edit(account).await,
            Kind::Read => self.read(peer).await,
            Kind::Page => self.page(peer).await,
            Kind::Post => self.post(peer, neighbour, account).await,
            Kind::Fetch => self.fetch().await,
            Kind::AskBot => match self.bot {
                Some(bot) => self.say(bot, To::Bot, account).await,
                None => Ok(()),
            },
        }
    }

    async fn say(&mut self, peer: Peer, to: To, account: &mut Account) -> Done {
        let line = account.next_line(self.number);
        let text = Words::Said { line, edits: 0 }.text();
        let sent = self.client.send_message(peer, text).await?;
        self.diary.count_message();
        account.spoken.push(Spoken { line, to, id: sent.id, edits: 0 });
        Ok(())
    }

    /// Changes what was last said to a person.
    async fn edit(&mut self, account: &mut Account) -> Done {
        let to_person = |spoken: &&mut Spoken| spoken.to != To::Bot;
        let Some(spoken) = account.spoken.iter_mut().rfind(to_person) else { return Ok(()) };
        let edits = spoken.edits + 1;
        let peer = self.neighbours.iter().find(|(number, _)| spoken.to == To::Person(*number));
        let (_, peer) = peer.expect("people talk with their neighbours");
        let text = Words::Said { line: spoken.line, edits }.text();
        self.client.edit_message(*peer, spoken.id, &text).await?;
        spoken.edits = edits;
        Ok(())
    }

    /// Says that the chat is read as far as it was heard.
    async fn read(&self, peer: Peer) -> Done {
        let Peer::User(user) = peer else { return Ok(()) };
        let newest = self.ear.lock().newest.get(&user.get()).copied();
        let Some(max_id) = newest else { return Ok(()) };
        let peer = self.client.resolve(peer).await?;
        self.client.invoke(&tl::messages::ReadHistory { peer, max_id }).await?;
        Ok(())
    }

    async fn page(&self, peer: Peer) -> Done {
        self.client.history(peer, None, 30).await?;
        Ok(())
    }

    async fn post(&mut self, peer: Peer, to: usize, account: &mut Account) -> Done {
        let line = account.next_line(self.number);
        let bytes = file(line);
        let upload = self.client.upload(&bytes[..], Some(bytes.len() as u64), "soak.bin");
        let file = upload.run().await?;
        let document = self.client.send_document(peer, file, "application/octet-stream");
        let sent = document.caption(Words::Said { line, edits: 0 }.text()).await?;
        self.diary.count_message();
        account.spoken.push(Spoken { line, to: To::Person(to), id: sent.id, edits: 0 });
        Ok(())
    }

    /// Downloads a file that was heard of, and looks at every byte.
    async fn fetch(&self) -> Done {
        let Some((line, found)) = self.ear.lock().files.pop_front() else { return Ok(()) };
        match self.download(&found).await? == file(line) {
            true => Ok(()),
            false => Err(format!("the file of {line:?} is another").into()),
        }
    }

    async fn download(&self, found: &FileRef) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        let mut bytes = Vec::new();
        self.client.download_file(found).write_to(&mut bytes).await?;
        Ok(bytes)
    }
}

impl Account {
    /// The next line of a person. One that was refused leaves a hole, which is no loss.
    fn next_line(&mut self, person: usize) -> Line {
        self.lines += 1;
        Line { person: person as u32, number: self.lines }
    }

    fn fault(&mut self, person: usize, what: &str, error: &dyn Error) {
        self.faults.push(format!("{person} has not {what}: {error}"));
    }
}

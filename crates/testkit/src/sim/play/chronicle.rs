//! What people asked for and were told, as they know it themselves: what the system is held to.

use std::collections::{BTreeMap, BTreeSet};

use heliogram_tl as tl;

/// Everything that was asked for in a world.
#[derive(Debug, Default)]
pub(in crate::sim) struct Chronicle {
    /// By their marks.
    pub(in crate::sim) said: BTreeMap<Mark, Said>,
    /// Names that each person has asked for, and whether that was acknowledged.
    pub(in crate::sim) names: BTreeMap<usize, Vec<(String, bool)>>,
    /// Texts of the bot that somebody tried to delete, by their first two words.
    pub(in crate::sim) bot_touched: BTreeSet<String>,
    /// People who tried to clear their chat with the bot, by id.
    pub(in crate::sim) bot_cleared: BTreeSet<i64>,
    /// Chats that are being cleared, as far as is known: whatever is said there may go.
    clearings: Vec<Clearing>,
    /// How many requests were answered, refused for a reason, and given up.
    pub(in crate::sim) done: u64,
    pub(in crate::sim) refused: u64,
    pub(in crate::sim) lost: u64,
    pub(in crate::sim) faults: Vec<String>,
}

/// What tells a message from all others, whatever becomes of it: the first word of its text.
pub(in crate::sim) type Mark = String;

/// A message that somebody sent, or tried to.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Said {
    /// Who, by number.
    pub(in crate::sim) person: usize,
    /// To whom, by id.
    pub(in crate::sim) chat: i64,
    /// The request, to be repeated.
    pub(in crate::sim) request: tl::messages::SendMessage,
    pub(in crate::sim) fate: Fate,
    /// The contents of a file that it carries.
    pub(in crate::sim) file: Option<Vec<u8>>,
    /// How often somebody tried to delete the copy of the sender, and of the recipient.
    pub(in crate::sim) touched: [u32; 2],
    /// Whether such a deletion was acknowledged.
    pub(in crate::sim) deleted: [bool; 2],
    /// Whether somebody tried to clear its chat: what is deleted there afterwards may be what was left
    /// in its place.
    pub(in crate::sim) cleared: bool,
}

/// A chat that somebody is clearing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::sim) struct Clearing {
    /// Who, by number and by id.
    pub(in crate::sim) person: usize,
    pub(in crate::sim) me: i64,
    pub(in crate::sim) chat: i64,
    pub(in crate::sim) for_all: bool,
}

/// What became of it, as far as its sender knows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::sim) enum Fate {
    /// Nobody has said.
    Unknown,
    /// It was acknowledged under this id.
    Sent(i32),
    /// It was refused, and is nowhere.
    Refused,
}

impl Chronicle {
    pub(in crate::sim) fn fault(&mut self, fault: String) {
        self.faults.push(fault);
    }

    /// A request was acknowledged with an id: the first, or the same as the first.
    pub(in crate::sim) fn sent(&mut self, mark: &str, id: i32) {
        let Some(said) = self.said.get_mut(mark) else { return };
        match said.fate {
            Fate::Sent(first) if first != id => {
                self.faults.push(format!("{mark} is {first}, and {id} when it is sent again"));
            }
            Fate::Refused => self.faults.push(format!("{mark} was refused and is sent now")),
            _ => said.fate = Fate::Sent(id),
        }
    }

    /// The first try of a request was refused: there will be no message.
    pub(in crate::sim) fn refuse(&mut self, mark: &str) {
        if let Some(said) = self.said.get_mut(mark)
            && said.fate == Fate::Unknown
        {
            said.fate = Fate::Refused;
        }
    }

    /// Somebody deletes what is left of a message; `known` once it is acknowledged.
    pub(in crate::sim) fn delete(&mut self, text: &str, person: usize, for_all: bool, known: bool) {
        let Some(mark) = mark_of(text) else {
            self.bot_touched.extend(bot_mark_of(text).map(str::to_owned));
            return;
        };
        let Some(said) = self.said.get_mut(mark) else { return };
        let own = usize::from(said.person != person);
        for side in 0..2 {
            if for_all || side == own {
                said.touched[side] += u32::from(!known);
                // Whose own copy is gone by then cannot take back the other.
                let is_only = said.touched[own] == 1 && !said.cleared;
                said.deleted[side] |= known && (side == own || is_only);
            }
        }
    }

    /// Somebody sends something; `me` is the sender's id.
    pub(in crate::sim) fn begin(&mut self, mark: Mark, me: i64, mut said: Said) {
        self.clearings.iter().for_each(|clearing| clearing.touch(me, &mut said));
        self.said.insert(mark, said);
    }

    /// Somebody clears a chat: whatever is there by the time that the request arrives.
    pub(in crate::sim) fn clear(&mut self, clearing: Clearing, ids: &[i64]) {
        self.clearings.push(clearing);
        for said in self.said.values_mut() {
            clearing.touch(ids[said.person], said);
        }
    }

    /// It is cleared; what comes now stays.
    pub(in crate::sim) fn cleared(&mut self, clearing: Clearing) {
        let place = self.clearings.iter().position(|one| *one == clearing);
        place.map(|place| self.clearings.remove(place));
    }
}

impl Clearing {
    fn touch(&self, sender: i64, said: &mut Said) {
        if [(self.me, self.chat), (self.chat, self.me)].contains(&(sender, said.chat)) {
            let own = usize::from(said.person != self.person);
            said.cleared = true;
            said.touched[own] += 1;
            said.touched[1 - own] += u32::from(self.for_all);
        }
    }
}

/// What tells a text of the bot from its others.
pub(in crate::sim) fn bot_mark_of(text: &str) -> Option<&str> {
    let number = text.strip_prefix("bot ")?.split(' ').next()?;
    text.get(..4 + number.len())
}

/// The mark of a text that somebody here has written.
pub(in crate::sim) fn mark_of(text: &str) -> Option<&str> {
    text.split(' ').next().filter(|mark| mark.starts_with('#'))
}

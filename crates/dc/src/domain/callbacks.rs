//! Pressed buttons that wait for their bots, and answers that bots let us repeat.
//!
//! Lost in a restart, like the connections of those who wait.

use std::collections::BTreeMap;
use std::time::Duration;

use heliogram_ids::{MessageId, Peer, Timestamp, UserId};
use heliogram_store::engine::View;
use heliogram_store::{Read, StoreError};
use parking_lot::Mutex;

use crate::error::{Rpc, RpcError};
use crate::record::{ButtonKind, Markup, MessageRow};
use crate::tables::{Copies, Messages};

/// The open questions and the answers that may be given again.
#[derive(Debug, Default)]
pub(crate) struct Callbacks {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    open: BTreeMap<i64, Open>,
    answers: BTreeMap<Pressed, (Timestamp, Vec<u8>)>,
}

/// A question that its bot has not answered yet.
#[derive(Clone, Debug)]
struct Open {
    bot: UserId,
    pressed: Pressed,
    expires: Timestamp,
}

/// One button under the thumb of one user.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Pressed {
    pub(crate) user: UserId,
    /// The number that ties the copies of the message together.
    pub(crate) copy: i64,
    pub(crate) data: Vec<u8>,
}

/// Most questions that are open, and most answers that are kept, at the same time.
const MAX: usize = 100_000;

impl Callbacks {
    /// Opens a question. Questions that nobody answered in time are forgotten; if far too many are
    /// open, the new one is refused.
    ///
    /// # Errors
    /// `BOT_RESPONSE_TIMEOUT`.
    pub(crate) fn open(
        &self,
        id: i64,
        bot: UserId,
        pressed: Pressed,
        now: Timestamp,
        timeout: Duration,
    ) -> Rpc<()> {
        let mut inner = self.inner.lock();
        if inner.open.len() >= MAX {
            inner.open.retain(|_, open| open.expires > now);
        }
        if inner.open.len() >= MAX {
            return Err(RpcError::BOT_RESPONSE_TIMEOUT);
        }
        inner.open.insert(id, Open { bot, pressed, expires: now + timeout });
        Ok(())
    }

    /// Closes a question that `bot` was asked: it can be answered once, and not too late.
    ///
    /// # Errors
    /// `QUERY_ID_INVALID`.
    pub(crate) fn close(&self, id: i64, bot: UserId, now: Timestamp) -> Rpc<Pressed> {
        let mut inner = self.inner.lock();
        match inner.open.get(&id) {
            Some(open) if open.bot == bot && open.expires > now => {}
            _ => return Err(RpcError::QUERY_ID_INVALID),
        }
        let open = inner.open.remove(&id).ok_or(RpcError::QUERY_ID_INVALID)?;
        Ok(open.pressed)
    }

    /// Keeps an encoded answer for later presses of the same button.
    pub(crate) fn keep(&self, pressed: Pressed, until: Timestamp, now: Timestamp, answer: Vec<u8>) {
        let mut inner = self.inner.lock();
        if inner.answers.len() >= MAX {
            inner.answers.retain(|_, (until, _)| *until > now);
        }
        if inner.answers.len() < MAX {
            inner.answers.insert(pressed, (until, answer));
        }
    }

    /// The encoded answer that was kept for a button.
    pub(crate) fn kept(&self, pressed: &Pressed, now: Timestamp) -> Option<Vec<u8>> {
        let mut inner = self.inner.lock();
        match inner.answers.get(pressed) {
            Some((until, answer)) if *until > now => Some(answer.clone()),
            Some(_) => {
                inner.answers.remove(pressed);
                None
            }
            None => None,
        }
    }
}

/// The message whose button `user` pressed, and whether a password must go with it.
///
/// # Errors
/// `MESSAGE_ID_INVALID` without such a message, `DATA_INVALID` without such a button.
pub(crate) fn button(
    db: &dyn View,
    user: UserId,
    peer: Peer,
    id: MessageId,
    data: &[u8],
) -> Rpc<(MessageRow, bool)> {
    let found = db.get::<Messages>(&(user, id))?.filter(|message| message.peer == peer);
    let message = found.ok_or(RpcError::MESSAGE_ID_INVALID)?;
    let Some(Markup::Inline(rows)) = &message.markup else { return Err(RpcError::DATA_INVALID) };
    let password = rows.iter().flatten().find_map(|button| match &button.kind {
        ButtonKind::Callback { data: own, requires_password } if own == data => {
            Some(*requires_password)
        }
        _ => None,
    });
    let password = password.ok_or(RpcError::DATA_INVALID)?;
    Ok((message, password))
}

/// The bot behind a message with buttons, and the id of its own copy.
pub(crate) fn bot_of(
    db: &dyn View,
    message: &MessageRow,
) -> Result<Option<(UserId, MessageId)>, StoreError> {
    let Some(bot) = message.via_bot.or_else(|| message.from.user()) else { return Ok(None) };
    Ok(db.get::<Copies>(&(message.copy, bot))?.map(|id| (bot, id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: i64) -> UserId {
        UserId::new(id).expect("a user id")
    }

    fn pressed() -> Pressed {
        Pressed { user: user(1), copy: 2, data: b"yes".to_vec() }
    }

    #[test]
    fn a_question_is_answered_once_by_its_bot_and_in_time() {
        let callbacks = Callbacks::default();
        let (bot, now) = (user(7), Timestamp::from_secs(1000));
        let timeout = Duration::from_secs(15);
        let open = || callbacks.open(5, bot, pressed(), now, timeout).expect("room for a question");

        open();
        assert_eq!(callbacks.close(5, user(8), now), Err(RpcError::QUERY_ID_INVALID));
        assert_eq!(callbacks.close(6, bot, now), Err(RpcError::QUERY_ID_INVALID));
        assert_eq!(callbacks.close(5, bot, now), Ok(pressed()));
        assert_eq!(callbacks.close(5, bot, now), Err(RpcError::QUERY_ID_INVALID));
        open();
        assert_eq!(callbacks.close(5, bot, now + timeout), Err(RpcError::QUERY_ID_INVALID));
    }

    #[test]
    fn an_answer_is_repeated_as_long_as_the_bot_allowed() {
        let callbacks = Callbacks::default();
        let now = Timestamp::from_secs(1000);
        let until = now + Duration::from_secs(10);
        callbacks.keep(pressed(), until, now, vec![1]);
        assert_eq!(callbacks.kept(&pressed(), now), Some(vec![1]));
        assert_eq!(callbacks.kept(&pressed(), until), None);
    }
}

//! What a request leaves behind to be done after its commit.

use heliogram_ids::{AuthKeyId, MessageId, Peer, Pts, UserId};

use crate::domain::presence::Seen;
use crate::error::RpcError;
use crate::record::PrivacyKey;

/// Everything that waits for the commit of one request.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// Positions that were appended to logs, in order.
    pub(crate) logged: Vec<(UserId, Pts)>,
    /// Events that no log keeps.
    pub(crate) notices: Vec<Told>,
    /// Work on things other than rows.
    pub(crate) effects: Vec<Effect>,
    /// What was written is committed although the request is refused.
    pub(crate) keeps_refused: bool,
}

/// An event without a place in a log, and who is told.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) to: UserId,
    pub(crate) notice: Notice,
}

/// Events that no log keeps: who is offline looks the state up.
#[derive(Clone, Debug)]
pub(crate) enum Notice {
    /// Somebody writes; the action is TL for the viewer's eyes only, passed through as it came.
    Typing { from: UserId, action: heliogram_tl::SendMessageAction },
    /// Somebody came online or left.
    Status { of: UserId, seen: Seen },
    /// Somebody changed a name or username.
    Name { of: UserId },
    /// Somebody changed something else that `user` shows.
    User { of: UserId },
    /// A draft was saved or cleared on another session.
    Draft { peer: Peer },
    /// A dialog was pinned or taken down on another session.
    DialogPinned { peer: Peer, pinned: bool },
    /// The order of pinned dialogs changed.
    PinnedDialogs,
    /// A dialog was marked unread, or that mark was taken away.
    UnreadMark { peer: Peer, unread: bool },
    /// Notification settings changed; the key is that of their row.
    Notify { scope: i64 },
    /// The rules of who may see one thing changed.
    Privacy { key: PrivacyKey },
    /// Somebody was blocked or unblocked.
    Blocked { peer: UserId, blocked: bool },
    /// A new login, for the other sessions to show.
    NewLogin { key: AuthKeyId },
    /// A button of a bot was pressed.
    Callback { query: CallbackQuery },
}

/// A pressed button, as its bot learns of it.
#[derive(Clone, Debug)]
pub(crate) struct CallbackQuery {
    pub(crate) id: i64,
    pub(crate) user: UserId,
    pub(crate) peer: Peer,
    /// In the bot's box.
    pub(crate) message: MessageId,
    pub(crate) chat_instance: i64,
    pub(crate) data: Vec<u8>,
}

/// Work that follows a commit.
#[derive(Debug)]
pub(crate) enum Effect {
    /// A login code has to reach its owner.
    DeliverCode { phone: String, code: String },
    /// A login ended: its sessions are cut.
    LoginEnded(AuthKeyId),
    /// A key logged in, out or into somebody else: its sessions forget what they knew.
    LoginChanged(AuthKeyId),
    /// Somebody accepted the login token that the holder of this key shows.
    LoginTokenAccepted(AuthKeyId),
    /// A sign of life.
    Seen { user: UserId, seen: Seen },
    /// A temporary key speaks for a permanent one, until that moment of unix time.
    BindTempKey { temp: AuthKeyId, perm: AuthKeyId, expires_at: i32 },
    /// The temporary keys of a permanent one are forgotten, but for some.
    DropTempKeys { perm: AuthKeyId, except: Vec<AuthKeyId> },
    /// Somebody wrote to BotFather, who answers in a transaction of its own.
    AskBotFather { person: UserId, text: String },
    /// A parked question has its answer, as encoded TL.
    Answer { query: i64, answer: Vec<u8> },
}

impl Outbox {
    /// An event was appended to `owner`'s log.
    pub(crate) fn logged(&mut self, owner: UserId, pts: Pts) {
        self.logged.push((owner, pts));
    }

    /// Tells all sessions of `to`, except the one that caused it.
    pub(crate) fn tell(&mut self, to: UserId, notice: Notice) {
        self.notices.push(Told { to, notice });
    }

    /// Does something after the commit.
    pub(crate) fn then(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Marks a refusal after which the rows stay as they were written: a wrong code counts, and a
    /// right one is used up although the password is still owed.
    pub(crate) fn keep(&mut self, refusal: RpcError) -> RpcError {
        self.keeps_refused = true;
        refusal
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.logged.is_empty() && self.notices.is_empty() && self.effects.is_empty()
    }
}

//! The catalogue: every table of the data centre, its key and its value.

use heliogram_ids::{AuthKeyId, FileId, MessageId, Peer, Pts, RandomId, UserId};
use heliogram_store::{HotTable, Table, catalogue};

use crate::record::{
    AuthKeyRow, BotCommands, BoxState, Contact, DialogRow, DocumentRow, FatherDialogue, LoginCode,
    LoginToken, MessageRow, NotifySettings, Password, PhotoRow, PrivacyRules, Sent, UpdateRow,
    UserRow, WrongCodesRow,
};

/// What is asked for all the time: the newest page of a dialog and of the list of dialogs, short
/// differences, and the rows that everything else is rendered with.
pub(crate) const HOT: &[HotTable] = &[
    HotTable::rows::<Users>(),
    HotTable::rows::<Boxes>(),
    HotTable::rows::<Messages>(),
    HotTable::rows::<Dialogs>(),
    HotTable::rows::<Contacts>(),
    HotTable::rows::<Blocks>(),
    HotTable::rows::<Notify>(),
    HotTable::rows::<Privacy>(),
    HotTable::rows::<Photos>(),
    HotTable::rows::<Documents>(),
    HotTable::newest::<History, (UserId, Peer)>(),
    HotTable::newest::<Updates, UserId>(),
    HotTable::newest::<DialogOrder, UserId>(),
    HotTable::newest::<PinnedDialogs, UserId>(),
];

macro_rules! tables {
    ($($(#[$doc:meta])* $id:literal $name:ident($key:ty) = $value:ty;)*) => {
        $(
            $(#[$doc])*
            pub(crate) enum $name {}
            impl Table for $name {
                const NAME: &'static str = stringify!($name);
                const ID: u16 = $id;
                type Key = $key;
                type Value = $value;
            }
        )*
        catalogue! {
            /// Every table there is.
            pub(crate) const TABLES = [$($name),*];
        }
    };
}

tables! {
    /// Secrets and counters of the cloud itself, by name.
    16 Settings(String) = Vec<u8>;
    /// Every account.
    17 Users(UserId) = UserRow;
    /// Lower-cased username → who has it.
    18 Usernames(String) = Peer;
    /// Digits of a phone number → whose it is.
    19 Phones(String) = UserId;
    /// Every permanent authorization key.
    20 AuthKeys(AuthKeyId) = AuthKeyRow;
    /// The keys on which an account is logged in.
    21 Logins((UserId, AuthKeyId)) = ();
    /// Logins that wait for a code, by the digits of the phone number and the hash of the question.
    22 LoginCodes((String, String)) = LoginCode;
    /// Second factors.
    23 Passwords(UserId) = Password;
    /// The counters of each account's common box.
    24 Boxes(UserId) = BoxState;
    /// Every message of each account's private chats and basic groups.
    25 Messages((UserId, MessageId)) = MessageRow;
    /// The same messages by dialog, so that a page of one dialog is one range.
    26 History((UserId, Peer, MessageId)) = ();
    /// Copy number of a message, owner of a box → the id of the copy in that box.
    27 Copies((i64, UserId)) = MessageId;
    /// The update log: one row for each position of pts.
    28 Updates((UserId, Pts)) = UpdateRow;
    /// `random_id`s that were used, and for what.
    29 SentIds((UserId, RandomId)) = Sent;
    /// Every dialog.
    30 Dialogs((UserId, Peer)) = DialogRow;
    /// Dialogs by the date and id of their newest message.
    31 DialogOrder((UserId, i32, MessageId, Peer)) = ();
    /// Pinned messages of a dialog.
    32 Pins((UserId, Peer, MessageId)) = ();
    /// Address books: owner, person.
    33 Contacts((UserId, UserId)) = Contact;
    /// The same from the other side: person, owner.
    34 ContactOf((UserId, UserId)) = ();
    /// Whom an account has blocked, and since when.
    35 Blocks((UserId, UserId)) = i32;
    /// Photos.
    36 Photos(FileId) = PhotoRow;
    /// Documents.
    37 Documents(FileId) = DocumentRow;
    /// Profile photos of an account, by date of setting and id.
    38 ProfilePhotos((UserId, i32, FileId)) = ();
    /// Notification settings: owner, scope.
    39 Notify((UserId, i64)) = NotifySettings;
    /// Commands of a bot: bot, scope, language.
    40 Commands((UserId, String, String)) = BotCommands;
    /// Where each person stands in the dialogue with BotFather.
    41 FatherDialogues(UserId) = FatherDialogue;
    /// The bots of each owner.
    42 OwnedBots((UserId, UserId)) = ();
    /// Phone numbers saved by people, of whom nobody is here yet: number, owner of the address book.
    50 PhoneBook((String, UserId)) = Contact;
    /// Logins on their way to another key, by whom and under which secret; until when.
    51 ExportedLogins((UserId, Vec<u8>)) = i32;
    /// Days without a login after which an account is given up.
    52 AccountTtls(UserId) = i32;
    /// Who may see what: owner, number of the thing.
    53 Privacy((UserId, u8)) = PrivacyRules;
    /// Tokens that are shown as pictures, by the key that waits for a login.
    54 LoginTokens(AuthKeyId) = LoginToken;
    /// Days without a sign of life after which a login ends.
    55 LoginTtls(UserId) = i32;
    /// Wrong login codes of a phone number.
    56 WrongCodes(String) = WrongCodesRow;
    /// Pinned dialogs by their place, the greatest on top.
    60 PinnedDialogs((UserId, u32, Peer)) = ();
    /// Read marks of the other side, by author, dialog and the author's id: when they were set.
    61 OutboxReads((UserId, Peer, MessageId)) = i32;
}

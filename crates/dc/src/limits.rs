//! Every bound of the data centre in one place.

use std::time::Duration;

/// How long, how many and how big. The values that clients can see are those of Telegram.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest message text, in UTF-16 units.
    pub message_utf16_max: usize,
    /// Longest caption of a photo or document, in UTF-16 units.
    pub caption_utf16_max: usize,
    /// Most entities that one text keeps.
    pub entities_max: usize,
    /// Most bytes of a callback button's data.
    pub callback_data_bytes_max: usize,
    /// Most buttons in one keyboard.
    pub keyboard_buttons_max: usize,
    /// Most ids in one request that names messages.
    pub message_ids_max: usize,
    /// Most messages that one request takes away or unpins; clients repeat it for the rest.
    pub clear_messages_max: usize,
    /// Most messages in one page of history.
    pub history_page_max: usize,
    /// Most dialogs in one page.
    pub dialogs_page_max: usize,
    /// Most pinned dialogs.
    pub pinned_dialogs_max: usize,
    /// Most rows of the update log in one difference.
    pub difference_rows_max: usize,
    /// Longest first or last name, in UTF-16 units.
    pub name_utf16_max: usize,
    /// Longest profile text, in UTF-16 units.
    pub about_utf16_max: usize,
    /// How long a login code can be used.
    pub login_code_ttl: Duration,
    /// Wrong codes after which the login starts again.
    pub login_attempts_max: u32,
    /// Codes that one phone number may have at the same time. In production one more is a
    /// `FLOOD_WAIT`; in development the oldest gives way.
    pub login_codes_max: usize,
    /// Wrong codes of one phone number within [`Self::wrong_codes_span`], after which production
    /// answers `PHONE_NUMBER_FLOOD` until the span is over: guessing must stay hopeless.
    pub wrong_codes_max: u32,
    /// How long wrong codes are remembered.
    pub wrong_codes_span: Duration,
    /// How long an exported login can be imported.
    pub exported_login_ttl: Duration,
    /// How long a login token can be accepted.
    pub login_token_ttl: Duration,
    /// How long a key is kept on which nobody has logged in, since its client said who it is.
    pub stranger_key_ttl: Duration,
    /// The same if its client never said anything.
    pub silent_key_ttl: Duration,
    /// How old a login must be to end others.
    pub fresh_login: Duration,
    /// Wrong passwords after which an account waits for the challenges to run out.
    pub password_attempts_max: u32,
    /// People who are told of a change of status or name.
    pub acquaintances_max: usize,
    /// People in one address book.
    pub contacts_max: usize,
    /// Results of one search for people.
    pub search_results_max: usize,
    /// Commands of a bot in one scope and language.
    pub bot_commands_max: usize,
    /// How long an SRP challenge can be answered.
    pub srp_ttl: Duration,
    /// How long a bot may take to answer a button.
    pub callback_answer_timeout: Duration,
    /// How long a user stays online after the last sign of life.
    pub online_timeout: Duration,
    /// How old a message of one's own may be to be edited.
    pub edit_time: Duration,
    /// Largest part of a file in one request.
    pub part_bytes_max: usize,
    /// Most parts of one file: 4,000 MB in parts of 512 KiB.
    pub parts_max: i32,
    /// Files that one account may have on their way up.
    pub uploads_per_owner_max: usize,
    /// Bytes of such files.
    pub upload_bytes_per_owner_max: u64,
    /// How long an upload may take.
    pub upload_ttl: Duration,
    /// Media in one album.
    pub album_items_max: usize,
    /// Profile photos in one page.
    pub profile_photos_page_max: usize,
    /// Largest photo that is taken apart into sizes, in bytes of its file.
    pub photo_bytes_max: u64,
    /// Bots that one person may own.
    pub bots_per_owner_max: usize,
}

impl Limits {
    /// The values of Telegram where they are known, ours elsewhere.
    pub const DEFAULT: Self = Self {
        message_utf16_max: 4096,
        caption_utf16_max: 1024,
        entities_max: 100,
        callback_data_bytes_max: 64,
        keyboard_buttons_max: 300,
        message_ids_max: 100,
        clear_messages_max: 1000,
        history_page_max: 100,
        dialogs_page_max: 100,
        pinned_dialogs_max: 5,
        difference_rows_max: 500,
        name_utf16_max: 64,
        about_utf16_max: 70,
        login_code_ttl: Duration::from_secs(300),
        login_attempts_max: 5,
        login_codes_max: 5,
        wrong_codes_max: 25,
        wrong_codes_span: Duration::from_secs(86_400),
        exported_login_ttl: Duration::from_secs(300),
        login_token_ttl: Duration::from_secs(30),
        stranger_key_ttl: Duration::from_secs(7 * 86_400),
        silent_key_ttl: Duration::from_secs(3600),
        fresh_login: Duration::from_secs(86_400),
        password_attempts_max: 10,
        acquaintances_max: 5_000,
        contacts_max: 10_000,
        search_results_max: 50,
        bot_commands_max: 100,
        srp_ttl: Duration::from_secs(600),
        callback_answer_timeout: Duration::from_secs(15),
        online_timeout: Duration::from_secs(300),
        edit_time: Duration::from_secs(172_800),
        part_bytes_max: 512 << 10,
        parts_max: 8000,
        uploads_per_owner_max: 1000,
        upload_bytes_per_owner_max: 16 << 30,
        upload_ttl: Duration::from_secs(86_400),
        album_items_max: 10,
        profile_photos_page_max: 100,
        photo_bytes_max: 10 << 20,
        bots_per_owner_max: 20,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

const _: () = assert!(Limits::DEFAULT.caption_utf16_max <= Limits::DEFAULT.message_utf16_max);

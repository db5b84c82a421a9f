//! Every layer that a stock client speaks: what it is sent is exactly of that layer, and nothing is
//! missing that it could be told.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::collections::{BTreeMap, BTreeSet};

use heliogram_dc::{Coverage, coverage};
use heliogram_testkit::populated::Cast;
use heliogram_testkit::strict::{Schema, Value, object};
use heliogram_testkit::{Opening, Speaker, World};

const CODE: &str = "11111";

fn newest() -> u32 {
    *Schema::layers().last().unwrap()
}

async fn alice_in(world: &World, cast: &Cast, layer: u32) -> Speaker {
    let mut speaker = Speaker::open(world, layer, Opening::default()).await;
    speaker.log_in(&cast.alice.phone, CODE).await;
    speaker.ask("updates.getState", &[]).await.unwrap();
    speaker
}

#[tokio::test]
async fn a_full_account_is_read_in_every_layer() {
    let world = World::in_memory();
    let cast = Cast::of(&world).await;
    cast.populate().await;

    // All log in before anybody asks, so that all are told of the same devices.
    let mut speakers = Vec::new();
    for layer in Schema::layers() {
        speakers.push(alice_in(&world, &cast, *layer).await);
    }
    let mut today = speakers.pop().unwrap();
    let people = People::seen_by(&mut today, &cast).await;
    let told = everything(&mut today, &people).await;
    let named: BTreeSet<_> = told.values().flat_map(Value::all).filter_map(Value::name).collect();
    let missing: Vec<_> = HOLDS.iter().filter(|name| !named.contains(*name)).collect();
    assert!(missing.is_empty(), "the account is poorer than it should be: no {missing:?}");
    let mut losses = Vec::new();
    for mut speaker in speakers {
        let lowered = everything(&mut speaker, &people).await;
        let schema = speaker.schema();
        let found = lowered.iter().filter_map(|(what, then)| loss(schema, what, &told[what], then));
        losses.extend(found);
    }
    assert!(losses.is_empty(), "{}", losses.join("\n"));
    world.stop().await;
}

/// Whatever the layer has words for is told in them.
fn loss(schema: &Schema, what: &str, told: &Value, lowered: &Value) -> Option<String> {
    let fallbacks =
        ["messageMediaUnsupported", "messageActionCustomAction", "pageBlockUnsupported"];
    let fallback = || fallbacks.into_iter().find(|name| !lowered.named(name).is_empty());
    let lost = schema.loss(told, lowered, &varies);
    let lost = lost.or_else(|| fallback().map(|name| format!(": {name} for something")))?;
    Some(format!("{what} in layer {}: {lost}", schema.layer()))
}

/// What is in a full account, so that reading it means something.
const HOLDS: [&str; 72] = [
    "botCommand",
    "botInfo",
    "buttonTypeDefault",
    "buttonTypeRequestGeoLocation",
    "buttonTypeRequestPhone",
    "buttonTypeRequestPoll",
    "buttonTypeSimpleWebView",
    "contact",
    "contactStatus",
    "documentAttributeAnimated",
    "documentAttributeAudio",
    "documentAttributeFilename",
    "documentAttributeHasStickers",
    "documentAttributeImageSize",
    "documentAttributeSticker",
    "documentAttributeVideo",
    "draftMessage",
    "inlineButtonTypeBuy",
    "inlineButtonTypeCallback",
    "inlineButtonTypeCopy",
    "inlineButtonTypeGame",
    "inlineButtonTypeSwitchInline",
    "inlineButtonTypeUrl",
    "inlineButtonTypeUserProfile",
    "inlineButtonTypeWebView",
    "messageActionPinMessage",
    "messageEntityBlockquote",
    "messageEntityBold",
    "messageEntityBotCommand",
    "messageEntityCashtag",
    "messageEntityCode",
    "messageEntityCustomEmoji",
    "messageEntityEmail",
    "messageEntityHashtag",
    "messageEntityItalic",
    "messageEntityMentionName",
    "messageEntityPre",
    "messageEntitySpoiler",
    "messageEntityStrike",
    "messageEntityTextUrl",
    "messageEntityUnderline",
    "messageEntityUrl",
    "messageFwdHeader",
    "messageMediaContact",
    "messageMediaDice",
    "messageMediaDocument",
    "messageMediaGeo",
    "messageMediaPhoto",
    "messageMediaVenue",
    "messageReplyHeader",
    "messageService",
    "peerBlocked",
    "photo",
    "photoSize",
    "photoStrippedSize",
    "photos.photos",
    "privacyValueAllowAll",
    "privacyValueAllowContacts",
    "privacyValueAllowUsers",
    "privacyValueDisallowAll",
    "replyInlineMarkup",
    "replyKeyboardForceReply",
    "replyKeyboardHide",
    "replyKeyboardMarkup",
    "updateDraftMessage",
    "updatePinnedMessages",
    "updateReadHistoryOutbox",
    "updates",
    "updates.difference",
    "updates.state",
    "userFull",
    "userProfilePhoto",
];

/// Whether a field depends on who asks and when, or says the same with other constructors.
fn varies(constructor: &str, field: &str) -> bool {
    VARIES.contains(&(constructor, field))
}

const VARIES: [(&str, &str); 12] = [
    ("account.authorizations", "authorizations"),
    ("account.password", "new_algo"),
    ("account.password", "new_secure_algo"),
    ("account.password", "secure_random"),
    ("config", "date"),
    ("config", "expires"),
    ("help.promoDataEmpty", "expires"),
    ("help.termsOfServiceUpdateEmpty", "expires"),
    // Each kind of button was a constructor of its own; see the rules for keyboards.
    ("keyboardButtonRow", "buttons"),
    ("messages.dhConfig", "random"),
    ("updates", "date"),
    ("updates.state", "date"),
];

/// Peers as Alice's devices name them. The hash belongs to the account, so all name them alike.
struct People {
    bob: Value,
    bot: Value,
    carol: Value,
}

impl People {
    async fn seen_by(speaker: &mut Speaker, cast: &Cast) -> Self {
        let mut found = Vec::new();
        for person in [&cast.bob, &cast.bot, &cast.carol] {
            let arguments = [("username", person.username.as_str().into())];
            let answer = speaker.ask("contacts.resolveUsername", &arguments).await.unwrap();
            let [user] = answer.field("users").unwrap().items() else { panic!("{answer:?}") };
            let fields = ["id", "access_hash"].map(|field| user.field(field).unwrap().clone());
            let [user_id, access_hash] = fields;
            found.push((user_id, access_hash));
        }
        let mut peers = found.into_iter().map(|(user_id, access_hash)| {
            object("inputPeerUser", [("user_id", user_id), ("access_hash", access_hash)])
        });
        let mut next = || peers.next().unwrap();
        Self { bob: next(), bot: next(), carol: next() }
    }

    fn peers(&self) -> [Value; 4] {
        let (bob, bot, carol) = (self.bob.clone(), self.bot.clone(), self.carol.clone());
        [object("inputPeerSelf", []), bob, bot, carol]
    }
}

/// The same user where an `InputUser` is due.
fn user(peer: &Value) -> Value {
    match peer {
        Value::Object(peer) if peer.name == "inputPeerUser" => {
            let (user_id, access_hash) = (peer.fields[0].1.clone(), peer.fields[1].1.clone());
            object("inputUser", [("user_id", user_id), ("access_hash", access_hash)])
        }
        _ => object("inputUserSelf", []),
    }
}

type Arguments = Vec<(&'static str, Value)>;

/// Asks all that can be asked about the account, and answers by question.
async fn everything(speaker: &mut Speaker, people: &People) -> BTreeMap<String, Value> {
    let mut answers = BTreeMap::new();
    for (function, arguments) in questions(people) {
        if !speaker.schema().has_function(function) {
            continue;
        }
        match speaker.ask(function, &arguments).await {
            Ok(answer) => _ = answers.insert(format!("{function} {arguments:?}"), answer),
            Err(refused) if REFUSED.contains(&(function, &refused.text)) => {}
            Err(refused) => {
                let layer = speaker.schema().layer();
                panic!("{function} {arguments:?} in {layer}: {refused:?}")
            }
        }
    }
    answers
}

/// What is asked by name, where there is none of any name, and what nobody may do.
const REFUSED: [(&str, &str); 3] = [
    ("langpack.getLanguage", "LANG_CODE_NOT_SUPPORTED"),
    ("messages.getStickerSet", "STICKERSET_INVALID"),
    ("stories.canSendStory", "PREMIUM_ACCOUNT_REQUIRED"),
];

fn questions(people: &People) -> Vec<(&'static str, Arguments)> {
    let mut all: Vec<(&str, Arguments)> = SIMPLE.iter().map(|name| (*name, Vec::new())).collect();
    let canned = coverage().into_iter().filter(|(_, coverage)| *coverage == Coverage::Canned);
    let bob = [("peer", people.bob.clone()), ("user_id", user(&people.bob))];
    all.extend(canned.map(|(name, _)| (name, bob.to_vec())));
    for peer in people.peers() {
        all.extend(about(&peer));
    }
    let everybody: Vec<Value> = people.peers().iter().map(user).collect();
    all.push(("users.getUsers", vec![("id", everybody.into())]));
    all.push(("contacts.search", vec![("q", "bob".into()), ("limit", 10.into())]));
    all.push(("contacts.getBlocked", vec![("limit", 10.into())]));
    all.push(("messages.getDialogs", vec![("limit", 100.into())]));
    let ids: Vec<Value> = (1..40).map(|id| object("inputMessageID", [("id", id.into())])).collect();
    all.push(("messages.getMessages", vec![("id", ids.into())]));
    for filter in FILTERS {
        let filter = object(filter, []);
        let global = vec![("q", "look".into()), ("filter", filter.clone()), ("limit", 50.into())];
        all.push(("messages.searchGlobal", global));
        let peer = people.bob.clone();
        let within = vec![("peer", peer), ("filter", filter), ("limit", 50.into())];
        all.push(("messages.search", within));
    }
    for key in KEYS {
        all.push(("account.getPrivacy", vec![("key", object(key, []))]));
    }
    for scope in ["inputNotifyUsers", "inputNotifyChats", "inputNotifyBroadcasts"] {
        all.push(("account.getNotifySettings", vec![("peer", object(scope, []))]));
    }
    all.push(("updates.getDifference", vec![("pts", 1.into()), ("date", 1.into())]));
    all.push(("langpack.getLangPack", vec![("lang_code", "en".into())]));
    all
}

fn about(peer: &Value) -> Vec<(&'static str, Arguments)> {
    let (this, its_user) = (peer.clone(), user(peer));
    let dialog = object("inputDialogPeer", [("peer", this.clone())]);
    let scope = object("inputNotifyPeer", [("peer", this.clone())]);
    let filters = FILTERS.map(|filter| object(filter, []));
    vec![
        ("users.getFullUser", vec![("id", its_user.clone())]),
        ("photos.getUserPhotos", vec![("user_id", its_user), ("limit", 10.into())]),
        ("messages.getHistory", vec![("peer", this.clone()), ("limit", 100.into())]),
        ("messages.getPeerDialogs", vec![("peers", vec![dialog].into())]),
        ("messages.getPeerSettings", vec![("peer", this.clone())]),
        ("messages.getScheduledHistory", vec![("peer", this.clone())]),
        ("messages.getUnreadMentions", vec![("peer", this.clone())]),
        ("messages.getUnreadReactions", vec![("peer", this.clone())]),
        ("messages.getSearchCounters", vec![("peer", this), ("filters", filters.to_vec().into())]),
        ("account.getNotifySettings", vec![("peer", scope)]),
    ]
}

/// Questions that need no arguments.
const SIMPLE: [&str; 14] = [
    "account.getAccountTTL",
    "account.getAuthorizations",
    "account.getPassword",
    "contacts.getContactIDs",
    "contacts.getContacts",
    "contacts.getStatuses",
    "help.getAppConfig",
    "help.getConfig",
    "help.getNearestDc",
    "messages.getAllDrafts",
    "messages.getDhConfig",
    "messages.getDialogUnreadMarks",
    "messages.getPinnedDialogs",
    "updates.getState",
];

const FILTERS: [&str; 8] = [
    "inputMessagesFilterEmpty",
    "inputMessagesFilterPhotos",
    "inputMessagesFilterVideo",
    "inputMessagesFilterDocument",
    "inputMessagesFilterUrl",
    "inputMessagesFilterGif",
    "inputMessagesFilterVoice",
    "inputMessagesFilterMusic",
];

const KEYS: [&str; 9] = [
    "inputPrivacyKeyStatusTimestamp",
    "inputPrivacyKeyChatInvite",
    "inputPrivacyKeyPhoneCall",
    "inputPrivacyKeyPhoneP2P",
    "inputPrivacyKeyForwards",
    "inputPrivacyKeyProfilePhoto",
    "inputPrivacyKeyPhoneNumber",
    "inputPrivacyKeyAddedByPhone",
    "inputPrivacyKeyVoiceMessages",
];

/// Updates that a life like this causes on the devices of its account.
const HAPPENS: [&str; 18] = [
    "updateDeleteMessages",
    "updateDialogPinned",
    "updateDialogUnreadMark",
    "updateDraftMessage",
    "updateEditMessage",
    "updateNewAuthorization",
    "updateNewMessage",
    "updateNotifySettings",
    "updatePeerBlocked",
    "updatePinnedDialogs",
    "updatePinnedMessages",
    "updatePrivacy",
    "updateReadHistoryInbox",
    "updateReadHistoryOutbox",
    "updateReadMessagesContents",
    "updateUserName",
    "updateUserStatus",
    "updateUserTyping",
];

const LAST_WORDS: &str = "that is all";

/// Listens until the last words, and says which updates came.
async fn listen(mut speaker: Speaker) -> (Schema, BTreeSet<&'static str>) {
    let mut heard = BTreeSet::new();
    loop {
        let push = speaker.pushed().await;
        let updates = push.field("updates").map_or(&[][..], Value::items);
        let alone = push.field("update");
        for update in updates.iter().filter(|update| update.name() == Some("updatePinnedDialogs")) {
            let order = update.field("order").map_or(&[][..], Value::items);
            assert_eq!(order.len(), 1, "what is pinned after all: {update:?}");
        }
        heard.extend(updates.iter().chain(alone).chain([&push]).filter_map(Value::name));
        if push.all().into_iter().any(|value| value.text() == Some(LAST_WORDS)) {
            return (speaker.into_schema(), heard);
        }
    }
}

#[tokio::test]
async fn every_layer_is_told_of_all_that_happens() {
    let world = World::in_memory();
    let cast = Cast::of(&world).await;
    let mut listeners = Vec::new();
    for layer in Schema::layers() {
        let alice = alice_in(&world, &cast, *layer).await;
        listeners.push((&HAPPENS[..], tokio::spawn(listen(alice))));
        let mut bot = Speaker::open(&world, *layer, Opening::LayerInside).await;
        bot.log_in_bot(&cast.bot_token).await;
        bot.ask("updates.getState", &[]).await.unwrap();
        let expected = &["updateBotCallbackQuery", "updateNewMessage"][..];
        listeners.push((expected, tokio::spawn(listen(bot))));
    }
    cast.populate().await;
    cast.go_on().await;
    // The last device to log in is told of by all others, so somebody has to come after it.
    alice_in(&world, &cast, newest()).await;
    cast.bob.say(&cast.alice, LAST_WORDS).await;
    cast.alice.say(&cast.bot, LAST_WORDS).await;

    for (expected, listener) in listeners {
        let (schema, heard) = listener.await.unwrap();
        for update in expected.iter().filter(|update| schema.has(update)) {
            assert!(heard.contains(update), "no {update} in layer {}: {heard:?}", schema.layer());
        }
    }
    world.stop().await;
}

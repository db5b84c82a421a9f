//! Formatting to TL.

use heliogram_tl as tl;
use heliogram_tl::types;

use super::Peers;
use crate::record::{Entity, EntityKind};

/// All entities of a text; absent if there are none.
pub(crate) fn entities(entities: &[Entity], peers: &mut Peers) -> Option<Vec<tl::MessageEntity>> {
    (!entities.is_empty()).then(|| entities.iter().map(|one| entity(one, peers)).collect())
}

fn entity(entity: &Entity, peers: &mut Peers) -> tl::MessageEntity {
    let offset = wire(entity.offset);
    let length = wire(entity.length);
    match &entity.kind {
        EntityKind::Mention => types::MessageEntityMention { offset, length }.into(),
        EntityKind::Hashtag => types::MessageEntityHashtag { offset, length }.into(),
        EntityKind::BotCommand => types::MessageEntityBotCommand { offset, length }.into(),
        EntityKind::Url => types::MessageEntityUrl { offset, length }.into(),
        EntityKind::Email => types::MessageEntityEmail { offset, length }.into(),
        EntityKind::Bold => types::MessageEntityBold { offset, length }.into(),
        EntityKind::Italic => types::MessageEntityItalic { offset, length }.into(),
        EntityKind::Code => types::MessageEntityCode { offset, length }.into(),
        EntityKind::Pre(language) => {
            types::MessageEntityPre { offset, length, language: language.into() }.into()
        }
        EntityKind::TextUrl(url) => {
            types::MessageEntityTextUrl { offset, length, url: url.into() }.into()
        }
        EntityKind::MentionName(user) => {
            peers.mention_user(*user);
            types::MessageEntityMentionName { offset, length, user_id: user.get() }.into()
        }
        EntityKind::Phone => types::MessageEntityPhone { offset, length }.into(),
        EntityKind::Cashtag => types::MessageEntityCashtag { offset, length }.into(),
        EntityKind::Underline => types::MessageEntityUnderline { offset, length }.into(),
        EntityKind::Strike => types::MessageEntityStrike { offset, length }.into(),
        EntityKind::BankCard => types::MessageEntityBankCard { offset, length }.into(),
        EntityKind::Spoiler => types::MessageEntitySpoiler { offset, length }.into(),
        EntityKind::CustomEmoji(document) => {
            types::MessageEntityCustomEmoji { offset, length, document_id: document.get() }.into()
        }
        EntityKind::Blockquote(collapsed) => {
            types::MessageEntityBlockquote { offset, length, collapsed: *collapsed }.into()
        }
    }
}

fn wire(units: u32) -> i32 {
    i32::try_from(units).unwrap_or(i32::MAX)
}

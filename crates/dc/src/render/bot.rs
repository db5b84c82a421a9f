//! What a bot tells of itself.

use heliogram_ids::UserId;
use heliogram_store::{Prefix, Read};
use heliogram_tl as tl;
use heliogram_tl::types;

use super::Viewer;
use crate::error::Rpc;
use crate::record::BotProfile;
use crate::tables::Commands;

/// The `botInfo` of a bot, with the commands of the default scope.
pub(crate) fn bot_info(viewer: Viewer<'_>, id: UserId, bot: &BotProfile) -> Rpc<tl::BotInfo> {
    let default = viewer.db.first::<Commands>(Prefix((id, "default".to_owned())))?;
    let commands = default.map(|(_, row)| {
        let command = |one: &crate::record::BotCommand| {
            types::BotCommand {
                command: (&one.command).into(),
                description: (&one.description).into(),
                ..Default::default()
            }
            .into()
        };
        row.commands.iter().map(command).collect()
    });
    Ok(types::BotInfo {
        user_id: Some(id.get()),
        description: (!bot.description.is_empty()).then(|| (&bot.description).into()),
        commands,
        ..Default::default()
    }
    .into())
}

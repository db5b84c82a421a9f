//! `getChatMember`, `getChatAdministrators`, `getChatMemberCount`.

use heliogram_ids::{ChatId, Peer, UserId};
use heliogram_tl as tl;

use crate::account::Account;
use crate::args::Args;
use crate::bots::Bot;
use crate::convert;
use crate::error::ApiError;
use crate::params;
use crate::reply::{Answer, Success};
use crate::types::{ChatMember, ChatMemberMember};

/// `getChatMember`: somebody's place in a chat; who was never there has left.
///
/// # Errors
/// `invalid user_id specified`, `member not found`, `user not found`.
pub(super) async fn get_chat_member(bot: &Bot, args: &Args) -> Answer {
    let params = params::GetChatMember::read(args)?;
    let invalid = || ApiError::bad_request("invalid user_id specified");
    let id = UserId::new(params.user_id).ok_or_else(invalid)?;
    let account = bot.account()?;
    let place = account.place(&params.chat_id).await?;
    account.meet(&[id.into()]).await;
    let user = account.roster().user_or_stranger(id.get());
    let member = match place.peer {
        Peer::User(other) if other == id || id == account.me() => {
            ChatMember::Member(ChatMemberMember { user, ..ChatMemberMember::default() })
        }
        Peer::User(_) => return Err(ApiError::bad_request("member not found")),
        Peer::Chat(chat) => {
            let members = group_members(account, chat).await?;
            let own = members.iter().find(|member| group_member_id(member) == id.get());
            convert::in_group(own, user)
        }
        Peer::Channel(_) => {
            let channel = Account::input_channel(&place.input);
            let channel = channel.ok_or_else(|| ApiError::bad_request("chat not found"))?;
            let participant = account.place(&crate::ChatRef::Id(id.get())).await;
            let participant = participant.map_err(|_| ApiError::bad_request("user not found"))?;
            let request = tl::channels::GetParticipant { channel, participant: participant.input };
            match account.ask(&request).await {
                Ok(tl::channels::ChannelParticipant::ChannelParticipant(found)) => {
                    account.roster().learn(&found.users, &found.chats);
                    convert::in_channel(Some(&found.participant), user)
                }
                Err(error) if error.is("USER_NOT_PARTICIPANT") => convert::in_channel(None, user),
                Err(error) => return Err(crate::account::refusal(&error, None)),
            }
        }
    };
    Success::of(&member)
}

/// `getChatAdministrators`: the owner and the administrators, other bots only when asked for.
///
/// # Errors
/// `there are no administrators in the private chat`.
pub(super) async fn get_chat_administrators(bot: &Bot, args: &Args) -> Answer {
    let params = params::GetChatAdministrators::read(args)?;
    let account = bot.account()?;
    let place = account.place(&params.chat_id).await?;
    let with_bots = params.return_bots.unwrap_or_default();
    let user = |id: i64| account.roster().user_or_stranger(id);
    let shown =
        |user: &crate::types::User| with_bots || !user.is_bot || user.id == account.me().get();
    let members: Vec<ChatMember> = match place.peer {
        Peer::User(_) => {
            let text = "there are no administrators in the private chat";
            return Err(ApiError::bad_request(text));
        }
        Peer::Chat(chat) => {
            let members = group_members(account, chat).await?;
            let leads = |member: &&tl::ChatParticipant| {
                !matches!(member, tl::ChatParticipant::ChatParticipant(_))
            };
            let leaders = members.iter().filter(leads);
            let leaders = leaders.map(|member| (member, user(group_member_id(member))));
            let leaders = leaders.filter(|(_, user)| shown(user));
            leaders.map(|(member, user)| convert::in_group(Some(member), user)).collect()
        }
        Peer::Channel(_) => {
            let found = channel_administrators(account, &place.input).await?;
            let leaders = found.iter().map(|member| (member, user(channel_member_id(member))));
            let leaders = leaders.filter(|(_, user)| shown(user));
            leaders.map(|(member, user)| convert::in_channel(Some(member), user)).collect()
        }
    };
    Success::of(&members)
}

/// `getChatMemberCount`: how many there are; two in private.
///
/// # Errors
/// `chat not found`.
pub(super) async fn get_chat_member_count(bot: &Bot, args: &Args) -> Answer {
    let params = params::GetChatMemberCount::read(args)?;
    let account = bot.account()?;
    let place = account.place(&params.chat_id).await?;
    let count = match place.peer {
        Peer::User(id) if id == account.me() => 1,
        Peer::User(_) => 2,
        Peer::Chat(chat) => {
            i64::try_from(group_members(account, chat).await?.len()).unwrap_or(i64::MAX)
        }
        Peer::Channel(_) => {
            let channel = Account::input_channel(&place.input);
            let channel = channel.ok_or_else(|| ApiError::bad_request("chat not found"))?;
            let request = tl::channels::GetFullChannel { channel };
            let tl::messages::ChatFull::ChatFull(answer) = account.invoke(&request).await?;
            match answer.full_chat {
                tl::ChatFull::ChannelFull(full) => {
                    full.participants_count.unwrap_or_default().into()
                }
                _ => 0,
            }
        }
    };
    Success::of(&count)
}

async fn group_members(
    account: &Account,
    chat: ChatId,
) -> Result<Vec<tl::ChatParticipant>, ApiError> {
    let request = tl::messages::GetFullChat { chat_id: chat.get() };
    let tl::messages::ChatFull::ChatFull(answer) = account.invoke(&request).await?;
    account.roster().learn(&answer.users, &answer.chats);
    match answer.full_chat {
        tl::ChatFull::ChatFull(full) => match full.participants {
            tl::ChatParticipants::ChatParticipants(all) => Ok(all.participants),
            tl::ChatParticipants::ChatParticipantsForbidden(_) => {
                Err(ApiError::bad_request("member list is inaccessible"))
            }
        },
        _ => Err(ApiError::bad_request("chat not found")),
    }
}

async fn channel_administrators(
    account: &Account,
    input: &tl::InputPeer,
) -> Result<Vec<tl::ChannelParticipant>, ApiError> {
    let channel = Account::input_channel(input);
    let channel = channel.ok_or_else(|| ApiError::bad_request("chat not found"))?;
    let request = tl::channels::GetParticipants {
        channel,
        filter: tl::ChannelParticipantsFilter::ChannelParticipantsAdmins,
        offset: 0,
        limit: ADMINISTRATORS_MAX,
        hash: 0,
    };
    let default = Some("administrator list is inaccessible");
    match account.invoke_or(&request, default).await? {
        tl::channels::ChannelParticipants::ChannelParticipants(found) => {
            account.roster().learn(&found.users, &found.chats);
            Ok(found.participants)
        }
        tl::channels::ChannelParticipants::ChannelParticipantsNotModified => Ok(Vec::new()),
    }
}

fn group_member_id(member: &tl::ChatParticipant) -> i64 {
    match member {
        tl::ChatParticipant::ChatParticipant(member) => member.user_id,
        tl::ChatParticipant::ChatParticipantAdmin(member) => member.user_id,
        tl::ChatParticipant::ChatParticipantCreator(member) => member.user_id,
    }
}

fn channel_member_id(member: &tl::ChannelParticipant) -> i64 {
    use tl::ChannelParticipant as P;
    let user = |peer: &tl::Peer| {
        convert::peer(peer).and_then(Peer::user).map(UserId::get).unwrap_or_default()
    };
    match member {
        P::ChannelParticipant(member) => member.user_id,
        P::ChannelParticipantSelf(member) => member.user_id,
        P::ChannelParticipantAdmin(member) => member.user_id,
        P::ChannelParticipantCreator(member) => member.user_id,
        P::ChannelParticipantBanned(member) => user(&member.peer),
        P::ChannelParticipantLeft(member) => user(&member.peer),
    }
}

/// Administrators asked for; chats have fewer.
const ADMINISTRATORS_MAX: i32 = 200;

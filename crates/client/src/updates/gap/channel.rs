//! The sequences of channels: each has its own.

use std::sync::Arc;

use heliogram_ids::{ChannelId, Timestamp};
use heliogram_tl as tl;

use super::engine::GapEngine;
use super::event::{Fetch, GapEvent, Piece};
use crate::updates::entities::Entities;
use crate::updates::place::Mark;
use crate::updates::sequence::{Offer, Sequence};

/// The sequence of one channel.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) pts: Sequence<Piece>,
    pub(super) fetch: Fetch,
}

impl GapEngine {
    /// Takes the answer to [`GapEvent::FetchChannelDifference`].
    pub fn handle_channel_difference(
        &mut self,
        now: Timestamp,
        id: ChannelId,
        difference: tl::updates::ChannelDifference,
    ) {
        use tl::updates::ChannelDifference;
        let Some(from) = self.channels.get(&id).map(|channel| channel.pts.at()) else {
            return;
        };
        let (last, to) = match difference {
            ChannelDifference::ChannelDifferenceEmpty(empty) => (true, empty.pts),
            ChannelDifference::ChannelDifference(d) => {
                let entities = Arc::new(Entities::new(d.users, d.chats));
                for message in d.new_messages {
                    let update =
                        tl::types::UpdateNewChannelMessage { message, pts: 0, pts_count: 0 };
                    self.deliver(Piece::new(update.into(), &entities));
                }
                for update in d.other_updates {
                    self.deliver(Piece::new(update, &entities));
                }
                (d.r#final, d.pts)
            }
            ChannelDifference::ChannelDifferenceTooLong(d) => {
                let to = match &d.dialog {
                    tl::Dialog::Dialog(dialog) => dialog.pts.unwrap_or(from),
                    _ => from,
                };
                self.events.push_back(GapEvent::Lost { channel: Some(id), from, to });
                (true, to)
            }
        };
        self.place_channel(now, id, to);
        self.finish_channel(now, id, !last && to != from);
    }

    /// A channel is not ours to read any more: it is forgotten.
    pub(crate) fn handle_left(&mut self, id: ChannelId) {
        if let Some(channel) = self.channels.remove(&id) {
            self.restless.remove(&id);
            if matches!(channel.fetch, Fetch::Asked { .. }) {
                self.fetches = self.fetches.saturating_sub(1);
            }
            self.events.push_back(GapEvent::Handled(Mark::Left(id)));
        }
    }

    pub(super) fn poll_channel(&mut self) -> Option<GapEvent> {
        if self.fetches >= FETCHES_MAX {
            return None;
        }
        let wanted = |id: &&ChannelId| {
            self.channels.get(id).is_some_and(|channel| channel.fetch == Fetch::Wanted)
        };
        let id = *self.restless.iter().find(wanted)?;
        let channel = self.channels.get_mut(&id)?;
        channel.fetch = Fetch::Asked { again: false };
        self.fetches += 1;
        Some(GapEvent::FetchChannelDifference { id, pts: channel.pts.at() })
    }

    pub(super) fn offer_channel(
        &mut self,
        now: Timestamp,
        id: ChannelId,
        end: i32,
        count: i32,
        piece: Piece,
    ) {
        if !self.channels.contains_key(&id) && self.channels.len() >= CHANNELS_MAX {
            return self.deliver(piece);
        }
        let channel = self.channels.entry(id).or_insert_with(|| Channel {
            pts: Sequence::new(end.saturating_sub(count)),
            fetch: Fetch::Idle,
        });
        let offer = match channel.fetch {
            Fetch::Asked { .. } => channel.pts.postpone(now, end, count, piece),
            _ => channel.pts.offer(now, end, count, piece),
        };
        match offer {
            Offer::Next(piece) => {
                self.deliver(piece);
                self.events.push_back(GapEvent::Handled(Mark::Channel(id, end)));
                self.drain_channel(id);
            }
            Offer::Known => {}
            Offer::Early => drop(self.restless.insert(id)),
            Offer::Broken => {
                channel.pts.forget_early();
                channel.fetch.want();
                self.restless.insert(id);
            }
        }
    }

    pub(super) fn drain_channel(&mut self, id: ChannelId) {
        while let Some((end, piece)) =
            self.channels.get_mut(&id).and_then(|channel| channel.pts.next_early())
        {
            self.deliver(piece);
            self.events.push_back(GapEvent::Handled(Mark::Channel(id, end)));
        }
        if let Some(channel) = self.channels.get(&id)
            && channel.fetch.is_idle()
            && !channel.pts.has_gap()
        {
            self.restless.remove(&id);
        }
    }

    pub(super) fn channel_moved(&mut self, id: ChannelId, pts: Option<i32>) {
        if let Some(channel) = self.channels.get_mut(&id) {
            if pts.is_none_or(|pts| pts > channel.pts.at()) {
                channel.fetch.want();
                self.restless.insert(id);
            }
            return;
        }
        // Nothing of it was ever delivered: there is no place from which to catch up.
        if let Some(pts) = pts
            && self.channels.len() < CHANNELS_MAX
        {
            let channel = Channel { pts: Sequence::new(pts), fetch: Fetch::Idle };
            self.channels.insert(id, channel);
            self.events.push_back(GapEvent::Handled(Mark::Channel(id, pts)));
        }
    }

    pub(super) fn place_channel(&mut self, now: Timestamp, id: ChannelId, pts: i32) {
        if let Some(channel) = self.channels.get_mut(&id) {
            channel.pts.jump(now, pts);
            self.events.push_back(GapEvent::Handled(Mark::Channel(id, pts)));
        }
    }

    pub(super) fn finish_channel(&mut self, now: Timestamp, id: ChannelId, more: bool) {
        self.heard = now;
        self.fetches = self.fetches.saturating_sub(1);
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let again = more || channel.fetch == Fetch::Asked { again: true };
        channel.fetch = if again { Fetch::Wanted } else { Fetch::Idle };
        if !again {
            self.drain_channel(id);
        }
    }
}

/// Channels with a position of their own; more are delivered as they come.
const CHANNELS_MAX: usize = 50_000;
/// Fetches under way at a time.
const FETCHES_MAX: usize = 4;

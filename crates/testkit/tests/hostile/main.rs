//! Peers that mean harm, or break the protocol as if they did: they get the documented answer or
//! lose their connection, what they can make the server hold is bounded, and nobody else notices.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod breaches;
mod deaf;
mod floods;
mod handshakes;

use heliogram_mtproto::message::container::{self, Message};
use heliogram_testkit::{Person, Wire, World};
use heliogram_tl::Bytes;

/// Two who go on talking while others misbehave.
struct Bystanders {
    alice: Person,
    bob: Person,
    said: usize,
}

impl Bystanders {
    async fn of(world: &World) -> Self {
        let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
        let mut bystanders = Self { alice, bob, said: 0 };
        bystanders.talk().await;
        bystanders
    }

    async fn talk(&mut self) {
        self.alice.say(&self.bob, "still here").await;
        self.said += 1;
        assert_eq!(self.bob.texts_with(&self.alice).await.len(), self.said);
    }
}

/// A container of one body, so many times, each under a number of its own; and those numbers.
fn contain(wire: &mut Wire, body: &Bytes, count: usize) -> (Vec<u8>, Vec<heliogram_ids::MsgId>) {
    let members: Vec<Message> = (0..count)
        .map(|_| {
            let (msg_id, seq_no) = (wire.next_id(), wire.next_seq_no());
            Message { msg_id, seq_no, body: body.clone() }
        })
        .collect();
    let mut body = Vec::new();
    container::encode(&members, &mut body);
    let (outer, seq_no) = (wire.next_id(), wire.next_seq_no() - 1);
    (wire.seal(outer, seq_no, body), members.into_iter().map(|one| one.msg_id).collect())
}

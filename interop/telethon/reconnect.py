"""Being away and coming back: what was missed arrives, in order, once, and everywhere."""

import asyncio

from telethon import events

import stage
import telethon_door as door
from stage import ALICE, BOB, expect, require

SESSIONS = 10


async def scenario(play):
    alice = await door.log_in(ALICE)
    to_bob = await alice.get_input_entity("bobby")
    await closed_program(play, alice, to_bob)
    await cut_cable(play, alice, to_bob)
    await many_sessions(play, alice, to_bob)
    await door.part(alice)


async def say(alice, to_bob, prefix, count):
    lines = [f"{prefix} {number}" for number in range(count)]
    for line in lines:
        await alice.send_message(to_bob, line)
    return lines


async def closed_program(play, alice, to_bob):
    async with play.step("what a closed program missed arrives in order when it is opened", seconds=60):
        bob = await door.log_in(BOB, "bob")
        hears = door.messages(bob)
        await alice.send_message(to_bob, "before")
        await hears.first(lambda each: each.raw_text == "before", "the message before")
        await bob.disconnect()

        lines = await say(alice, to_bob, "missed", 50)
        slip = await alice.send_message(to_bob, "slip of the tongue")
        await alice.delete_messages(to_bob, slip, revoke=True)
        typo = await alice.send_message(to_bob, "typo")
        await alice.edit_message(typo, "no typo")

        bob = door.client("bob", catch_up=True)
        hears = door.messages(bob)
        deletions = door.happenings(bob, events.MessageDeleted())
        await bob.connect()
        require(await bob.is_user_authorized(), "the session file is a login")
        heard = [each.raw_text for each in await hears.count(50, "the missed messages")]
        expect(heard, lines, "the missed messages")
        await hears.first(lambda each: each.raw_text == "no typo", "the message as it was edited")
        await deletions.first(lambda each: True, "the deletion")
        await bob.disconnect()


async def cut_cable(play, alice, to_bob):
    async with play.step("what a cut cable held up arrives in order when it is mended", seconds=60):
        cable = stage.Cable()
        bob = await door.log_in(BOB, address=await cable.lay())
        hears = door.messages(bob)
        await alice.send_message(to_bob, "before")
        await hears.first(lambda each: each.raw_text == "before", "the message before")
        cable.cut()
        lines = await say(alice, to_bob, "held up", 50)
        cable.mend()
        # Seen: telethon 1.45.0 comes back by itself and looks for what it missed when more arrives.
        lines += await say(alice, to_bob, "after", 1)
        await hears.first(lambda each: each.raw_text == lines[-1], "the message after", seconds=30)
        expect([each.raw_text for each in hears.items[1:]], lines, "everything since")
        await bob.disconnect()


async def many_sessions(play, alice, to_bob):
    async with play.step(f"{SESSIONS} sessions of one account all hear everything", seconds=90):
        sessions = [await door.log_in(BOB) for _ in range(SESSIONS)]
        inboxes = [door.messages(each) for each in sessions]
        lines = await say(alice, to_bob, "to all", 20)
        for number, inbox in enumerate(inboxes):
            heard = [each.raw_text for each in await inbox.count(len(lines), f"session {number}")]
            expect(heard, lines, f"session {number}")

    async with play.step("what one session sends, the others show"):
        echoes = [door.messages(each, outgoing=True) for each in sessions[1:]]
        await sessions[0].send_message("alice", "from the first")
        async with asyncio.TaskGroup() as group:
            for inbox in echoes:
                group.create_task(inbox.first(lambda each: each.raw_text == "from the first", "the others' view"))
        await door.part(*sessions)


stage.run(scenario)

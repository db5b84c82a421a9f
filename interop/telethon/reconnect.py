"""Being away and coming back: what was missed arrives, in order, once, and everywhere."""

import asyncio

from telethon import functions, types

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
        before = await alice.send_message(to_bob, "before")
        known = await hears.first(lambda each: each.raw_text == "before", "the message before")
        state = await bob(functions.updates.GetStateRequest())
        await bob.disconnect()

        lines = await say(alice, to_bob, "missed", 50)
        slip = await alice.send_message(to_bob, "slip of the tongue")
        await alice.delete_messages(to_bob, [before.id, slip.id], revoke=True)
        typo = await alice.send_message(to_bob, "typo")
        await alice.edit_message(typo, "no typo")

        bob = door.client("bob", catch_up=True)
        hears = door.messages(bob)
        await bob.connect()
        require(await bob.is_user_authorized(), "the session file is a login")
        await hears.first(lambda each: each.raw_text == "no typo", "the message as it was edited")
        expect([each.raw_text for each in hears.items], lines + ["no typo"], "the missed messages")
        # Seen: telethon 1.45.0 skips everything of a difference but its new messages.
        missed = await bob(functions.updates.GetDifferenceRequest(state.pts, state.date, state.qts))
        gone = [
            id for each in missed.other_updates if isinstance(each, types.UpdateDeleteMessages) for id in each.messages
        ]
        require(known.id in gone, "the difference tells of the deletion")
        expect(await bob.get_messages("alice", ids=known.id), None, "the message that was deleted")
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
        await cable.lay()
        # Seen: telethon 1.45.0 comes back by itself, and looks for what it missed when more arrives.
        await bob.get_me()
        lines += await say(alice, to_bob, "after", 1)
        await hears.first(lambda each: each.raw_text == lines[-1], "the message after", seconds=30)
        expect([each.raw_text for each in hears.items[1:]], lines, "everything since")
        await bob.disconnect()


async def many_sessions(play, alice, to_bob):
    async with play.step(f"{SESSIONS} sessions of one account all hear everything", seconds=90):
        sessions = [await door.log_in(BOB) for _ in range(SESSIONS)]
        # The service account tells of the logins, perhaps only now.
        inboxes = [door.messages(each, from_users=["alice"], incoming=True) for each in sessions]
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

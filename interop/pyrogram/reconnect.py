"""Being away, and coming back after a cut, a pause or a crash.

Pyrogram 2.0.106 never asks what it missed, so the scripts ask for it: by the history, as its users
do, and by the difference, as every newer client does.
"""

import asyncio

from pyrogram import filters, raw

import door
import stage
from stage import ALICE, BOB, expect

SESSIONS = 10


async def scenario(play):
    alice = await door.log_in(ALICE)
    bob_id = (await alice.get_users("bobby")).id
    await closed_program(play, alice, bob_id)
    await cut_cable(play, alice, bob_id)
    await many_sessions(play, alice, bob_id)
    await crash(play, alice, bob_id)
    await door.part(alice)


async def say(alice, bob_id, prefix, count):
    lines = [f"{prefix} {number}" for number in range(count)]
    for line in lines:
        await alice.send_message(bob_id, line)
    return lines


async def difference(of, state):
    """The texts of the new messages since a state, however many slices they come in."""
    texts = []
    while True:
        found = await of.invoke(raw.functions.updates.GetDifference(pts=state.pts, date=state.date, qts=state.qts))
        if isinstance(found, raw.types.updates.DifferenceEmpty):
            return texts
        texts += [each.message for each in found.new_messages]
        if isinstance(found, raw.types.updates.Difference):
            return texts
        state = found.intermediate_state


async def history(of, limit):
    return [each.text async for each in of.get_chat_history("alice", limit=limit)][::-1]


async def closed_program(play, alice, bob_id):
    async with play.step("what a closed program missed is there in order when it is opened", seconds=60):
        bob = await door.log_in(BOB, "bob", in_memory=False)
        state = await bob.invoke(raw.functions.updates.GetState())
        await bob.stop()
        lines = await say(alice, bob_id, "missed", 50)
        bob = door.client("bob", in_memory=False)
        await bob.start()
        expect(await difference(bob, state), lines, "the difference")
        expect(await history(bob, 50), lines, "the history")
        await bob.stop()


async def cut_cable(play, alice, bob_id):
    async with play.step("a cut cable is mended and the talk goes on", seconds=90):
        cable = stage.Cable()
        door.lead_through(await cable.lay())
        bob = await door.log_in(BOB)
        door.lead_through((stage.HOST, stage.PORT))
        hears = door.messages(bob)
        state = await bob.invoke(raw.functions.updates.GetState())
        await say(alice, bob_id, "before", 1)
        await hears.first(lambda each: each.text == "before 0", "the message before")
        cable.cut()
        await say(alice, bob_id, "held up", 20)
        await cable.lay()
        missed = await difference(bob, state)
        expect(missed, ["before 0"] + [f"held up {number}" for number in range(20)], "the difference")
        await say(alice, bob_id, "after", 1)
        await hears.first(lambda each: each.text == "after 0", "the message after")
        await bob.stop()


async def many_sessions(play, alice, bob_id):
    async with play.step(f"{SESSIONS} sessions of one account all hear everything", seconds=90):
        sessions = [await door.log_in(BOB, f"bob {number}") for number in range(SESSIONS)]
        # The service account tells of the logins, perhaps only now.
        inboxes = [door.messages(each, filters.incoming & filters.user("alice")) for each in sessions]
        lines = await say(alice, bob_id, "to all", 20)
        for number, inbox in enumerate(inboxes):
            heard = [each.text for each in await inbox.count(len(lines), f"session {number}")]
            expect(heard, lines, f"session {number}")
        await door.part(*sessions)


async def crash(play, alice, bob_id):
    async with play.step("the cloud dies and nothing acknowledged is lost", seconds=120):
        bob = await door.log_in(BOB)
        lines = await say(alice, bob_id, "early", 20)
        death = asyncio.create_task(stage.crash())
        lines += await say(alice, bob_id, "late", 20)
        await death
        expect(await history(bob, 40), lines, "the history")
        await bob.stop()

    async with play.step("who only listens hears again after a crash", seconds=60):
        bob = await door.log_in(BOB)
        hears = door.messages(bob)
        await stage.crash()
        # It comes back with help.getConfig and pings, and asks for nothing by itself for five minutes.
        await stage.eventually(lambda: is_heard(alice, bob_id, hears), "Bob's ear", seconds=40)
        await bob.stop()


async def is_heard(alice, bob_id, hears):
    await alice.send_message(bob_id, "do you hear me?")
    await asyncio.sleep(1)
    return hears.items


stage.run(scenario)

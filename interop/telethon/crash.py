"""The cloud is killed in the middle of a conversation: nothing that was acknowledged is lost."""

import asyncio
import io
import random

import stage
import telethon_door as door
from stage import ALICE, BOB, expect, require

LINES = [f"line {number}" for number in range(60)]
CRASH_AFTER = 20


async def scenario(play):
    async with play.step("two people talk", needed=True):
        alice, bob = await door.log_in(ALICE), await door.log_in(BOB)
        hears = door.messages(bob)
        to_bob = await alice.get_input_entity("bobby")
        await alice.send_message(to_bob, "hello")
        await hears.first(lambda each: each.raw_text == "hello", "the greeting")

    async with play.step("the cloud dies between two messages and the talk goes on", seconds=90):
        numbers = {}
        for index, line in enumerate(LINES):
            if index == CRASH_AFTER:
                # Not awaited: the next messages run into the crash.
                death = asyncio.create_task(stage.crash())
            numbers[line] = (await alice.send_message(to_bob, line)).id
        await death

    async with play.step("what was acknowledged is there, once, in order"):
        history = await alice.get_messages(to_bob, limit=len(LINES))
        expect([each.raw_text for each in reversed(history)], LINES, "the history")
        expect({each.raw_text: each.id for each in history}, numbers, "the ids as they were acknowledged")

    async with play.step("the other side has heard all of it, once, in order", seconds=60):
        await bob.catch_up()
        await hears.count(len(LINES) + 1, "the lines")
        expect([each.raw_text for each in hears.items[1:]], LINES, "the lines")

    async with play.step("a document that was half up goes on where it was", seconds=120):
        original = random.Random(9).randbytes(12_000_011)
        deaths = []

        def progress(sent, total):
            if sent > total // 2 and not deaths:
                deaths.append(asyncio.create_task(stage.crash()))

        await alice.send_file(to_bob, named(original), force_document=True, progress_callback=progress)
        await deaths[0]
        await bob.catch_up()
        got = await hears.first(lambda each: each.document, "the document", seconds=30)
        require(await got.download_media(bytes) == original, "the bytes")

    async with play.step("nobody has to log in again"):
        require(await alice.is_user_authorized(), "Alice is still herself")
        await bob.send_message("alice", "still here")
        expect((await alice.get_messages("bobby", limit=1))[0].raw_text, "still here", "the last word")

    await door.part(alice, bob)


def named(content):
    """A document to send."""
    document = io.BytesIO(content)
    document.name = "half.bin"
    return document


stage.run(scenario)

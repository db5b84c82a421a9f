"""The cloud is killed while a bot polls: it hears everything once, and what it says arrives once."""

import asyncio

import stage
from stage import expect

LINES = [f"line {number}" for number in range(40)]
CRASH_AFTER = 15


def scenario(booth):
    """The story, around a booth with a bot that polls and a person who has pressed start."""

    async def told(play):
        async with play.step("a person meets the bot", needed=True):
            await booth.open()

        async with play.step("the cloud dies between two messages and the talk goes on", seconds=90):
            await talk_through(booth)

        async with play.step("the bot has heard all of it, once, in order", seconds=60):
            heard = await booth.told.count(len(LINES) + 1, "the lines", seconds=50)
            expect([each.text for each in heard[1:]], LINES, "the lines")

        async with play.step("the bot says something as before"):
            await booth.say("all heard")
            await booth.hears.first(lambda each: each.raw_text == "all heard", "it, at Alice's")
            await asyncio.sleep(1)
            expect(len(booth.told.items), len(LINES) + 1, "how much the bot has heard")

        await booth.close()

    return told


async def talk_through(booth):
    for index, line in enumerate(LINES):
        if index == CRASH_AFTER:
            # What the bot has confirmed cannot come again; give it the time to confirm.
            await booth.told.count(CRASH_AFTER + 1, "the lines so far")
            await asyncio.sleep(0.5)
            # Not awaited: the next messages run into the crash.
            death = asyncio.create_task(stage.crash())
        await booth.alice.send_message(booth.to_bot, line)
    await death

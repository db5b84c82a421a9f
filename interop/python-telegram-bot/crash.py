"""The cloud is killed while a bot polls: it hears everything once, and what it says arrives once."""

import asyncio

from telegram.ext import MessageHandler, filters

import stage
from booth import Booth
from stage import expect, require

LINES = [f"line {number}" for number in range(40)]
CRASH_AFTER = 15


async def scenario(play):
    booth = Booth()
    async with play.step("a person meets the bot", needed=True):
        await booth.open()
        await booth.alice.send_message(booth.to_bot, "hello")
        await booth.update(lambda each: each.message, "the greeting")
        booth.app.add_handler(MessageHandler(filters.Regex("^after "), echo))

    async with play.step("the cloud dies between two messages and the talk goes on", seconds=90):
        for index, line in enumerate(LINES):
            if index == CRASH_AFTER:
                # What the bot has confirmed cannot come again; give it the time to confirm.
                await booth.told.count(CRASH_AFTER + 1, "the lines so far")
                await asyncio.sleep(0.5)
                # Not awaited: the next messages run into the crash.
                death = asyncio.create_task(stage.crash())
            await booth.alice.send_message(booth.to_bot, line)
        await death

    async with play.step("the bot has heard all of it, once, in order", seconds=60):
        told = await booth.told.count(len(LINES) + 1, "the lines", seconds=50)
        expect([each.message.text for each in told[1:]], LINES, "the lines")
        ids = [each.update_id for each in told]
        require(all(later > earlier for earlier, later in zip(ids, ids[1:])), f"the ids go up: {ids}")

    async with play.step("the bot answers as before"):
        await booth.alice.send_message(booth.to_bot, "after all")
        await booth.heard("after all, yes")
        await asyncio.sleep(1)
        expect(len(booth.told.items), len(LINES) + 2, "how much the bot has heard")

    await booth.close()


async def echo(update, _):
    await update.message.reply_text(f"{update.message.text}, yes")


stage.run(scenario)

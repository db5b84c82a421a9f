"""The snippet that `heliogram connect python-telegram-bot` prints: a bot that repeats what it hears."""

import snippets
import stage
import telethon_door as door

OWNER = stage.Person("+9996612345")


async def scenario(play):
    async with play.step("the snippet for python-telegram-bot runs as it stands", seconds=40):
        async with snippets.running("python-telegram-bot"):
            owner = await door.log_in(OWNER)
            hears = door.messages(owner)
            await owner.send_message("echo_bot", "hello, echo")
            await hears.first(lambda each: each.raw_text == "hello, echo", "the echo", seconds=20)
            await owner.disconnect()


stage.run(scenario)

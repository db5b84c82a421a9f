"""The bot in its booth: python-telegram-bot with the addresses of the cloud, and Alice in front of it."""

import contextlib

from telegram.ext import Application, TypeHandler

import stage
import telethon_door as door
from stage import ALICE


def application():
    """The library's own application, told where the Bot API is, as it documents for local servers."""
    return (
        Application.builder()
        .token(stage.BOT_TOKEN)
        .base_url(f"{stage.BOT_API}/bot")
        .base_file_url(f"{stage.BOT_API}/file/bot")
        .build()
    )


class Booth:
    """A bot that polls, everything it is told, and Alice, who has just pressed start."""

    def __init__(self):
        self.app = application()
        self.bot = self.app.bot
        self.told = stage.Inbox()
        self.app.add_handler(TypeHandler(object, self._listen), group=-1)

    async def open(self):
        await self.app.initialize()
        await self.app.start()
        await self.app.updater.start_polling(poll_interval=0)
        self.alice = await door.log_in(ALICE)
        self.alice_id = (await self.alice.get_me()).id
        self.hears = door.messages(self.alice)
        self.to_bot = await self.alice.get_input_entity(stage.BOT_USERNAME)

    async def close(self):
        with contextlib.suppress(AttributeError):
            await self.alice.disconnect()
        await self.app.updater.stop()
        await self.app.stop()
        await self.app.shutdown()

    async def heard(self, text):
        """The message with this text, as Alice has it."""
        return await self.hears.first(lambda each: each.raw_text == text, f"{text!r} at Alice's")

    async def update(self, wanted, what):
        """The first update that `wanted` says yes to, as the bot has it."""
        return await self.told.first(lambda each: wanted(each), what)

    async def _listen(self, update, _):
        self.told.put(update)

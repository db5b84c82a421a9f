"""The bot in its booth: aiogram with the address of the cloud, and Alice in front of it."""

import asyncio

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import FSInputFile

import samples
import stage
import telethon_door as door
from stage import ALICE


class Booth:
    """A bot that polls, all it is told, and Alice, who has pressed start."""

    async def open(self):
        self.files = samples.lay_out()
        self.bot = Bot(stage.BOT_TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(stage.BOT_API)))
        self.told = stage.Inbox()
        self.dispatcher = Dispatcher()
        self.dispatcher.message.register(self._listen)
        self.polling = asyncio.create_task(self.dispatcher.start_polling(self.bot, handle_signals=False))
        self.alice = await door.log_in(ALICE)
        self.alice_id = (await self.alice.get_me()).id
        self.hears = door.messages(self.alice)
        self.to_bot = await self.alice.get_input_entity(stage.BOT_USERNAME)
        await self.alice.send_message(self.to_bot, "/start")
        await self.heard("text")

    async def close(self):
        await self.dispatcher.stop_polling()
        await self.polling
        await self.alice.disconnect()

    async def say(self, text):
        """Has the bot say something to Alice."""
        await self.bot.send_message(self.alice_id, text)

    async def heard(self, content_type):
        """The first message of a kind that the bot was told of."""
        return await self.told.first(lambda each: each.content_type == content_type, f"{content_type} at the bot's")

    def file(self, name):
        return FSInputFile(self.files[name])

    async def _listen(self, message):
        self.told.put(message)

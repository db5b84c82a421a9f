"""The bot in its booth: pyTelegramBotAPI with the address of the cloud, and Alice in front of it."""

import asyncio

from telebot import asyncio_helper
from telebot.async_telebot import AsyncTeleBot

import stage
import telethon_door as door
from stage import ALICE

asyncio_helper.API_URL = stage.BOT_API + "/bot{0}/{1}"


class Booth:
    """A bot that polls, all it is told, and Alice, who has pressed start."""

    async def open(self):
        self.bot = AsyncTeleBot(stage.BOT_TOKEN)
        self.told = stage.Inbox()
        self.bot.register_message_handler(self._listen)
        self.polling = asyncio.create_task(self.bot.infinity_polling())
        self.alice = await door.log_in(ALICE)
        self.alice_id = (await self.alice.get_me()).id
        self.hears = door.messages(self.alice)
        self.to_bot = await self.alice.get_input_entity(stage.BOT_USERNAME)
        await self.alice.send_message(self.to_bot, "/start")
        await self.told.count(1, "the greeting")

    async def close(self):
        self.polling.cancel()
        await asyncio.wait([self.polling])
        await self.alice.disconnect()

    async def say(self, text):
        """Has the bot say something to Alice."""
        await self.bot.send_message(self.alice_id, text)

    async def _listen(self, message):
        self.told.put(message)

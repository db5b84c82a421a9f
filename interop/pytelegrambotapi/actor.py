"""pyTelegramBotAPI in the hands of the launcher: its AsyncTeleBot, told where the Bot API is as it documents."""

import asyncio

import prompter
import telebot
from bot_actor import BotActor
from telebot import asyncio_helper
from telebot.async_telebot import AsyncTeleBot
from telebot.util import content_type_media
from telebot.version import __version__

asyncio_helper.API_URL = prompter.BOT_API + "/bot{0}/{1}"
asyncio_helper.FILE_URL = prompter.BOT_API + "/file/bot{0}/{1}"


class PyTelegramBotApi(BotActor):
    CLIENT, VERSION, TYPES = "pyTelegramBotAPI", __version__, telebot.types

    def __init__(self):
        super().__init__()
        self.polling = None

    def error_name(self, error):
        return error.description if isinstance(error, asyncio_helper.ApiTelegramException) else None

    async def _open(self, token):
        self.bot = AsyncTeleBot(token)
        self.bot.register_message_handler(self._message_heard, content_types=content_type_media)
        self.bot.register_edited_message_handler(self._edit_heard, content_types=content_type_media)
        self.bot.register_callback_query_handler(self._press_heard, func=lambda _: True)

    async def _poll(self):
        self.polling = asyncio.create_task(self.bot.infinity_polling())

    async def _hush(self):
        if self.polling:
            # The library has no other way out of its polling.
            self.polling.cancel()
            await asyncio.wait([self.polling])

    async def _message_heard(self, message):
        self._on_message(message)

    async def _edit_heard(self, message):
        self._on_edit(message)

    async def _press_heard(self, query):
        self._on_press(query)

    def _markup(self, rows):
        return telebot.types.InlineKeyboardMarkup(keyboard=rows)

    def _rows(self, markup):
        return markup.keyboard

    async def _fetch(self, file_id, path):
        file = await self.bot.get_file(file_id)
        with open(path, "wb") as copy:
            copy.write(await self.bot.download_file(file.file_path))

    async def stop(self):
        await self._hush()
        if self.bot:
            await self.bot.close_session()


prompter.play(PyTelegramBotApi())

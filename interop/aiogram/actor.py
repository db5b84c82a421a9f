"""aiogram in the hands of the launcher: its Bot and its Dispatcher, told where the Bot API is as it documents."""

import asyncio
import contextlib

import aiogram
import prompter
from aiogram import Bot, Dispatcher, exceptions
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from bot_actor import BotActor


class Aiogram(BotActor):
    CLIENT, VERSION, TYPES = "aiogram", aiogram.__version__, aiogram.types

    def __init__(self):
        super().__init__()
        self.dispatcher = None
        self.polling = None

    def error_name(self, error):
        return error.message if isinstance(error, exceptions.TelegramAPIError) else None

    async def _open(self, token):
        session = AiohttpSession(api=TelegramAPIServer.from_base(prompter.BOT_API))
        self.bot = Bot(token, session=session)
        self.dispatcher = Dispatcher()
        self.dispatcher.message.register(self._message_heard)
        self.dispatcher.edited_message.register(self._edit_heard)
        self.dispatcher.callback_query.register(self._press_heard)

    async def _poll(self):
        self.polling = asyncio.create_task(
            self.dispatcher.start_polling(self.bot, handle_signals=False, close_bot_session=False)
        )

    async def _hush(self):
        if self.polling and not self.polling.done():
            await self.dispatcher.stop_polling()
            await self.polling

    async def _message_heard(self, message: aiogram.types.Message):
        self._on_message(message)

    async def _edit_heard(self, message: aiogram.types.Message):
        self._on_edit(message)

    async def _press_heard(self, query: aiogram.types.CallbackQuery):
        self._on_press(query)

    def _upload(self, path):
        return contextlib.nullcontext(aiogram.types.FSInputFile(path))

    async def _fetch(self, file_id, path):
        await self.bot.download(file_id, destination=path)

    async def stop(self):
        await self._hush()
        if self.bot:
            await self.bot.session.close()


prompter.play(Aiogram())

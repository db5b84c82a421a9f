"""python-telegram-bot in the hands of the launcher: its Application, told where the Bot API is as it documents."""

import contextlib
import pathlib

import prompter
import telegram
from bot_actor import BotActor
from telegram.ext import Application, CallbackQueryHandler, MessageHandler, filters


class PythonTelegramBot(BotActor):
    CLIENT, VERSION, TYPES = "python-telegram-bot", telegram.__version__, telegram

    def __init__(self):
        super().__init__()
        self.app = None

    def error_name(self, error):
        return error.message if isinstance(error, telegram.error.TelegramError) else None

    async def _open(self, token):
        self.app = (
            Application.builder()
            .token(token)
            .base_url(f"{prompter.BOT_API}/bot")
            .base_file_url(f"{prompter.BOT_API}/file/bot")
            .build()
        )
        self.app.add_handler(MessageHandler(filters.UpdateType.MESSAGE, self._message_heard))
        self.app.add_handler(MessageHandler(filters.UpdateType.EDITED_MESSAGE, self._edit_heard))
        self.app.add_handler(CallbackQueryHandler(self._press_heard))
        await self.app.initialize()
        self.bot = self.app.bot

    async def _poll(self):
        await self.app.start()
        await self.app.updater.start_polling()

    async def _hush(self):
        if self.app and self.app.updater.running:
            await self.app.updater.stop()

    async def _message_heard(self, update, _):
        self._on_message(update.message)

    async def _edit_heard(self, update, _):
        self._on_edit(update.edited_message)

    async def _press_heard(self, update, _):
        self._on_press(update.callback_query)

    def _upload(self, path):
        return contextlib.nullcontext(pathlib.Path(path))

    async def _fetch(self, file_id, path):
        file = await self.bot.get_file(file_id)
        await file.download_to_drive(path)

    async def stop(self):
        await self._hush()
        app, self.app = self.app, None
        if app:
            await app.stop()
            await app.shutdown()


prompter.play(PythonTelegramBot())

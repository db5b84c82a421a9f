# pip install python-telegram-bot
# heliogram user new --phone +9996612345 --first-name Ada
# TOKEN=$(heliogram bot new --name Echo --username echo_bot --owner +9996612345)
import os

from telegram import Update
from telegram.ext import Application, MessageHandler, filters


async def echo(update: Update, _) -> None:
    await update.message.reply_text(update.message.text)


app = (
    Application.builder()
    .token(os.environ["TOKEN"])
    .base_url("http://{{bot_api}}/bot")
    .base_file_url("http://{{bot_api}}/file/bot")
    .build()
)
app.add_handler(MessageHandler(filters.TEXT, echo))
app.run_polling()

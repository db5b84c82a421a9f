# pip install aiogram
# heliogram user new --phone +9996612345 --first-name Ada
# TOKEN=$(heliogram bot new --name Echo --username echo_bot --owner +9996612345)
import asyncio
import os

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message

server = TelegramAPIServer.from_base("http://{{bot_api}}")
bot = Bot(os.environ["TOKEN"], session=AiohttpSession(api=server))
dispatcher = Dispatcher()


@dispatcher.message()
async def echo(message: Message) -> None:
    await message.answer(message.text)


asyncio.run(dispatcher.start_polling(bot))

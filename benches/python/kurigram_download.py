"""Kurigram, the living fork of Pyrogram, with TgCrypto downloads what a person sent to themselves."""

import asyncio
import pathlib
import sys

import tgcrypto  # noqa: F401, without it this would not be the client that is meant
from pyrogram import Client

from downloading import API_HASH, API_ID, CODE, HOST, KEY_PATH, PHONE, PORT, answer_all

INTEROP = pathlib.Path(__file__).resolve().parents[2] / "interop"
sys.path += [str(INTEROP / "python"), str(INTEROP / "kurigram")]

import cable  # noqa: E402
import pyrogram_key  # noqa: E402


async def main():
    pyrogram_key.trust(KEY_PATH)
    way = cable.begin(HOST, int(PORT))
    client = Client(
        "bench", API_ID, API_HASH, in_memory=True, no_updates=True, phone_number=PHONE, phone_code=CODE,
        connection_factory=way,
    )
    async with client:
        [message] = [each async for each in client.get_chat_history("me", limit=1)]

        async def download():
            return (await client.download_media(message, in_memory=True)).getvalue()

        await answer_all(download)


asyncio.run(main())

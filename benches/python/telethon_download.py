"""Telethon with cryptg, which it uses where it is installed, downloads what a person sent to themselves."""

import asyncio
import pathlib

from telethon import TelegramClient
from telethon.crypto import aes, rsa
from telethon.sessions import MemorySession

from downloading import API_HASH, API_ID, CODE, DC_ID, HOST, KEY_PATH, PHONE, PORT, answer_all


async def main():
    assert aes.cryptg, "without cryptg this would not be the client that is meant"
    rsa.add_key(pathlib.Path(KEY_PATH).read_text(), old=False)
    client = TelegramClient(MemorySession(), API_ID, API_HASH, receive_updates=False)
    client.session.set_dc(int(DC_ID), HOST, int(PORT))
    await client.connect()
    await client.send_code_request(PHONE)
    await client.sign_in(PHONE, CODE)
    [message] = await client.get_messages("me", limit=1)
    await answer_all(lambda: client.download_media(message, bytes))


asyncio.run(main())

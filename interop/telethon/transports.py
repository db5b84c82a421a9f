"""The same few words over every transport Telethon has for a plain connection."""

import io
import random

from telethon.network import (
    ConnectionTcpAbridged,
    ConnectionTcpFull,
    ConnectionTcpIntermediate,
    ConnectionTcpObfuscated,
)

import stage
import telethon_door as door
from stage import ALICE, BOB, require


async def scenario(play):
    for connection in (
        ConnectionTcpFull,
        ConnectionTcpAbridged,
        ConnectionTcpIntermediate,
        ConnectionTcpObfuscated,
    ):
        name = connection.__name__.removeprefix("ConnectionTcp").lower()
        async with play.step(f"words and bytes over {name}", seconds=40):
            alice = await door.log_in(ALICE, connection=connection)
            bob = await door.log_in(BOB, connection=connection)
            hears = door.messages(bob)
            await alice.send_message("bobby", f"over {name}")
            await hears.first(lambda each: each.raw_text == f"over {name}", "the words")
            sent = io.BytesIO(random.Random(name).randbytes(1_000_003))
            sent.name = "blob.bin"
            await alice.send_file("bobby", sent, force_document=True)
            got = await hears.first(lambda each: each.document, "the file")
            require(await got.download_media(bytes) == sent.getvalue(), "the bytes are the same")
            await door.part(alice, bob)


stage.run(scenario)

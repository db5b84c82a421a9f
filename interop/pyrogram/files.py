"""Photos and documents, up and down, over sessions that Pyrogram opens for nothing else."""

import asyncio
import hashlib
import io
import pathlib
import random

import door
import stage
from stage import ALICE, BOB, expect, require, require_picture


async def scenario(play):
    async with play.step("two people meet", needed=True):
        alice, bob = await door.log_in(ALICE), await door.log_in(BOB)
        hears = door.messages(bob)
        bob_id = (await alice.get_users("bobby")).id
        alice_id = (await bob.get_users("alice")).id

    async with play.step("a photo arrives with its sizes"):
        photo = io.BytesIO(stage.picture(320, 200))
        photo.name = "sunset.png"
        await alice.send_photo(bob_id, photo, caption="a sunset")
        got = await hears.first(lambda each: each.photo, "the photo")
        expect((got.caption, got.photo.width, got.photo.height), ("a sunset", 320, 200), "what it says of itself")
        whole = await got.download(in_memory=True)
        require_picture(bytes(whole.getbuffer()), "the photo")

    original = pathlib.Path("original.bin").absolute()
    original.write_bytes(random.Random(7).randbytes(stage.DOCUMENT_BYTES))
    digest = hashlib.sha256(original.read_bytes()).hexdigest()

    async with play.step("a document of 30 MB goes up and down unharmed", seconds=180):
        await alice.send_document(bob_id, str(original))
        got = await hears.first(lambda each: each.document, "the document", seconds=30)
        expect((got.document.file_name, got.document.file_size), ("original.bin", stage.DOCUMENT_BYTES), "its facts")
        copy = await got.download(str(original.with_name("copy.bin")))
        expect(hashlib.sha256(pathlib.Path(copy).read_bytes()).hexdigest(), digest, "the bytes")

    async with play.step("what is said during a transfer is heard once", seconds=60):
        transfer = asyncio.create_task(got.download(str(original.with_name("again.bin"))))
        lines = [f"meanwhile {number}" for number in range(10)]
        for line in lines:
            await alice.send_message(bob_id, line)
        await transfer
        await hears.first(lambda each: each.text == lines[-1], "the last line")
        await asyncio.sleep(1)
        expect([each.text for each in hears.items if each.text], lines, "the lines")

    async with play.step("a document is sent on by its id"):
        alice_hears = door.messages(alice)
        await bob.send_document(alice_id, got.document.file_id, caption="back to you")
        back = await alice_hears.first(lambda each: each.caption == "back to you", "the document")
        expect(back.document.file_unique_id, got.document.file_unique_id, "which document")

    async with play.step("a part of a document can be had alone"):
        wanted = original.read_bytes()[5 << 20 : 7 << 20]
        found = b"".join([chunk async for chunk in bob.stream_media(got, limit=2, offset=5)])
        require(found == wanted, "the bytes of the part")

    await door.part(alice, bob)


stage.run(scenario)

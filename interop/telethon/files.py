"""Photos and documents, up and down."""

import hashlib
import io
import pathlib
import random

from telethon import events, functions

import stage
import telethon_door as door
from stage import ALICE, BOB, expect, require, require_picture


async def scenario(play):
    async with play.step("two people meet", needed=True):
        alice, bob = await door.log_in(ALICE), await door.log_in(BOB)
        bob_hears = door.messages(bob)
        to_bob = await alice.get_input_entity("bobby")

    async with play.step("a photo arrives with its sizes"):
        photo = io.BytesIO(stage.picture(320, 200))
        photo.name = "sunset.png"
        await alice.send_file(to_bob, photo, caption="a <b>sunset</b>", parse_mode="html")
        got = await bob_hears.first(lambda each: each.photo, "the photo")
        expect(got.raw_text, "a sunset", "the caption")
        expect((got.file.width, got.file.height), (320, 200), "its largest size")
        whole = await got.download_media(bytes)
        require_picture(whole, "the photo")
        expect(len(whole), got.file.size, "its size in bytes")
        require_picture(await got.download_media(bytes, thumb=0), "its smallest size")

    original = pathlib.Path("original.bin")
    original.write_bytes(random.Random(7).randbytes(stage.DOCUMENT_BYTES))
    digest = hashlib.sha256(original.read_bytes()).hexdigest()

    async with play.step("a document of 30 MB goes up and down unharmed", seconds=180):
        progress = []
        await alice.send_file(
            to_bob, original, force_document=True, progress_callback=lambda sent, total: progress.append((sent, total))
        )
        expect(progress[-1], (stage.DOCUMENT_BYTES, stage.DOCUMENT_BYTES), "the last word on progress")
        got = await bob_hears.first(lambda each: each.document, "the document")
        expect((got.file.name, got.file.size), ("original.bin", stage.DOCUMENT_BYTES), "what it says of itself")
        await got.download_media("copy.bin")
        expect(hashlib.sha256(pathlib.Path("copy.bin").read_bytes()).hexdigest(), digest, "the bytes")

    async with play.step("a part of a document can be had alone"):
        wanted = original.read_bytes()[10 << 20 : (10 << 20) + (256 << 10)]
        found = b""
        async for chunk in bob.iter_download(got.media, offset=10 << 20, limit=2, chunk_size=128 << 10):
            found += chunk
        require(found == wanted, "the bytes of the part")

    async with play.step("a document is sent on without being sent up again"):
        alice_hears = door.messages(alice)
        await bob.send_file(await got.get_input_chat(), got.media, caption="back to you")
        back = await alice_hears.first(lambda each: each.raw_text == "back to you", "the document")
        expect((back.document.id, back.file.size), (got.document.id, stage.DOCUMENT_BYTES), "which document")

    async with play.step("two photos go as one album"):
        album = door.happenings(bob, events.Album())
        files = []
        for number in range(2):
            files.append(io.BytesIO(stage.picture(64 + number, 64)))
            files[-1].name = f"{number}.png"
        await alice.send_file(to_bob, files, caption=["first", "second"])
        seen = await album.first(lambda each: len(each) == 2, "the album")
        expect([each.raw_text for each in seen.messages], ["first", "second"], "its captions")

    async with play.step("a profile photo is seen by others"):
        face = io.BytesIO(stage.picture(256, 256))
        face.name = "face.png"
        await alice(functions.photos.UploadProfilePhotoRequest(file=await alice.upload_file(face)))
        seen = await bob.get_entity(await got.get_input_chat())
        require_picture(await bob.download_profile_photo(seen, bytes), "the profile photo")

    await door.part(alice, bob)


stage.run(scenario)

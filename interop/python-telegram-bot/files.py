"""Photos and documents between a bot and a person: by multipart, by id, and by no address of ours."""

import asyncio
import hashlib
import io
import random

from telegram.error import BadRequest

import stage
from booth import Booth
from stage import expect, refused, require, require_picture

PAPER = random.Random(3).randbytes(3_000_001)
HEAVY = random.Random(4).randbytes(21 * 1000 * 1000)


async def scenario(play):
    booth = Booth()
    async with play.step("a person meets the bot", needed=True):
        await booth.open()
        await booth.alice.send_message(booth.to_bot, "/start")
        await booth.update(lambda each: each.message, "the greeting")
    await photos(play, booth)
    await documents(play, booth)
    await addresses(play, booth)
    await booth.close()


async def photos(play, booth):
    async with play.step("a photo goes out by multipart and again by its id", needed=True):
        sent = await booth.bot.send_photo(
            booth.alice_id, stage.picture(320, 200), caption="<i>dusk</i>", parse_mode="HTML"
        )
        largest = sent.photo[-1]
        expect((largest.width, largest.height, sent.caption), (320, 200, "dusk"), "the answer")
        got = await booth.heard("dusk")
        require_picture(await got.download_media(bytes), "the photo")
        again = await booth.bot.send_photo(booth.alice_id, largest.file_id, caption="dusk again")
        expect(again.photo[-1].file_unique_id, largest.file_unique_id, "which photo")
        expect((await booth.heard("dusk again")).photo.id, got.photo.id, "which photo, as Alice has it")

    async with play.step("a photo comes back down"):
        file = await booth.bot.get_file(largest.file_id)
        data = await file.download_as_bytearray()
        require_picture(bytes(data), "the photo")
        expect(len(data), file.file_size, "its size")


async def documents(play, booth):
    async with play.step("a document goes out and comes back unharmed", seconds=60):
        sent = await booth.bot.send_document(booth.alice_id, io.BytesIO(PAPER), filename="paper.bin", caption="paper")
        expect((sent.document.file_name, sent.document.file_size), ("paper.bin", len(PAPER)), "the answer")
        got = await booth.heard("paper")
        require(await got.download_media(bytes) == PAPER, "the bytes at Alice's")
        file = await booth.bot.get_file(sent.document.file_id)
        require(bytes(await file.download_as_bytearray()) == PAPER, "the bytes back at the bot's")

    async with play.step("a person's document is had by the bot", seconds=60):
        paper = io.BytesIO(PAPER)
        paper.name = "hers.bin"
        await booth.alice.send_file(booth.to_bot, paper, caption="for you", force_document=True)
        told = await booth.update(lambda each: each.message and each.message.caption == "for you", "the document")
        document = told.message.document
        expect((document.file_name, document.file_size), ("hers.bin", len(PAPER)), "what it says of itself")
        data = await (await document.get_file()).download_as_bytearray()
        expect(hashlib.sha256(data).hexdigest(), hashlib.sha256(PAPER).hexdigest(), "the bytes")

    async with play.step("a file over 20 MB is not for getFile", seconds=90):
        sent = await booth.bot.send_document(
            booth.alice_id, io.BytesIO(HEAVY), filename="heavy.bin", write_timeout=60, read_timeout=60
        )
        expect(sent.document.file_size, len(HEAVY), "its size")
        async with refused(BadRequest) as refusal:
            await booth.bot.get_file(sent.document.file_id)
        expect(refusal.words, "File is too big", "the refusal")


async def addresses(play, booth):
    async with play.step("an address of our own network is not looked into"):
        asked = []
        server = await asyncio.start_server(lambda *link: asked.append(link), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with refused(BadRequest):
            await booth.bot.send_document(booth.alice_id, f"http://127.0.0.1:{port}/secret")
        expect(asked, [], "who came by")
        server.close()


stage.run(scenario)

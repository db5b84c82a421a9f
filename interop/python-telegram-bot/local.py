"""A bot on our own machine: webhooks and files over plain HTTP from next door, and no limit on downloads."""

import asyncio
import json
import pathlib
import random

from telegram import Bot
from telegram.error import Conflict

import stage
import telethon_door as door
from stage import ALICE, expect, refused, require

PAPER = random.Random(3).randbytes(3_000_001)
HEAVY = random.Random(4).randbytes(21 * 1000 * 1000)


async def scenario(play):
    bot = Bot(stage.BOT_TOKEN, f"{stage.BOT_API}/bot", f"{stage.BOT_API}/file/bot", local_mode=True)
    async with play.step("a person meets the bot", needed=True):
        await bot.initialize()
        alice = await door.log_in(ALICE)
        to_bot = await alice.get_input_entity(stage.BOT_USERNAME)
        await alice.send_message(to_bot, "/start")
        (told,) = await bot.get_updates(timeout=5)
        expect(told.message.text, "/start", "the first update")
    await webhooks(play, bot, alice, to_bot)
    await files(play, bot, alice)
    await alice.disconnect()
    await bot.shutdown()


async def webhooks(play, bot, alice, to_bot):
    hook = Hook()
    async with play.step("a webhook is told, tries again, and may answer", seconds=60):
        url = await hook.listen()
        is_set = await bot.set_webhook(
            url, secret_token="s3cret", allowed_updates=["message"], drop_pending_updates=True
        )
        require(is_set, "it is confirmed")
        info = await bot.get_webhook_info()
        expect((info.url, list(info.allowed_updates)), (url, ["message"]), "what is set")
        hook.answers = [500]
        hears = door.messages(alice)
        await alice.send_message(to_bot, "knock knock")
        await hook.calls.count(2, "the delivery and its repetition", seconds=30)
        first, second = hook.calls.items[:2]
        expect(first.headers["x-telegram-bot-api-secret-token"], "s3cret", "the secret")
        expect(first.update["message"]["text"], "knock knock", "the update")
        expect(second.update, first.update, "the repetition")
        await hears.first(lambda each: each.raw_text == "who is there?", "the answer in the answer")

    async with play.step("polling is refused while a webhook is set"):
        async with refused(Conflict):
            await bot.get_updates()
        require(await bot.delete_webhook(), "deleting is confirmed")
        expect((await bot.get_webhook_info()).url, "", "what is set")
        await bot.get_updates()


class Hook:
    """A web server that hears of updates and answers with what is in `answers`, then with success."""

    def __init__(self):
        self.calls = stage.Inbox()
        self.answers = []

    async def listen(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}/hook"

    async def _serve(self, reader, writer):
        while True:
            try:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
            except (asyncio.IncompleteReadError, ConnectionError):
                break
            call = Call(head)
            call.update = json.loads(await reader.readexactly(int(call.headers["content-length"])))
            self.calls.put(call)
            status = self.answers.pop(0) if self.answers else 200
            reply = {"method": "sendMessage", "chat_id": call.update["message"]["chat"]["id"], "text": "who is there?"}
            body = json.dumps(reply).encode() if status == 200 else b""
            writer.write(
                f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            await writer.drain()
        writer.close()


class Call:
    """One delivery."""

    def __init__(self, head):
        lines = head.split("\r\n")[1:]
        self.headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines if line)}


async def files(play, bot, alice):
    alice_id = (await alice.get_me()).id
    hears = door.messages(alice)

    async with play.step("a document is fetched from an address"):
        asked = []

        async def serve(reader, writer):
            asked.append((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0])
            head = (
                "HTTP/1.1 200 OK",
                "Content-Type: application/pdf",
                f"Content-Length: {len(PAPER)}",
                "Connection: close",
            )
            writer.write("\r\n".join((*head, "", "")).encode() + PAPER)
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        sent = await bot.send_document(alice_id, f"http://127.0.0.1:{port}/paper.pdf", caption="fetched")
        expect(asked[-1], b"GET /paper.pdf HTTP/1.1", "what was asked for")
        expect((sent.document.file_size, sent.document.mime_type), (len(PAPER), "application/pdf"), "the answer")
        got = await hears.first(lambda each: each.raw_text == "fetched", "the document")
        require(await got.download_media(bytes) == PAPER, "the bytes")
        server.close()

    async with play.step("a heavy document is sent by its path and read where it lies", seconds=90):
        heavy = pathlib.Path("heavy.bin").absolute()
        heavy.write_bytes(HEAVY)
        sent = await bot.send_document(alice_id, heavy, write_timeout=60, read_timeout=60)
        expect((sent.document.file_name, sent.document.file_size), ("heavy.bin", len(HEAVY)), "the answer")
        file = await bot.get_file(sent.document.file_id, read_timeout=60)
        require(pathlib.Path(file.file_path).is_absolute(), "the path is one of this machine")
        require(pathlib.Path(file.file_path).read_bytes() == HEAVY, "the bytes")


stage.run(scenario)

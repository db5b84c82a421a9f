"""How updates are handed over to who asks: offsets, limits, one poller at a time. And what refusals say."""

import asyncio
import time

import httpx
from telegram import Bot
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError

import stage
import telethon_door as door
from stage import ALICE, BOB, expect, refused, require


async def scenario(play):
    bot = Bot(stage.BOT_TOKEN, f"{stage.BOT_API}/bot", f"{stage.BOT_API}/file/bot")
    async with play.step("a person meets the bot", needed=True):
        await bot.initialize()
        alice = await door.log_in(ALICE)
        to_bot = await alice.get_input_entity(stage.BOT_USERNAME)
    await offsets(play, bot, alice, to_bot)
    await refusals(play, bot, alice)
    await alice.disconnect()
    await bot.shutdown()


async def offsets(play, bot, alice, to_bot):
    async with play.step("updates wait until they are confirmed, in order"):
        lines = [f"line {number}" for number in range(5)]
        for line in lines:
            await alice.send_message(to_bot, line)

        # Who asks again at once is given one update; this waits long enough to be given them all.
        await asyncio.sleep(1)
        found = await bot.get_updates()
        expect([each.message.text for each in found], lines, "the updates")
        ids = [each.update_id for each in found]
        expect(ids, list(range(ids[0], ids[0] + 5)), "their ids")
        expect(
            [each.update_id for each in await bot.get_updates(offset=ids[1], limit=2)], ids[1:3], "two from the second"
        )
        expect([each.update_id for each in await bot.get_updates(offset=ids[3])], ids[3:], "those from the fourth")
        expect([each.update_id for each in await bot.get_updates()], ids[3:], "the others are forgotten")
        expect([each.update_id for each in await bot.get_updates(offset=-1)], ids[4:], "the last one")
        expect(list(await bot.get_updates(offset=ids[4] + 1)), [], "nothing is left")

    async with play.step("a long poll ends when something happens"):
        poll = asyncio.create_task(bot.get_updates(timeout=10))
        await asyncio.sleep(0.5)
        begun = time.monotonic()
        await alice.send_message(to_bot, "wake up")
        (update,) = await poll
        expect(update.message.text, "wake up", "the update")
        require(time.monotonic() - begun < 3, "it came at once")
        await bot.get_updates(offset=update.update_id + 1)

    async with play.step("a long poll ends empty when nothing does"):
        begun = time.monotonic()
        expect(list(await bot.get_updates(timeout=2)), [], "the updates")
        require(1.5 < time.monotonic() - begun < 5, "it took its time")

    async with play.step("the second poller ends the first"):
        first = asyncio.create_task(bot.get_updates(timeout=10))
        await asyncio.sleep(0.5)
        # A bot of the library has one connection for polls, so the second poller is another bot.
        async with Bot(stage.BOT_TOKEN, f"{stage.BOT_API}/bot") as second:
            await second.get_updates()
        async with refused(Conflict) as refusal:
            await first
        expect(
            refusal.words,
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
            "the refusal",
        )


async def refusals(play, bot, alice):
    alice_id = (await alice.get_me()).id
    bob = await door.log_in(BOB)
    bob_id = (await bob.get_me()).id
    await bob.disconnect()

    async with play.step("the library knows our refusals"):
        async with refused(InvalidToken):
            await Bot("12345:" + "A" * 35, f"{stage.BOT_API}/bot").initialize()
        async with refused(BadRequest):
            await bot.send_message(123456789012, "psst")
        async with refused(BadRequest, Forbidden):
            await bot.send_message(bob_id, "buy now")
        async with refused(NetworkError):
            await bot.send_message(alice_id, "")

    sent = await bot.send_message(alice_id, "something")
    message = {"chat_id": alice_id, "message_id": sent.message_id}
    for name, method, fields, wanted in (
        ("an unknown method", "sendNothing", {}, (404, "Not Found: method not found")),
        ("no chat", "sendMessage", {"text": "x"}, (400, "Bad Request: chat_id is empty")),
        ("a chat nobody knows", "sendMessage", {"chat_id": 99, "text": "x"}, (400, "Bad Request: chat not found")),
        (
            "a name nobody has",
            "sendMessage",
            {"chat_id": "@nobody_here", "text": "x"},
            (400, "Bad Request: chat not found"),
        ),
        ("no text", "sendMessage", {"chat_id": alice_id}, (400, "Bad Request: message text is empty")),
        (
            "too long a text",
            "sendMessage",
            {"chat_id": alice_id, "text": "x" * 4097},
            (400, "Bad Request: message is too long"),
        ),
        (
            "an edit that changes nothing",
            "editMessageText",
            message | {"text": "something"},
            (
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are exactly "
                "the same as a current content and reply markup of the message",
            ),
        ),
        (
            "an edit of nothing",
            "editMessageText",
            {"chat_id": alice_id, "message_id": 99999, "text": "x"},
            (400, "Bad Request: message to edit not found"),
        ),
        (
            "a deletion of nothing",
            "deleteMessage",
            {"chat_id": alice_id, "message_id": 99999},
            (400, "Bad Request: message to delete not found"),
        ),
        ("a file id of nothing", "getFile", {"file_id": "nonsense"}, (400, "Bad Request: invalid file_id")),
        (
            "a query nobody asked",
            "answerCallbackQuery",
            {"callback_query_id": "1"},
            (400, "Bad Request: query is too old and response timeout expired or query ID is invalid"),
        ),
        (
            "tags that are not closed",
            "sendMessage",
            {"chat_id": alice_id, "text": "<b>x", "parse_mode": "HTML"},
            (400, "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\""),
        ),
    ):
        async with play.step(f"{name} is refused in the official words"):
            expect(await raw(method, fields), wanted, "the refusal")

    async with play.step("a person who never wrote is left alone, in the official words"):
        status, words = await raw("sendMessage", {"chat_id": bob_id, "text": "buy now"})
        require(
            (status, words)
            in (
                (403, "Forbidden: bot can't initiate conversation with a user"),
                (400, "Bad Request: chat not found"),
            ),
            f"found {status} {words!r}",
        )

    async with play.step("a wrong token is refused in the official words"):
        expect(await raw("getMe", {}, token="nonsense"), (401, "Unauthorized: invalid token specified"), "a bad shape")
        expect(await raw("getMe", {}, token="12345:" + "A" * 35), (401, "Unauthorized"), "a stranger's")


async def raw(method, fields, token=stage.BOT_TOKEN):
    """A call without a library between: the status and the description."""
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{stage.BOT_API}/bot{token}/{method}", json=fields)
    body = answer.json()
    expect((body["ok"], body["error_code"]), (False, answer.status_code), "the envelope")
    return answer.status_code, body["description"]


stage.run(scenario)

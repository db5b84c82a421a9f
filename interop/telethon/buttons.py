"""A bot that speaks MTProto: keyboards, callbacks, and the account that makes bots."""

import re

from telethon import Button, errors, events, functions, types

import stage
import telethon_door as door
from stage import ALICE, BOB, expect, refused, require


async def scenario(play):
    async with play.step("a bot logs in with its token", needed=True):
        bot = await door.log_in_bot(stage.BOT_TOKEN)
        me = await bot.get_me()
        expect((me.bot, me.username), (True, stage.BOT_USERNAME), "who logged in")

    async with play.step("a token nobody has is refused"):
        async with refused(errors.AccessTokenInvalidError, errors.AccessTokenExpiredError):
            await door.log_in_bot("1234567:" + "A" * 35)

    async with play.step("a person finds the bot and its keyboard", needed=True):
        bot.add_event_handler(greet, events.NewMessage(incoming=True, pattern="/start"))
        bot.add_event_handler(answer, events.CallbackQuery())
        alice = await door.log_in(ALICE)
        alice_hears = door.messages(alice)
        edits = door.happenings(alice, events.MessageEdited())
        to_bot = await alice.get_input_entity(stage.BOT_USERNAME)
        await alice.send_message(to_bot, "/start")
        menu = await alice_hears.first(lambda each: each.buttons, "the keyboard")
        expect([[each.text for each in row] for row in menu.buttons], [["Yes", "No", "Well"], ["Site"]], "the keys")
        expect(menu.buttons[1][0].url, "https://example.org/", "where a key leads")

    async with play.step("a button is pressed and answered"):
        reply = await menu.click(data=b"no")
        expect((reply.message, bool(reply.alert)), ("So no.", False), "the answer")
        reply = await menu.click(data=b"yes")
        expect((reply.message, bool(reply.alert)), ("So yes.", True), "the answer")
        seen = await edits.first(lambda each: each.message.id == menu.id, "the bot's edit")
        expect((seen.message.raw_text, seen.message.buttons), ("It is yes", None), "the message afterwards")

    async with play.step("a button the bot ignores times out", seconds=60):
        await alice.send_message(to_bot, "/start")
        menu = await alice_hears.first(lambda each: each.buttons and each.id > menu.id, "the keyboard")
        async with refused(errors.BotResponseTimeoutError):
            # Telethon's own click keeps quiet about this error.
            await alice(functions.messages.GetBotCallbackAnswerRequest(to_bot, menu.id, data=b"well"))

    async with play.step("data that is on no button is refused"):
        async with refused(errors.DataInvalidError):
            await alice(functions.messages.GetBotCallbackAnswerRequest(to_bot, menu.id, data=b"forged"))

    async with play.step("a keyboard of replies is shown and taken away"):
        to_alice = (await alice.get_me()).id
        await bot.send_message(to_alice, "choose", buttons=[[Button.text("Tea"), Button.text("Coffee")]])
        shown = await alice_hears.first(lambda each: each.raw_text == "choose", "the keyboard")
        require(isinstance(shown.reply_markup, types.ReplyKeyboardMarkup), "it is a keyboard of replies")
        expect([each.text for each in shown.reply_markup.rows[0].buttons], ["Tea", "Coffee"], "its keys")
        await bot.send_message(to_alice, "thanks", buttons=Button.clear())
        gone = await alice_hears.first(lambda each: each.raw_text == "thanks", "the end of it")
        require(isinstance(gone.reply_markup, types.ReplyKeyboardHide), "it is taken away")

    async with play.step("a bot cannot write to who has not written to it"):
        bob = await door.log_in(BOB)
        await bob.get_me()
        async with refused(errors.BadRequestError, errors.ForbiddenError):
            await bot.send_message("bobby", "buy now")
        await bob.disconnect()

    async with play.step("the account that makes bots makes one", seconds=30):
        async with alice.conversation("BotFather", timeout=5) as talk:
            for line in ("/newbot", "Second", "second_stage_bot"):
                await talk.send_message(line)
                said = await talk.get_response()
        token = re.search(r"\d+:[\w-]{35}", said.raw_text)
        require(token, f"a token in {said.raw_text!r}")
        second = await door.log_in_bot(token.group())
        expect((await second.get_me()).username, "second_stage_bot", "whose token it is")
        await second.disconnect()

    await door.part(alice, bot)


async def greet(event):
    await event.respond(
        "Is it?",
        buttons=[
            [Button.inline("Yes", b"yes"), Button.inline("No", b"no"), Button.inline("Well", b"well")],
            [Button.url("Site", "https://example.org/")],
        ],
    )


async def answer(event):
    if event.data == b"yes":
        await event.answer("So yes.", alert=True)
        await event.edit("It is yes")
    elif event.data == b"no":
        await event.answer("So no.")


stage.run(scenario)

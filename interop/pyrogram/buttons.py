"""A bot that speaks MTProto, in the words of layer 158."""

from pyrogram import filters, handlers
from pyrogram.types import InlineKeyboardButton, InlineKeyboardMarkup, ReplyKeyboardMarkup, ReplyKeyboardRemove

import door
import stage
from stage import ALICE, expect, require


async def scenario(play):
    async with play.step("a bot logs in with its token", needed=True):
        bot = door.client("bot", bot_token=stage.BOT_TOKEN)
        await bot.start()
        expect((bot.me.is_bot, bot.me.username), (True, stage.BOT_USERNAME), "who logged in")

    async with play.step("a person finds the bot and its keyboard", needed=True):
        bot.add_handler(handlers.MessageHandler(greet, filters.command("start")))
        bot.add_handler(handlers.CallbackQueryHandler(answer))
        alice = await door.log_in(ALICE)
        hears, edits = door.messages(alice), door.edits(alice)
        await alice.send_message(stage.BOT_USERNAME, "/start")
        menu = await hears.first(lambda each: each.reply_markup, "the keyboard")
        keys = [[each.text for each in row] for row in menu.reply_markup.inline_keyboard]
        expect(keys, [["Yes", "No"], ["Site"]], "the keys")
        expect(menu.reply_markup.inline_keyboard[1][0].url, "https://example.org/", "where a key leads")

    async with play.step("a button is pressed and answered"):
        reply = await alice.request_callback_answer(stage.BOT_USERNAME, menu.id, b"no")
        expect((reply.message, bool(reply.alert)), ("So no.", False), "the answer")
        reply = await alice.request_callback_answer(stage.BOT_USERNAME, menu.id, b"yes")
        expect((reply.message, bool(reply.alert)), ("So yes.", True), "the answer")
        seen = await edits.first(lambda each: each.id == menu.id, "the bot's edit")
        expect((str(seen.text), seen.reply_markup), ("It is yes", None), "the message afterwards")

    async with play.step("a keyboard of replies is shown and taken away"):
        await bot.send_message(alice.me.id, "choose", reply_markup=ReplyKeyboardMarkup([["Tea", "Coffee"]]))
        shown = await hears.first(lambda each: each.text == "choose", "the keyboard")
        expect(shown.reply_markup.keyboard, [["Tea", "Coffee"]], "its keys")
        await bot.send_message(alice.me.id, "thanks", reply_markup=ReplyKeyboardRemove())
        gone = await hears.first(lambda each: each.text == "thanks", "the end of it")
        require(isinstance(gone.reply_markup, ReplyKeyboardRemove), "it is taken away")

    await door.part(alice, bot)


async def greet(_, message):
    keys = [
        [InlineKeyboardButton("Yes", callback_data=b"yes"), InlineKeyboardButton("No", callback_data=b"no")],
        [InlineKeyboardButton("Site", url="https://example.org/")],
    ]
    await message.reply("Is it?", reply_markup=InlineKeyboardMarkup(keys))


async def answer(_, query):
    if query.data == "yes":
        await query.answer("So yes.", show_alert=True)
        await query.edit_message_text("It is yes")
    else:
        await query.answer("So no.")


stage.run(scenario)

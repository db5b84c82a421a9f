"""A bot and a person talk: commands, formats, keyboards, edits, what each sees of the other."""

from telegram import (
    BotCommand,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram.ext import CallbackQueryHandler, CommandHandler, MessageHandler, filters
from telethon import events, types

import stage
import telethon_door as door
from booth import Booth
from stage import expect, require

HTML = '🌍 <b>bold</b> <i>italic</i> <u>under</u> <s>gone</s> <tg-spoiler>hush</tg-spoiler> <code>a&lt;b</code> <a href="https://example.org/">link</a>'
MARKDOWN_V2 = "🌍 *bold* _italic_ __under__ ~gone~ ||hush|| `a<b` [link](https://example.org/)"
MARKDOWN = "🌍 *bold* _italic_ `a<b` [link](https://example.org/)"
PLAIN = "🌍 bold italic under gone hush a<b link"
SHAPE = [
    ("MessageEntityBold", 3, 4),
    ("MessageEntityItalic", 8, 6),
    ("MessageEntityUnderline", 15, 5),
    ("MessageEntityStrike", 21, 4),
    ("MessageEntitySpoiler", 26, 4),
    ("MessageEntityCode", 31, 3),
    ("MessageEntityTextUrl", 35, 4),
]


async def scenario(play):
    booth = Booth()
    async with play.step("the bot says who it is", needed=True):
        await booth.app.bot.initialize()
        me = await booth.bot.get_me()
        expect((me.is_bot, me.username, me.first_name), (True, stage.BOT_USERNAME, "Echo"), "who it is")
    async with play.step("a person meets the bot", needed=True):
        await meet(booth)
    for part in (words, formats, keyboards, changes, glimpses):
        await part(play, booth)
    await booth.close()


async def meet(booth):
    booth.app.add_handler(CommandHandler("start", start))
    booth.app.add_handler(CallbackQueryHandler(press))
    booth.app.add_handler(MessageHandler(filters.TEXT & filters.Regex("^echo "), echo))
    await booth.open()
    await booth.alice.send_message(booth.to_bot, "/start")
    await booth.heard("Welcome, Alice")


async def start(update, _):
    await update.message.reply_text(f"Welcome, {update.effective_user.first_name}")


async def echo(update, _):
    await update.message.reply_text(update.message.text_html, parse_mode="HTML", do_quote=True)


async def press(update, _):
    query = update.callback_query
    await query.answer(f"You chose {query.data}", show_alert=query.data == "tea")
    await query.edit_message_text(f"It is {query.data}")


async def words(play, booth):
    async with play.step("what a person says arrives as an update"):
        told = await booth.update(lambda each: each.message and each.message.text == "/start", "the command")
        message = told.message
        expect(
            (message.chat.type, message.chat.id, message.from_user.id),
            ("private", booth.alice_id, booth.alice_id),
            "where and who",
        )
        expect((message.from_user.username, message.chat.first_name), ("alice", "Alice"), "her names")
        entity = message.entities[0]
        expect((entity.type, entity.offset, entity.length), ("bot_command", 0, 6), "the command in it")

    async with play.step("an echo keeps the formats and points at its message"):
        asked = await booth.alice.send_message(booth.to_bot, "echo <b>echo</b>", parse_mode="html")
        back = await booth.hears.first(lambda each: each.raw_text == "echo echo", "the echo")
        expect(shape(back.entities), [("MessageEntityBold", 5, 4)], "the entities")
        expect(back.reply_to_msg_id, asked.id, "what it replies to")

    async with play.step("a bot quotes a part of a message"):
        asked = await booth.alice.send_message(booth.to_bot, "one two three")
        told = await booth.update(lambda each: each.message and each.message.text == "one two three", "the message")
        reply = ReplyParameters(told.message.message_id, quote="two", quote_position=4)
        sent = await booth.bot.send_message(booth.alice_id, "that one", reply_parameters=reply)
        expect((sent.quote.text, sent.reply_to_message.text), ("two", "one two three"), "the quote in the answer")
        got = await booth.heard("that one")
        expect((got.reply_to_msg_id, got.reply_to.quote_text), (asked.id, "two"), "the quote as Alice has it")


def shape(entities):
    return sorted(
        ((type(each).__name__, each.offset, each.length) for each in entities or []), key=lambda each: each[1]
    )


async def formats(play, booth):
    for mode, source, wanted in (
        ("HTML", HTML, SHAPE),
        ("MarkdownV2", MARKDOWN_V2, SHAPE),
        (
            "Markdown",
            MARKDOWN,
            [
                ("MessageEntityBold", 3, 4),
                ("MessageEntityItalic", 8, 6),
                ("MessageEntityCode", 15, 3),
                ("MessageEntityTextUrl", 19, 4),
            ],
        ),
    ):
        async with play.step(f"{mode} arrives as entities"):
            seen = len(booth.hears.items)
            sent = await booth.bot.send_message(booth.alice_id, source, parse_mode=mode)
            await booth.hears.count(seen + 1, "the message")
            got = booth.hears.items[seen]
            expect(got.raw_text, PLAIN if wanted is SHAPE else "🌍 bold italic a<b link", "the text")
            expect(shape(got.entities), wanted, "the entities as Alice has them")
            expect(
                sorted((each.offset, each.length) for each in sent.entities),
                [(offset, length) for _, offset, length in wanted],
                "the entities in the answer",
            )

    async with play.step("entities may be given by hand"):
        given = [MessageEntity(MessageEntity.BOLD, 0, 2), MessageEntity(MessageEntity.PRE, 3, 4, language="rust")]
        await booth.bot.send_message(booth.alice_id, "by hand", entities=given)
        got = await booth.heard("by hand")
        expect(shape(got.entities), [("MessageEntityBold", 0, 2), ("MessageEntityPre", 3, 4)], "the entities")
        expect(got.entities[1].language, "rust", "the language")


async def keyboards(play, booth):
    async with play.step("a button is pressed, answered, and its message changed"):
        edits = door.happenings(booth.alice, events.MessageEdited())
        keys = InlineKeyboardMarkup(
            [
                [
                    InlineKeyboardButton("Tea", callback_data="tea"),
                    InlineKeyboardButton("Coffee", callback_data="coffee"),
                ],
                [InlineKeyboardButton("Site", url="https://example.org/")],
            ]
        )
        sent = await booth.bot.send_message(booth.alice_id, "Tea or coffee?", reply_markup=keys)
        expect(sent.reply_markup.to_dict(), keys.to_dict(), "the keyboard in the answer")
        menu = await booth.heard("Tea or coffee?")
        reply = await menu.click(data=b"tea")
        expect((reply.message, bool(reply.alert)), ("You chose tea", True), "the answer to Alice")
        told = await booth.update(lambda each: each.callback_query, "the press")
        query = told.callback_query
        expect(
            (query.data, query.from_user.id, query.message.message_id),
            ("tea", booth.alice_id, sent.message_id),
            "the press",
        )
        seen = await edits.first(lambda each: each.message.id == menu.id, "the edit")
        expect((seen.message.raw_text, seen.message.buttons), ("It is tea", None), "the message afterwards")

    async with play.step("keyboards of replies come and go"):
        await booth.bot.send_message(
            booth.alice_id,
            "pick",
            reply_markup=ReplyKeyboardMarkup([["Yes", "No"]], resize_keyboard=True, one_time_keyboard=True),
        )
        shown = (await booth.heard("pick")).reply_markup
        require(
            isinstance(shown, types.ReplyKeyboardMarkup) and shown.resize and shown.single_use, "a keyboard of replies"
        )
        expect([each.text for each in shown.rows[0].buttons], ["Yes", "No"], "its keys")
        await booth.bot.send_message(booth.alice_id, "picked", reply_markup=ReplyKeyboardRemove())
        require(isinstance((await booth.heard("picked")).reply_markup, types.ReplyKeyboardHide), "it is taken away")
        await booth.bot.send_message(booth.alice_id, "why?", reply_markup=ForceReply(input_field_placeholder="because"))
        forced = (await booth.heard("why?")).reply_markup
        require(isinstance(forced, types.ReplyKeyboardForceReply), "a reply is asked for")
        expect(forced.placeholder, "because", "the placeholder")


async def changes(play, booth):
    edits = door.happenings(booth.alice, events.MessageEdited())
    deletions = door.happenings(booth.alice, events.MessageDeleted())

    async with play.step("a bot edits and deletes what it said"):
        sent = await booth.bot.send_message(booth.alice_id, "teh typo")
        got = await booth.heard("teh typo")
        edited = await sent.edit_text("the *typo*", parse_mode="Markdown")
        expect((edited.text, edited.edit_date is not None), ("the typo", True), "the answer")
        seen = await edits.first(lambda each: each.message.id == got.id, "the edit")
        expect(seen.message.raw_text, "the typo", "the edited text")
        require(await sent.delete(), "the deletion is confirmed")
        await deletions.first(lambda each: got.id in each.deleted_ids, "the deletion")

    async with play.step("an edit by a person is an update"):
        said = await booth.alice.send_message(booth.to_bot, "frist")
        await booth.alice.edit_message(said, "first")
        told = await booth.update(lambda each: each.edited_message, "the edit")
        expect(told.edited_message.text, "first", "the edited text")

    async with play.step("a bot forwards and copies"):
        said = await booth.alice.send_message(booth.to_bot, "pass it on")
        told = await booth.update(lambda each: each.message and each.message.text == "pass it on", "the message")
        seen = len(booth.hears.items)
        forwarded = await told.message.forward(booth.alice_id)
        expect(forwarded.forward_origin.sender_user.id, booth.alice_id, "where it comes from")
        copied = await told.message.copy(booth.alice_id)
        require(copied.message_id > forwarded.message_id, "a copy is a message of its own")
        await booth.hears.count(seen + 2, "both")
        first, second = booth.hears.items[seen : seen + 2]
        expect((first.raw_text, first.fwd_from is not None), ("pass it on", True), "the forward")
        expect((second.raw_text, second.fwd_from), ("pass it on", None), "the copy")


async def glimpses(play, booth):
    async with play.step("a bot is seen typing"):
        updates = door.happenings(booth.alice, events.UserUpdate())
        require(await booth.bot.send_chat_action(booth.alice_id, "typing"), "it is confirmed")
        await updates.first(lambda each: each.typing, "the typing")

    async with play.step("a bot asks who a person is"):
        chat = await booth.bot.get_chat(booth.alice_id)
        expect(
            (chat.id, chat.type, chat.first_name, chat.username),
            (booth.alice_id, "private", "Alice", "alice"),
            "the chat",
        )

    async with play.step("a bot's commands are kept"):
        commands = [BotCommand("start", "Begin"), BotCommand("help", "Explain")]
        require(await booth.bot.set_my_commands(commands), "setting is confirmed")
        expect(list(await booth.bot.get_my_commands()), commands, "the commands")
        require(await booth.bot.delete_my_commands(), "deleting is confirmed")
        expect(list(await booth.bot.get_my_commands()), [], "the commands")


stage.run(scenario)

"""What the shared scenario leaves out, read by the strictest of the libraries: aiogram checks each answer
against its models, field by field.
"""

from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    ForceReply,
    InputMediaDocument,
    InputMediaPhoto,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telethon import functions, types

import stage
from booth import Booth
from stage import expect, require


async def scenario(play):
    booth = Booth()
    async with play.step("a person meets the bot", needed=True):
        await booth.open()
    for part in (sendings, hearings, changes, keyboards, profiles):
        await part(play, booth)
    await booth.close()


async def sendings(play, booth):
    bot, to = booth.bot, booth.alice_id
    kinds = {
        "photo": lambda: bot.send_photo(to, booth.file("picture.png"), has_spoiler=True),
        "document": lambda: bot.send_document(to, booth.file("notes.bin")),
        "audio": lambda: bot.send_audio(to, booth.file("song.mp3"), duration=3, performer="Nobody", title="Nothing"),
        "video": lambda: bot.send_video(to, booth.file("film.mp4"), duration=3, width=32, height=20),
        "animation": lambda: bot.send_animation(to, booth.file("film.mp4"), width=32, height=20),
        "voice": lambda: bot.send_voice(to, booth.file("speech.ogg"), duration=3),
        "video_note": lambda: bot.send_video_note(to, booth.file("film.mp4"), duration=3, length=100),
        "sticker": lambda: bot.send_sticker(to, booth.file("sticker.webp")),
        "location": lambda: bot.send_location(to, 52.5, 13.4),
        "venue": lambda: bot.send_venue(to, 52.5, 13.4, "Kiosk", "Corner"),
        "contact": lambda: bot.send_contact(to, "+4930123456", "Kim"),
        "dice": lambda: bot.send_dice(to, emoji="🎯"),
    }
    for kind, send in kinds.items():
        async with play.step(f"the bot sends {kind} and is answered with one"):
            before = len(booth.hears.items)
            expect((await send()).content_type, kind, "what was sent")
            await booth.hears.count(before + 1, "it, at Alice's")

    async with play.step("albums stay together"):
        pictures = [InputMediaPhoto(media=booth.file("picture.png"), caption=each) for each in ("one", "two")]
        sent = await bot.send_media_group(to, pictures)
        expect([each.caption for each in sent], ["one", "two"], "the captions")
        expect(len({each.media_group_id for each in sent}), 1, "how many albums")
        notes = InputMediaDocument(media=booth.file("notes.bin"))
        expect(len(await bot.send_media_group(to, [notes, notes])), 2, "how many documents")


async def hearings(play, booth):
    alice, bot = booth.alice, stage.BOT_USERNAME
    place = types.InputMediaGeoPoint(types.InputGeoPoint(52.5, 13.4))
    card = types.InputMediaContact("+4930123456", "Kim", "", "")
    kinds = {
        "photo": lambda: alice.send_file(bot, booth.files["picture.png"]),
        "document": lambda: alice.send_file(bot, booth.files["notes.bin"]),
        "voice": lambda: alice.send_file(bot, booth.files["speech.ogg"], voice_note=True),
        "location": lambda: alice.send_file(bot, place),
        "contact": lambda: alice.send_file(bot, card),
        "dice": lambda: alice.send_file(bot, types.InputMediaDice("🎲")),
    }
    for kind, send in kinds.items():
        async with play.step(f"the bot is told of {kind}"):
            await send()
            expect((await booth.heard(kind)).from_user.id, booth.alice_id, "from whom")


async def changes(play, booth):
    bot, to = booth.bot, booth.alice_id

    async with play.step("messages are forwarded and copied"):
        asked = await booth.heard("text")
        forward = await bot.forward_message(to, to, asked.message_id)
        expect((forward.text, forward.forward_origin.sender_user.id), ("/start", to), "the forward, and whose it is")
        copy = await bot.copy_message(to, to, asked.message_id)
        require(copy.message_id > forward.message_id, "the copy is another message")

    async with play.step("a message is pinned, and the chat says so"):
        sent = await bot.send_message(to, "pin me")
        await bot.pin_chat_message(to, sent.message_id)
        chat = await bot.get_chat(to)
        expect((chat.first_name, chat.pinned_message.text), ("Alice", "pin me"), "the chat")
        await bot.unpin_chat_message(to, message_id=sent.message_id)
        expect((await bot.get_chat(to)).pinned_message, None, "the chat afterwards")


async def keyboards(play, booth):
    async with play.step("keyboards come, ask and go"):
        keys = [[KeyboardButton(text="Tea"), KeyboardButton(text="My number", request_contact=True)]]
        shown = {
            "choose": ReplyKeyboardMarkup(keyboard=keys, resize_keyboard=True),
            "answer": ForceReply(input_field_placeholder="say it"),
            "thanks": ReplyKeyboardRemove(),
        }
        for text, markup in shown.items():
            await booth.bot.send_message(booth.alice_id, text, reply_markup=markup)
        seen = [await booth.hears.first(lambda each: each.raw_text == text, text) for text in shown]
        wanted = [types.ReplyKeyboardMarkup, types.ReplyKeyboardForceReply, types.ReplyKeyboardHide]
        expect([type(each.reply_markup) for each in seen], wanted, "what Alice's client shows")


async def profiles(play, booth):
    bot = booth.bot

    async with play.step("the bot says what it is and what it can do"):
        commands, scope = [BotCommand(command="start", description="begins")], BotCommandScopeAllPrivateChats()
        await bot.set_my_commands(commands, scope)
        expect([each.command for each in await bot.get_my_commands(scope)], ["start"], "its commands")
        await bot.delete_my_commands(scope)
        expect(await bot.get_my_commands(scope), [], "its commands afterwards")
        await bot.set_my_description("Says everything twice.")
        expect((await bot.get_my_description()).description, "Says everything twice.", "its description")
        await bot.set_my_short_description("Echo")
        expect((await bot.get_my_short_description()).short_description, "Echo", "the short one")

    async with play.step("a picture of a person is shown to the bot"):
        picture = await booth.alice.upload_file(booth.files["picture.png"])
        await booth.alice(functions.photos.UploadProfilePhotoRequest(file=picture))
        found = await bot.get_user_profile_photos(booth.alice_id)
        expect(found.total_count, 1, "how many")
        whole = await bot.download(found.photos[0][-1].file_id)
        stage.require_picture(whole.read(), "the picture")


stage.run(scenario)

"""What the shared scenario leaves out, in the words of the newest layer."""

import asyncio
import base64
import datetime

from pyrogram import enums, errors, raw, types
from pyrogram.qrlogin import QRLogin

import door
import samples
import stage
from stage import ALICE, BOB, expect, refused, require


async def scenario(play):
    table = Table()
    async with play.step("two people meet", needed=True):
        await table.sit_down()
    for part in (kinds, albums, changes, counts, people, squares):
        await part(play, table)
    await table.alice.stop()
    await table.bob.stop()


class Table:
    """Alice and Bob, who have found each other, and files of every kind."""

    async def sit_down(self):
        self.files = samples.lay_out()
        self.alice, self.bob = await door.log_in(ALICE), await door.log_in(BOB)
        self.hears, self.edits = door.messages(self.bob), door.edits(self.bob)
        self.bob_id = (await self.alice.get_users("bobby")).id

    async def heard(self, sent):
        """What Alice sent, as Bob has it."""
        what = facts(sent)
        return await self.hears.first(lambda each: facts(each) == what, f"{what} at Bob's")


def facts(message):
    return message.media, message.text, message.caption


async def kinds(play, table):
    alice, bob, files = table.alice, table.bob_id, table.files
    sendings = {
        "PHOTO": lambda: alice.send_photo(bob, files["picture.png"]),
        "DOCUMENT": lambda: alice.send_document(bob, files["notes.bin"]),
        "AUDIO": lambda: alice.send_audio(bob, files["song.mp3"], duration=3, performer="Nobody", title="Nothing"),
        "VIDEO": lambda: alice.send_video(bob, files["film.mp4"], duration=3, width=32, height=20),
        "ANIMATION": lambda: alice.send_animation(bob, files["film.mp4"], width=32, height=20),
        "VOICE": lambda: alice.send_voice(bob, files["speech.ogg"], duration=3),
        "VIDEO_NOTE": lambda: alice.send_video_note(bob, files["film.mp4"], duration=3, length=100),
        "STICKER": lambda: alice.send_sticker(bob, files["sticker.webp"]),
        "LOCATION": lambda: alice.send_location(bob, 52.5, 13.4),
        "VENUE": lambda: alice.send_venue(bob, 52.5, 13.4, "Kiosk", "Corner"),
        "CONTACT": lambda: alice.send_contact(bob, "+4930123456", "Kim"),
        "DICE": lambda: alice.send_dice(bob),
    }
    for kind, send in sendings.items():
        async with play.step(f"what is sent as {kind.lower()} arrives as that"):
            sent = await send()
            expect(sent.media, enums.MessageMediaType[kind], "what was sent")
            await table.heard(sent)


async def albums(play, table):
    async with play.step("an album stays together"):
        picture = table.files["picture.png"]
        pair = [types.InputMediaPhoto(picture, caption="one"), types.InputMediaPhoto(picture, caption="two")]
        sent = await table.alice.send_media_group(table.bob_id, pair)
        heard = [await table.heard(each) for each in sent]
        require(heard[0].media_group_id, "it is an album")
        expect(heard[0].media_group_id, heard[1].media_group_id, "whose parts")
        whole = await table.bob.get_media_group("alice", heard[0].id)
        expect([each.caption for each in whole], ["one", "two"], "the album when asked for")


async def changes(play, table):
    async with play.step("a quote points at its words"):
        first = await table.alice.send_message(table.bob_id, "first things first")
        quote = types.ReplyParameters(message_id=first.id, quote="things", quote_position=6)
        answer = await table.heard(await table.alice.send_message(table.bob_id, "which?", reply_parameters=quote))
        expect((str(answer.quote.text), answer.quote.position), ("things", 6), "the quote")

    async with play.step("a caption and a picture are changed"):
        sent = await table.alice.send_photo(table.bob_id, table.files["picture.png"], caption="as it was")
        await table.alice.edit_message_caption(table.bob_id, sent.id, "as it is")
        seen = await table.edits.first(lambda each: each.caption == "as it is", "the caption")
        media = types.InputMediaPhoto(table.files["picture.png"], caption="as it will be")
        await table.alice.edit_message_media(table.bob_id, sent.id, media)
        other = await table.edits.first(lambda each: each.caption == "as it will be", "the picture")
        require(seen.photo.file_unique_id != other.photo.file_unique_id, "it is another picture")

    async with play.step("what is meant for later is refused, and does not go out now"):
        later = datetime.datetime.now() + datetime.timedelta(hours=1)
        async with refused(errors.ScheduleDateInvalid):
            await table.alice.send_message(table.bob_id, "not yet", schedule_date=later)
        await table.heard(await table.alice.send_message(table.bob_id, "now"))
        require("not yet" not in [each.text for each in table.hears.items], "nothing of it")


async def counts(play, table):
    async with play.step("a history and what is found in it are counted"):
        all_of_it = [each async for each in table.alice.get_chat_history(table.bob_id)]
        expect(await table.alice.get_chat_history_count(table.bob_id), len(all_of_it), "the history")
        found = [each async for each in table.alice.search_messages(table.bob_id, "first")]
        expect([each.text for each in found], ["first things first"], "what is found")
        expect(await table.alice.search_messages_count(table.bob_id, "first"), 1, "how much of it")


async def people(play, table):
    async with play.step("somebody is added, blocked, let go and forgotten"):
        await table.alice.add_contact(table.bob_id, "Bobby")
        expect([each.first_name for each in await table.alice.get_contacts()], ["Bobby"], "the address book")
        hears = door.messages(table.alice)
        await table.alice.block_user(table.bob_id)
        await table.bob.send_message("alice", "why?")
        await table.alice.unblock_user(table.bob_id)
        await table.bob.send_message("alice", "thanks")
        await hears.first(lambda each: each.text == "thanks", "what came after")
        expect([each.text for each in hears.items], ["thanks"], "what came at all")
        await table.alice.delete_contacts(table.bob_id)
        expect(await table.alice.get_contacts_count(), 0, "the address book")

    async with play.step("a picture of oneself is seen, fetched and taken away"):
        photo = types.InputChatPhotoStatic(table.files["picture.png"])
        require(await table.alice.set_profile_photo(photo=photo), "it is set")
        seen = (await table.bob.get_users("alice")).photo
        whole = await table.bob.download_media(seen.big_file_id, in_memory=True)
        stage.require_picture(bytes(whole.getbuffer()), "the picture")
        mine = [each async for each in table.alice.get_chat_photos("me")]
        await table.alice.delete_profile_photos([each.big_file_id for each in mine])
        expect((await table.bob.get_users("alice")).photo, None, "the picture afterwards")


async def squares(play, table):
    async with play.step("a picture of squares lets a program in that was shown to another"):
        newcomer = door.client("newcomer")
        await newcomer.connect()
        picture = QRLogin(newcomer)
        await picture.recreate()
        waiting = asyncio.create_task(picture.wait())
        # The library listens as soon as its task has run, and misses what was there before.
        await asyncio.sleep(0.5)
        token = base64.urlsafe_b64decode(picture.url.removeprefix("tg://login?token="))
        await table.alice.invoke(raw.functions.auth.AcceptLoginToken(token=token))
        expect((await waiting).first_name, "Alice", "who was let in")
        expect((await newcomer.get_me()).username, "alice", "who that is")
        await newcomer.disconnect()


stage.run(scenario)

"""Two data centres behind one cloud: logins and files that lie in the other one.

The cloud of this run answers for 2 and 4. Telethon dials 2, and finds 4 by what it is told.
"""

import io
import os
import random
import subprocess

from telethon import errors, functions, types
from telethon.sessions import SQLiteSession

import stage
import telethon_door as door
from stage import ALICE, Person, expect, refused, require, require_picture

DORA = Person("+9996655555")
HOME = 2
AWAY = 4


async def scenario(play):
    async with play.step("somebody is at home in the other data centre", needed=True):
        heliogram("user", "new", "--dc", str(AWAY), "--phone", DORA.phone, "--first-name", "Dora", "--username", "dora_away")

    async with play.step("a login is sent home", needed=True):
        dora = await door.log_in(DORA, SQLiteSession("dora"))
        expect(dora.session.dc_id, AWAY, "where Telethon went")
        expect((await dora.get_me()).first_name, "Dora", "who logged in")
        config = await dora(functions.help.GetConfigRequest())
        expect(config.this_dc, AWAY, "what this data centre calls itself")
        expect({option.id for option in config.dc_options}, {HOME, AWAY}, "the data centres that are listed")

    async with play.step("a saved session goes straight home", seconds=30):
        await dora.disconnect()
        dora = door.TelegramClient(SQLiteSession("dora"), stage.API_ID, stage.API_HASH)
        await dora.connect()
        expect(dora.session.dc_id, AWAY, "the data centre that was saved")
        require(await dora.is_user_authorized(), "the login was saved")

    async with play.step("people of both homes talk", needed=True):
        alice = await door.log_in(ALICE)
        expect(alice.session.dc_id, HOME, "where Alice is at home")
        dora_hears, alice_hears = door.messages(dora), door.messages(alice)
        await alice.send_message("dora_away", "from 2 to 4")
        await dora_hears.first(lambda each: each.raw_text == "from 2 to 4", "the words")
        await dora.send_message("alice", "from 4 to 2")
        await alice_hears.first(lambda each: each.raw_text == "from 4 to 2", "the words")

    async with play.step("a file is fetched from the other data centre", seconds=60):
        for author, to, hears, reader, home in (
            (dora, "alice", alice_hears, alice, AWAY),
            (alice, "dora_away", dora_hears, dora, HOME),
        ):
            sent = io.BytesIO(random.Random(home).randbytes(3_000_017))
            sent.name = f"from-{home}.bin"
            await author.send_file(to, sent, force_document=True)
            got = await hears.first(lambda each, name=sent.name: each.document and each.file.name == name, "the file")
            expect(got.document.dc_id, home, "where the file lies")
            require(await got.download_media(bytes) == sent.getvalue(), "the bytes are the same")
            require(await reader.is_user_authorized(), "the reader is still at home where they were")

    async with play.step("a photo and a profile photo are fetched from the other data centre", seconds=40):
        picture = io.BytesIO(stage.picture(320, 200))
        picture.name = "away.png"
        await dora.send_file("alice", picture)
        got = await alice_hears.first(lambda each: each.photo, "the photo")
        expect(got.photo.dc_id, AWAY, "where the photo lies")
        require_picture(await got.download_media(bytes), "the photo")
        face = await dora.upload_file(stage.picture(640, 640), file_name="face.png")
        await dora(functions.photos.UploadProfilePhotoRequest(file=face))
        whole = await alice.download_profile_photo("dora_away", bytes)
        require_picture(whole, "the profile photo")

    async with play.step("a login that was carried over fetches files, and nothing else", seconds=30):
        sender = await alice._borrow_exported_sender(AWAY)
        try:
            with_config = await sender.send(functions.help.GetConfigRequest())
            expect(with_config.this_dc, AWAY, "where the sender is")
            async with refused(errors.UserMigrateError) as refusal:
                await sender.send(functions.updates.GetStateRequest())
            require("2" in refusal.words, "who is abroad is sent home")
        finally:
            await alice._return_exported_sender(sender)

    async with play.step("a file that is asked for in the wrong place is looked for in the right one"):
        sent = io.BytesIO(b"somewhere else" * 999)
        sent.name = "elsewhere.bin"
        await dora.send_file("alice", sent, force_document=True)
        got = await alice_hears.first(lambda each: each.document and each.file.name == "elsewhere.bin", "the file")
        location = types.InputDocumentFileLocation(
            id=got.document.id,
            access_hash=got.document.access_hash,
            file_reference=got.document.file_reference,
            thumb_size="",
        )
        async with refused(errors.FileMigrateError):
            await alice(functions.upload.GetFileRequest(location, offset=0, limit=4096))
        # Nothing says where it lies, so Telethon begins at home and is sent on.
        found = await alice.download_file(location, bytes)
        require(found == sent.getvalue(), "the bytes are the same")

    async with play.step("a bot is at home where its owner is"):
        token = heliogram("bot", "new", "--name", "Away", "--username", "away_stage_bot", "--owner", DORA.phone)
        bot = await door.log_in_bot(token)
        expect(bot.session.dc_id, AWAY, "where Telethon went")
        await bot.disconnect()

    async with play.step("a login cannot be carried to a data centre that is not there"):
        async with refused(errors.DcIdInvalidError):
            await alice(functions.auth.ExportAuthorizationRequest(3))
        await door.part(alice, dora)


def heliogram(*command):
    """Runs a command of the operator; what it prints."""
    done = subprocess.run(
        [os.environ["STAGE_HELIOGRAM"], *command, "--data", os.environ["STAGE_DATA"]],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


stage.run(scenario)

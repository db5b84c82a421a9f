"""Two data centres behind one cloud, for Pyrogram and its forks: they dial 2, and half of the people and
files are at 4.
"""

import io
import os
import random
import subprocess

from pyrogram.file_id import FileId

import stage
from stage import ALICE, Person, expect, require

DORA = Person("+9996655555")
HOME, AWAY = 2, 4


def scenario(door):
    """The story, through a stranger's own door."""

    async def told(play):
        async with play.step("somebody is at home in the other data centre", needed=True):
            _heliogram(
                "user", "new", "--dc", "4", "--phone", DORA.phone, "--first-name", "Dora", "--username", "dora_away"
            )
            await door.look_around()
        pair = Pair(door)
        async with play.step("a login is sent home", needed=True):
            await pair.come_in()
        await pair.talk(play)
        await pair.fetch(play)
        await pair.look(play)
        await bot(play, door)
        await pair.alice.stop()
        await pair.dora.stop()

    return told


class Pair:
    """Alice, who is at home where everybody dials, and Dora, who is not."""

    def __init__(self, door):
        self.door = door

    async def come_in(self):
        self.alice, self.dora = await self.door.log_in(ALICE), await self.door.log_in(DORA)
        expect(await self.alice.storage.dc_id(), HOME, "where Alice is at home")
        expect(await self.dora.storage.dc_id(), AWAY, "where the library went for Dora")
        expect((await self.dora.get_me()).first_name, "Dora", "who logged in")
        self.alice_hears, self.dora_hears = self.door.messages(self.alice), self.door.messages(self.dora)

    async def talk(self, play):
        async with play.step("people of both homes talk", needed=True):
            await self.alice.send_message("dora_away", "from 2 to 4")
            await self.dora_hears.first(lambda each: each.text == "from 2 to 4", "the words")
            await self.dora.send_message("alice", "from 4 to 2")
            await self.alice_hears.first(lambda each: each.text == "from 4 to 2", "the words")

    async def fetch(self, play):
        for author, to, hears, reader, home in (
            (self.dora, "alice", self.alice_hears, self.alice, AWAY),
            (self.alice, "dora_away", self.dora_hears, self.dora, HOME),
        ):
            async with play.step(f"a file of {home} is fetched from elsewhere", seconds=60):
                sent = io.BytesIO(random.Random(home).randbytes(3_000_017))
                sent.name = f"from-{home}.bin"
                await author.send_document(to, sent)
                got = await hears.first(lambda each: each.document and each.document.file_name == sent.name, "the file")
                expect(FileId.decode(got.document.file_id).dc_id, home, "where the file lies")
                copy = await reader.download_media(got, in_memory=True)
                require(bytes(copy.getbuffer()) == sent.getvalue(), "the bytes are the same")

            # The session that fetched it stays, in the other data centre, and would show what it is told.
            async with play.step(f"what is said after the fetching from {home} is heard once"):
                lines = [f"after {home}, {number}" for number in range(5)]
                for line in lines:
                    await author.send_message(to, line)
                await author.send_message(to, f"end of {home}")
                await hears.first(lambda each: each.text == f"end of {home}", "the end")
                heard = [each.text for each in hears.items if each.text in lines]
                expect(heard, lines, "the lines")

    async def look(self, play):
        async with play.step("a photo and a face are fetched from the other data centre", seconds=60):
            picture = io.BytesIO(stage.picture(320, 200))
            picture.name = "away.png"
            await self.dora.send_photo("alice", picture)
            got = await self.alice_hears.first(lambda each: each.photo, "the photo")
            whole = await self.alice.download_media(got, in_memory=True)
            stage.require_picture(bytes(whole.getbuffer()), "the photo")
            await self.door.show_face(self.dora, stage.picture(640, 640))
            face = (await self.alice.get_users("dora_away")).photo
            whole = await self.alice.download_media(face.big_file_id, in_memory=True)
            stage.require_picture(bytes(whole.getbuffer()), "the face")


async def bot(play, door):
    async with play.step("a bot is at home where its owner is"):
        token = _heliogram("bot", "new", "--name", "Away", "--username", "away_stage_bot", "--owner", DORA.phone)
        made = door.client("away bot", bot_token=token)
        await made.start()
        expect(await made.storage.dc_id(), AWAY, "where the library went")
        expect(made.me.username, "away_stage_bot", "who logged in")
        await made.stop()


def _heliogram(*command):
    """Runs a command of the operator; what it prints."""
    line = [os.environ["STAGE_HELIOGRAM"], *command, "--data", os.environ["STAGE_DATA"]]
    return subprocess.run(line, check=True, capture_output=True, text=True).stdout.strip()

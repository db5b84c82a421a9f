"""Getting in and out: codes, sign-up, passwords, log-out."""

from pyrogram import errors, raw

import door
import stage
from stage import ALICE, BOB, CAROL, expect, refused, require

FIRST = "correct horse battery"
SECOND = "staple 🐎 пароль"


async def scenario(play):
    await codes(play)
    await sign_up(play)
    await passwords(play)
    await log_out(play)


async def codes(play):
    async with play.step("a stranger is told to log in"):
        stranger = door.client("stranger")
        await stranger.connect()
        async with refused(errors.AuthKeyUnregistered):
            await stranger.invoke(raw.functions.updates.GetState())
        await stranger.disconnect()

    async with play.step("login by code"):
        alice = await door.log_in(ALICE)
        me = await alice.get_me()
        expect((me.first_name, me.username, f"+{me.phone_number}"), ("Alice", "alice", ALICE.phone), "who logged in")
        await alice.stop()

    async with play.step("a wrong code is refused and the right one still works"):
        alice, code_hash = await door.half_way(ALICE)
        async with refused(errors.PhoneCodeInvalid):
            await alice.sign_in(ALICE.phone, code_hash, ALICE.wrong_code)
        me = await alice.sign_in(ALICE.phone, code_hash, ALICE.code)
        expect(me.first_name, "Alice", "who logged in")
        await alice.disconnect()

    async with play.step("a session string is a login"):
        alice = await door.log_in(ALICE)
        string = await alice.export_session_string()
        await alice.stop()
        again = door.client("again", session_string=string)
        await again.start()
        expect((await again.get_me()).first_name, "Alice", "who is logged in")
        await again.stop()


async def sign_up(play):
    async with play.step("sign-up of a fresh number"):
        carol, code_hash = await door.half_way(CAROL)
        require(not await carol.sign_in(CAROL.phone, code_hash, CAROL.code), "there is nobody yet")
        await carol.sign_up(CAROL.phone, code_hash, "Carol", "Newcomer")
        me = await carol.get_me()
        expect((me.first_name, me.last_name), ("Carol", "Newcomer"), "who signed up")
        await carol.disconnect()


async def passwords(play):
    async with play.step("a password is set"):
        bob = await door.log_in(BOB)
        require(await bob.enable_cloud_password(FIRST, hint="comic"), "setting is confirmed")
        expect(await bob.get_password_hint(), "comic", "the hint")

    async with play.step("a second session needs the password, and only the right one"):
        second, code_hash = await door.half_way(BOB)
        async with refused(errors.SessionPasswordNeeded):
            await second.sign_in(BOB.phone, code_hash, BOB.code)
        async with refused(errors.PasswordHashInvalid):
            await second.check_password("wrong")
        expect((await second.check_password(FIRST)).first_name, "Bob", "who logged in")
        await second.disconnect()

    async with play.step("a password is changed and removed"):
        async with refused(errors.PasswordHashInvalid):
            await bob.change_cloud_password("wrong", SECOND)
        require(await bob.change_cloud_password(FIRST, SECOND), "the change is confirmed")
        third, code_hash = await door.half_way(BOB)
        async with refused(errors.SessionPasswordNeeded):
            await third.sign_in(BOB.phone, code_hash, BOB.code)
        async with refused(errors.PasswordHashInvalid):
            await third.check_password(FIRST)
        await third.check_password(SECOND)
        await third.disconnect()
        require(await bob.remove_cloud_password(SECOND), "the removal is confirmed")
        await door.part(await door.log_in(BOB), bob)


async def log_out(play):
    async with play.step("log-out ends one session and no other"):
        stays, goes = await door.log_in(ALICE), await door.log_in(ALICE)
        string = await goes.export_session_string()
        require(await goes.log_out(), "log-out is confirmed")
        expect((await stays.get_me()).first_name, "Alice", "who the other session is")
        ghost = door.client("ghost", session_string=string)
        await ghost.connect()
        async with refused(errors.Unauthorized):
            await ghost.get_me()
        await ghost.disconnect()
        await stays.stop()


stage.run(scenario)

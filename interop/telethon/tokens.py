"""Logging in by a picture that another device looks at, from here and from the other data centre."""

import asyncio
import os
import subprocess

from telethon import errors, functions

import stage
import telethon_door as door
from stage import ALICE, BOB, Person, expect, refused, require

DORA = Person("+9996655555")
HOME = 2
AWAY = 4
PASSWORD = "correct horse battery"


async def scenario(play):
    async with play.step("a login is accepted by another device", needed=True):
        alice = await door.log_in(ALICE)
        device, shown = await show()
        waiting = asyncio.create_task(shown.wait(15))
        accepted = await alice(functions.auth.AcceptLoginTokenRequest(shown.token))
        await waiting
        expect((await device.get_me()).first_name, "Alice", "who logged in")
        listed = (await alice(functions.account.GetAuthorizationsRequest())).authorizations
        require(any(each.hash == accepted.hash for each in listed), "the device is listed as it was accepted")

    async with play.step("what was accepted can be ended"):
        await alice(functions.account.ResetAuthorizationRequest(accepted.hash))
        async with refused(errors.UnauthorizedError, ConnectionError):
            await device(functions.updates.GetStateRequest())
        await device.disconnect()

    async with play.step("a picture is good once, and a new one ends the old"):
        device, shown = await show()
        old = shown.token
        await shown.recreate()
        async with refused(errors.AuthTokenInvalidError):
            await alice(functions.auth.AcceptLoginTokenRequest(old))
        waiting = asyncio.create_task(shown.wait(15))
        await alice(functions.auth.AcceptLoginTokenRequest(shown.token))
        await waiting
        async with refused(errors.AuthTokenInvalidError):
            await alice(functions.auth.AcceptLoginTokenRequest(shown.token))
        await device.disconnect()

    async with play.step("a device that has the account already is not let in again"):
        device = door.client()
        await device.connect()
        me = await alice.get_me()
        shown = await device.qr_login(ignored_ids=[me.id])
        async with refused(errors.AuthTokenExceptionError):
            await alice(functions.auth.AcceptLoginTokenRequest(shown.token))
        await device.disconnect()

    async with play.step("a picture does not replace a password"):
        bob = await door.log_in(BOB)
        await bob.edit_2fa(new_password=PASSWORD)
        device, shown = await show()
        waiting = asyncio.create_task(shown.wait(15))
        await bob(functions.auth.AcceptLoginTokenRequest(shown.token))
        async with refused(errors.SessionPasswordNeededError):
            await waiting
        require(not await device.is_user_authorized(), "half a login is none")
        await device.sign_in(password=PASSWORD)
        expect((await device.get_me()).first_name, "Bob", "who logged in")
        await door.part(device, bob)

    async with play.step("a login by picture goes on in the data centre of the account", seconds=30):
        heliogram("user", "new", "--dc", str(AWAY), "--phone", DORA.phone, "--first-name", "Dora")
        dora = await door.log_in(DORA)
        device, shown = await show()
        expect(device.session.dc_id, HOME, "where the picture is shown")
        waiting = asyncio.create_task(shown.wait(15))
        await dora(functions.auth.AcceptLoginTokenRequest(shown.token))
        await waiting
        expect(device.session.dc_id, AWAY, "where Telethon went")
        expect((await device.get_me()).first_name, "Dora", "who logged in")
        await door.part(device, dora, alice)


async def show():
    """A device without a login, and the picture that it shows."""
    device = door.client()
    await device.connect()
    return device, await device.qr_login()


def heliogram(*command):
    """Runs a command of the operator."""
    command = [os.environ["STAGE_HELIOGRAM"], *command, "--data", os.environ["STAGE_DATA"]]
    subprocess.run(command, check=True, capture_output=True)


stage.run(scenario)

"""Telethon's way in: the key, the address, the logins.

Telethon is the one from the registry. It lets a program name another data centre and trust another
key, and that is all that happens here.
"""

import pathlib

from telethon import TelegramClient, events
from telethon.crypto import rsa
from telethon.network import ConnectionTcpFull
from telethon.sessions import MemorySession

import stage

rsa.add_key(pathlib.Path(stage.KEY_PATH).read_text(), old=False)


def client(session=None, *, address=None, connection=ConnectionTcpFull, **options):
    """A client of the cloud, not connected yet.

    Updates are handled one after the other, since the scripts look at their order.
    """
    made = TelegramClient(
        session or MemorySession(),
        stage.API_ID,
        stage.API_HASH,
        connection=connection,
        sequential_updates=True,
        connection_retries=30,
        raise_last_call_error=True,
        **options,
    )
    made.session.set_dc(stage.DC_ID, *(address or (stage.HOST, stage.PORT)))
    return made


async def log_in(person, session=None, **options):
    """A client that is logged in with the code of a person's number."""
    made = client(session, **options)
    await made.connect()
    await made.send_code_request(person.phone)
    await made.sign_in(person.phone, person.code)
    return made


async def log_in_bot(token, **options):
    """A client that is logged in with a bot's token."""
    made = client(**options)
    await made.connect()
    await made.sign_in(bot_token=token)
    return made


def messages(of, **filters):
    """An inbox of the messages a client is told about; what others wrote, unless said otherwise."""
    inbox = stage.Inbox()
    of.add_event_handler(lambda event: _put(inbox, event.message), events.NewMessage(**filters or {"incoming": True}))
    return inbox


def happenings(of, event):
    """An inbox of any other kind of event."""
    inbox = stage.Inbox()
    of.add_event_handler(lambda happening: _put(inbox, happening), event)
    return inbox


async def _put(inbox, item):
    inbox.put(item)


async def part(*clients):
    """Hangs up, for everybody."""
    for each in clients:
        await each.disconnect()

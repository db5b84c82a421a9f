"""Pyrogram's way in.

Pyrogram 2.0.106 is the one from the registry. It has no setting for another cloud: its addresses and
its keys are data of two modules, and that data is what is replaced here, in memory.
"""

import io
import itertools

from pyrogram import Client, filters, handlers
from pyrogram import raw as raw_api
from pyrogram.session.internals import DataCenter

import pyrogram_key
import stage

pyrogram_key.trust(stage.KEY_PATH)
_address = [stage.HOST, stage.PORT]
_others = {}
DataCenter.__new__ = lambda cls, dc_id, test_mode, ipv6, media: tuple(_others.get(dc_id, _address))

_groups = itertools.count()


def lead_through(address):
    """Sends every connection made from now on through another address."""
    _address[:] = address


async def look_around():
    """Writes down where the other data centres are; this library keeps addresses and never asks for them."""
    stranger = client("stranger")
    await stranger.connect()
    config = await stranger.invoke(raw_api.functions.help.GetConfig())
    for option in config.dc_options:
        if option.id != config.this_dc:
            _others[option.id] = (option.ip_address, option.port)
    await stranger.disconnect()


async def show_face(of, picture):
    """Gives a person a profile photo."""
    file = io.BytesIO(picture)
    file.name = "face.png"
    await of.set_profile_photo(photo=file)


def client(name, **options):
    """A client of the cloud, not connected yet; one worker, since the scripts look at the order."""
    options.setdefault("in_memory", True)
    return Client(name, stage.API_ID, stage.API_HASH, workers=1, workdir=".", **options)


async def log_in(person, name=None, **options):
    """A client that is logged in with the code of a person's number."""
    made = client(name or person.phone, phone_number=person.phone, phone_code=person.code, **options)
    await made.start()
    return made


async def half_way(person):
    """A client that has asked for a code, and the code's hash."""
    made = client("half way")
    await made.connect()
    sent = await made.send_code(person.phone)
    return made, sent.phone_code_hash


def messages(of, kind=filters.incoming):
    """An inbox of the messages a client is told about."""
    return _inbox(of, lambda put: handlers.MessageHandler(put, kind))


def edits(of):
    return _inbox(of, handlers.EditedMessageHandler)


def deletions(of):
    return _inbox(of, handlers.DeletedMessagesHandler)


def raw(of):
    """An inbox of updates as they come."""
    return _inbox(of, handlers.RawUpdateHandler)


def _inbox(of, handler):
    inbox = stage.Inbox()

    async def put(_, item, *__):
        inbox.put(item)

    # A group each: within a group, only the first handler is asked.
    of.add_handler(handler(put), next(_groups))
    return inbox


async def part(*clients):
    """Hangs up, for everybody."""
    for each in clients:
        await each.stop()

"""Kurigram's way in, for scripts of its own."""

import io
import itertools

from pyrogram import Client, filters, handlers, types

import cable
import pyrogram_key
import stage

pyrogram_key.trust(stage.KEY_PATH)

_groups = itertools.count()


def client(name, **options):
    """A client of the cloud, not connected yet; one worker, since the scripts look at the order."""
    begin = cable.begin(stage.HOST, stage.PORT)
    options = {"connection_factory": begin, "in_memory": True, "workers": 1, **options}
    return Client(name, stage.API_ID, stage.API_HASH, **options)


async def log_in(person):
    """A client that is logged in with the code of a person's number."""
    made = client(person.phone, phone_number=person.phone, phone_code=person.code)
    await made.start()
    return made


async def look_around():
    """The library asks by itself where the other data centres are."""


async def show_face(of, picture):
    """Gives a person a profile photo."""
    file = io.BytesIO(picture)
    file.name = "face.png"
    await of.set_profile_photo(photo=types.InputChatPhotoStatic(file))


def messages(of):
    """An inbox of what others write to a client."""
    return _inbox(of, lambda put: handlers.MessageHandler(put, filters.incoming))


def edits(of):
    return _inbox(of, handlers.EditedMessageHandler)


def _inbox(of, handler):
    inbox = stage.Inbox()

    async def put(_, item):
        inbox.put(item)

    # A group each: within a group, only the first handler is asked.
    of.add_handler(handler(put), next(_groups))
    return inbox

"""Pyrogram in the hands of the launcher, and its forks, as far as they have kept its words.

ACTOR.md says what the lines mean. What a fork says differently is in its own folder.
"""

import prompter
import pyrogram
from pyrogram import Client, enums, errors, handlers, raw, types
from pyrogram.raw.all import layer

ATTACHMENTS = ("document", "video", "audio", "animation", "voice")


class PyrogramActor(prompter.Actor):
    """An actor that has everything but its way to the cloud: `_options` are that."""

    CLIENT = "Pyrogram"

    def __init__(self):
        self.client = None
        self.code = None
        self.wants_password = False

    def ready(self):
        return {"client": self.CLIENT, "version": pyrogram.__version__, "layer": layer}

    def error_name(self, error):
        if not isinstance(error, errors.RPCError):
            return None
        # Pyrogram takes numbers out of names, and keeps names that it does not know in brackets with their code.
        if error.ID is None:
            return str(error.value).strip("[]").partition(" ")[2] or str(error)
        return error.ID.removesuffix("X") + str(error.value) if error.ID.endswith("_X") else error.ID

    def _options(self):
        """What leads the client to the cloud."""
        return {}

    def _client(self, **options):
        """A client with the session of this actor; one worker, since the launcher looks at the order."""
        return Client(
            prompter.SESSION.name,
            prompter.API_ID,
            prompter.API_HASH,
            workdir=str(prompter.SESSION.parent),
            parse_mode=enums.ParseMode.DISABLED,
            workers=1,
            **self._options(),
            **options,
        )

    async def log_in(self, phone, code, password=None):
        if self.client is None:
            self.client = self._client()
            await self.client.connect()
        if self.code is None:
            self.code = await self.client.send_code(phone)
        if not self.wants_password:
            await self._sign_in(phone, code, password)
        if self.wants_password:
            await self.client.check_password(password)
        # What is signed in by hand is started like any other saved session.
        await self.client.disconnect()
        return await self.resume()

    async def _sign_in(self, phone, code, password):
        try:
            if not await self.client.sign_in(phone, self.code.phone_code_hash, code):
                raise errors.PhoneNumberUnoccupied()
        except errors.SessionPasswordNeeded:
            self.wants_password = True
            if password is None:
                raise

    async def log_in_bot(self, token):
        return await self._start(self._client(bot_token=token))

    async def resume(self):
        client = self._client()
        # Without a login, `start` would ask at the terminal who it is.
        is_known = await client.connect()
        await client.disconnect()
        if not is_known:
            raise errors.AuthKeyUnregistered()
        return await self._start(self._client())

    async def _start(self, client):
        self._listen(client)
        await client.start()
        self.client = client
        return user(client.me)

    def _listen(self, client):
        # A group each: within a group, only the first handler is asked.
        for group, handler in enumerate(
            (
                handlers.MessageHandler(self._on_message),
                handlers.EditedMessageHandler(self._on_edit),
                handlers.DeletedMessagesHandler(self._on_delete),
                handlers.CallbackQueryHandler(self._on_press),
                handlers.RawUpdateHandler(self._on_raw),
            )
        ):
            client.add_handler(handler, group)

    async def _on_message(self, _, known):
        self.tell("message", message=message(known))

    async def _on_edit(self, _, known):
        self.tell("edit", message=message(known))

    async def _on_delete(self, _, known):
        self.tell("delete", messages=[each.id for each in known])

    async def _on_press(self, _, query):
        self.tell(
            "press", press=query.id, data=plain(query.data), message=query.message.id, **{"from": query.from_user.id}
        )

    async def _on_raw(self, _, update, users, chats):
        if isinstance(update, raw.types.UpdateReadHistoryOutbox):
            self.tell("read", up_to=update.max_id)
        elif isinstance(update, raw.types.UpdateUserTyping):
            self.tell("typing", **{"from": update.user_id})
        elif isinstance(update, raw.types.UpdateUserName):
            self.tell("name", user=update.user_id, first_name=update.first_name)

    async def set_password(self, password=None, old=None):
        if password is None:
            await self.client.remove_cloud_password(old)
        elif old is None:
            await self.client.enable_cloud_password(password)
        else:
            await self.client.change_cloud_password(old, password)

    async def resolve(self, username):
        return user(await self.client.get_users(username))

    async def send(self, to, text, entities=None, reply_to=None, buttons=None):
        sent = await self.client.send_message(
            peer(to),
            text,
            entities=[entity(each) for each in entities] if entities else None,
            reply_markup=keyboard(buttons) if buttons else None,
            **self._reply(reply_to),
        )
        return message(sent)

    def _reply(self, message):
        return {"reply_to_message_id": message}

    async def edit(self, chat, message, text):
        return _message(await self.client.edit_message_text(peer(chat), message, text))

    async def delete(self, chat, messages):
        await self.client.delete_messages(peer(chat), messages, revoke=True)

    async def read(self, chat, up_to):
        await self.client.read_chat_history(peer(chat), max_id=up_to)

    async def history(self, chat, limit):
        return [message(each) async for each in self.client.get_chat_history(peer(chat), limit=limit)]

    async def send_file(self, to, path, kind, caption=None):
        if kind == "photo":
            sent = await self.client.send_photo(peer(to), path, caption=caption or "")
        else:
            sent = await self.client.send_document(peer(to), path, caption=caption or "", force_document=True)
        return message(sent)

    async def download(self, chat, message, path):
        held = await self.client.get_messages(peer(chat), message)
        if await self.client.download_media(held, file_name=path) is None:
            raise OSError("the download came to nothing")

    async def typing(self, to):
        await self.client.send_chat_action(peer(to), enums.ChatAction.TYPING)

    async def press(self, chat, message, data):
        answer = await self.client.request_callback_answer(peer(chat), message, data)
        return {"text": answer.message}

    async def answer(self, press, text):
        await self.client.answer_callback_query(press, text)

    async def rename(self, first_name):
        await self.client.update_profile(first_name=first_name)

    async def log_out(self):
        client, self.client = self.client, None
        await client.log_out()

    async def stop(self):
        client, self.client = self.client, None
        if client is None:
            return
        if client.is_initialized:
            await client.stop()
        elif client.is_connected:
            await client.disconnect()


def peer(told):
    return told.get("username") or told["id"]


def user(known):
    return {
        "id": known.id,
        "first_name": known.first_name,
        "last_name": known.last_name,
        "username": known.username,
        "phone": known.phone_number,
    }


def message(known):
    entities = known.entities or known.caption_entities
    return {
        "id": known.id,
        "chat": known.chat.id,
        "from": known.from_user and known.from_user.id,
        "out": known.outgoing or None,
        "text": str(known.text or known.caption or ""),
        "entities": [entity_told(each) for each in entities or []] or None,
        "reply_to": known.reply_to_message_id,
        "edited": (known.edit_date is not None) or None,
        "media": media(known),
        "buttons": buttons(known.reply_markup),
    }


# A method's argument has the same name.
_message = message


def media(known):
    if known.photo:
        return {"kind": "photo", "size": known.photo.file_size}
    for each in ATTACHMENTS:
        if attachment := getattr(known, each):
            return {"kind": "document", "size": attachment.file_size, "name": getattr(attachment, "file_name", None)}
    return None


def keyboard(rows):
    return types.InlineKeyboardMarkup(
        [[types.InlineKeyboardButton(each["text"], callback_data=each["data"]) for each in row] for row in rows]
    )


def buttons(markup):
    if not isinstance(markup, types.InlineKeyboardMarkup):
        return None
    return [[{"text": each.text, "data": plain(each.callback_data)} for each in row] for row in markup.inline_keyboard]


def plain(data):
    """What a button carries: text where it is text."""
    return data.decode(errors="replace") if isinstance(data, bytes) else data


def entity(told):
    return types.MessageEntity(
        type=enums.MessageEntityType[told["type"].upper()],
        offset=told["offset"],
        length=told["length"],
        url=told.get("url"),
        # The schema has a place for it whether it is known or not, and the class takes it as it comes.
        language=told.get("language", "") if told["type"] == "pre" else None,
    )


def entity_told(known):
    told = {"type": known.type.name.lower(), "offset": known.offset, "length": known.length}
    for name in ("url", "language"):
        if value := getattr(known, name, None):
            told[name] = value
    return told

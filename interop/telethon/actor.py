"""Telethon in the hands of the launcher. ACTOR.md says what the lines mean."""

import asyncio
import pathlib

import prompter
import telethon
from telethon import Button, TelegramClient, errors, events, functions, network, types
from telethon.crypto import rsa
from telethon.tl.alltlobjects import LAYER

rsa.add_key(pathlib.Path(prompter.KEY_PATH).read_text(), old=False)

CONNECTIONS = {
    "full": network.ConnectionTcpFull,
    "ipv6": network.ConnectionTcpFull,
    "abridged": network.ConnectionTcpAbridged,
    "intermediate": network.ConnectionTcpIntermediate,
    "obfuscated-abridged": network.ConnectionTcpObfuscated,
    "mtproxy": network.ConnectionTcpMTProxyRandomizedIntermediate,
}

ENTITIES = {
    "bold": types.MessageEntityBold,
    "italic": types.MessageEntityItalic,
    "underline": types.MessageEntityUnderline,
    "strikethrough": types.MessageEntityStrike,
    "spoiler": types.MessageEntitySpoiler,
    "code": types.MessageEntityCode,
    "pre": types.MessageEntityPre,
    "text_link": types.MessageEntityTextUrl,
    "url": types.MessageEntityUrl,
    "mention": types.MessageEntityMention,
    "hashtag": types.MessageEntityHashtag,
    "bot_command": types.MessageEntityBotCommand,
    "blockquote": types.MessageEntityBlockquote,
}

# Telethon turns the names of errors into classes and keeps no way back.
ERROR_NAMES = {error: name for name, error in reversed(errors.rpcerrorlist.rpc_errors_dict.items())}


class Telethon(prompter.Actor):
    def __init__(self):
        self.client = None
        self.presses = {}
        self.asked_code_for = None
        self.owes_password = False

    def ready(self):
        return {"client": "Telethon", "version": telethon.__version__, "layer": LAYER}

    def error_name(self, error):
        if isinstance(error, errors.RPCError):
            return ERROR_NAMES.get(type(error), error.message)
        return None

    async def _connect(self, catch_up=False):
        if self.client is None:
            is_proxied = prompter.TRANSPORT.startswith("mtproxy")
            self.client = TelegramClient(
                str(prompter.SESSION),
                prompter.API_ID,
                prompter.API_HASH,
                connection=CONNECTIONS[prompter.TRANSPORT],
                proxy=(prompter.HOST, prompter.PORT, prompter.SECRET) if is_proxied else None,
                use_ipv6=":" in prompter.HOST,
                # The launcher looks at the order of events.
                sequential_updates=True,
                connection_retries=60,
                raise_last_call_error=True,
                catch_up=catch_up,
            )
            self.client.session.set_dc(prompter.DC_ID, prompter.HOST, prompter.PORT)
            self._listen()
        if not self.client.is_connected():
            await self.client.connect()

    def _listen(self):
        on = self.client.add_event_handler
        on(self._on_message, events.NewMessage())
        on(self._on_edit, events.MessageEdited())
        on(self._on_delete, events.MessageDeleted())
        on(self._on_read, events.MessageRead())
        on(self._on_typing, events.UserUpdate())
        on(self._on_name, events.Raw(types.UpdateUserName))
        on(self._on_press, events.CallbackQuery())

    async def _on_message(self, event):
        self.tell("message", message=message(event.message))

    async def _on_edit(self, event):
        self.tell("edit", message=message(event.message))

    async def _on_delete(self, event):
        self.tell("delete", messages=event.deleted_ids)

    async def _on_read(self, event):
        self.tell("read", up_to=event.max_id)

    async def _on_typing(self, event):
        if event.typing:
            self.tell("typing", **{"from": event.user_id})

    async def _on_name(self, update):
        self.tell("name", user=update.user_id, first_name=update.first_name)

    async def _on_press(self, event):
        self.presses[str(event.id)] = event
        self.tell(
            "press",
            press=str(event.id),
            data=event.data.decode(),
            message=event.message_id,
            **{"from": event.sender_id},
        )

    async def log_in(self, phone, code, password=None):
        await self._connect()
        if self.asked_code_for != phone:
            await self.client.send_code_request(phone)
            self.asked_code_for = phone
        try:
            if not self.owes_password:
                return user(await self.client.sign_in(phone, code))
        except errors.SessionPasswordNeededError:
            self.owes_password = True
            if password is None:
                raise
        return user(await self.client.sign_in(password=password))

    async def log_in_bot(self, token):
        await self._connect()
        return user(await self.client.sign_in(bot_token=token))

    async def resume(self):
        await self._connect(catch_up=True)
        me = await self.client.get_me()
        if me is None:
            raise errors.AuthKeyUnregisteredError(None)
        return user(me)

    async def set_password(self, password=None, old=None):
        await self.client.edit_2fa(current_password=old, new_password=password)

    async def resolve(self, username):
        return user(await self.client.get_entity(username))

    async def send(self, to, text, entities=None, reply_to=None, buttons=None):
        sent = await self.client.send_message(
            peer(to),
            text,
            # Without them Telethon would look for Markdown.
            parse_mode=None,
            formatting_entities=[entity(each) for each in entities] if entities else None,
            reply_to=reply_to,
            buttons=[[Button.inline(each["text"], each["data"].encode()) for each in row] for row in buttons]
            if buttons
            else None,
        )
        return message(sent)

    async def edit(self, chat, message, text):
        return _message(await self.client.edit_message(peer(chat), message, text, parse_mode=None))

    async def delete(self, chat, messages):
        await self.client.delete_messages(peer(chat), messages, revoke=True)

    async def read(self, chat, up_to):
        await self.client.send_read_acknowledge(peer(chat), max_id=up_to)

    async def history(self, chat, limit):
        return [message(each) for each in await self.client.get_messages(peer(chat), limit)]

    async def send_file(self, to, path, kind, caption=None):
        sent = await self.client.send_file(
            peer(to), path, caption=caption, parse_mode=None, force_document=kind == "document"
        )
        return message(sent)

    async def download(self, chat, message, path):
        held = await self.client.get_messages(peer(chat), ids=message)
        await self.client.download_media(held, path)

    async def typing(self, to):
        async with self.client.action(peer(to), "typing"):
            await asyncio.sleep(0.2)

    async def press(self, chat, message, data):
        held = await self.client.get_messages(peer(chat), ids=message)
        answer = await held.click(data=data.encode())
        return {"text": answer and answer.message}

    async def answer(self, press, text):
        await self.presses.pop(press).answer(text)

    async def rename(self, first_name):
        await self.client(functions.account.UpdateProfileRequest(first_name=first_name))

    async def sessions(self):
        listed = await self.client(functions.account.GetAuthorizationsRequest())
        return [{"current": each.current, "hash": str(each.hash)} for each in listed.authorizations]

    async def end_session(self, hash):
        await self.client(functions.account.ResetAuthorizationRequest(int(hash)))

    async def catch_up(self):
        await self.client.catch_up()

    async def log_out(self):
        await self.client.log_out()

    async def stop(self):
        if self.client is not None:
            await self.client.disconnect()


def peer(told):
    return told.get("username") or told["id"]


def user(known):
    return {
        "id": known.id,
        "first_name": known.first_name,
        "last_name": known.last_name,
        "username": known.username,
        "phone": known.phone,
    }


def message(known):
    return {
        "id": known.id,
        "chat": known.chat_id,
        "from": known.sender_id,
        "out": known.out or None,
        "text": known.raw_text,
        "entities": [entity_told(each) for each in known.entities or []] or None,
        "reply_to": known.reply_to_msg_id,
        "edited": (known.edit_date is not None) or None,
        "media": media(known),
        "buttons": [[button(each) for each in row] for row in known.buttons or []] or None,
    }


# A method's argument has the same name.
_message = message


def media(known):
    if known.photo:
        return {"kind": "photo"}
    if known.document:
        return {"kind": "document", "size": known.file.size, "name": known.file.name}
    return None


def button(known):
    return {"text": known.text, **({"data": known.data.decode()} if known.data else {})}


def entity(told):
    extra = {"pre": {"language": told.get("language", "")}, "text_link": {"url": told.get("url")}}
    return ENTITIES[told["type"]](told["offset"], told["length"], **extra.get(told["type"], {}))


def entity_told(known):
    name = next((name for name, each in ENTITIES.items() if isinstance(known, each)), type(known).__name__)
    told = {"type": name, "offset": known.offset, "length": known.length}
    if name == "text_link":
        told["url"] = known.url
    if name == "pre" and known.language:
        told["language"] = known.language
    return told


prompter.play(Telethon())

"""A bot behind the Bot API in the hands of the launcher, as far as all libraries call a thing by its name.

They spell the methods of the Bot API with underscores and its fields as they are, so that most orders are
carried out here; how a library gets to its updates is in its own folder. ACTOR.md says what the lines mean.
"""

import prompter

NO_PERSON = "the Bot API is for bots: nobody logs in with a phone number"
NO_SESSION = "a bot is its token: the Bot API knows no sessions"
UNSEEN = "the Bot API has no method for it"


class BotActor(prompter.Actor):
    """An actor that has everything but its polling."""

    CLIENT = VERSION = ""
    TYPES = None
    """Where the library keeps the types of the Bot API."""

    def __init__(self):
        self.bot = None
        self.me = None
        self.files = {}

    def ready(self):
        return {"client": self.CLIENT, "version": self.VERSION}

    async def log_in_bot(self, token):
        await self._open(token)
        try:
            self.me = await self.bot.get_me()
        except Exception:
            await self.stop()
            raise
        await self._poll()
        return user(self.me)

    async def _open(self, token):
        """Makes `self.bot`."""
        raise NotImplementedError

    async def _poll(self):
        """Has the library ask for updates from now on."""
        raise NotImplementedError

    async def _hush(self):
        """Has it stop asking."""
        raise NotImplementedError

    def _on_message(self, known):
        self.tell("message", message=self._message(known))

    def _on_edit(self, known):
        self.tell("edit", message=self._message(known))

    def _on_press(self, query):
        self.tell(
            "press", press=query.id, data=query.data, message=query.message.message_id, **{"from": query.from_user.id}
        )

    async def send(self, to, text, entities=None, reply_to=None, buttons=None):
        types = self.TYPES
        sent = await self.bot.send_message(
            chat_id=to["id"],
            text=text,
            entities=[types.MessageEntity(**each) for each in entities] if entities else None,
            reply_parameters=types.ReplyParameters(message_id=reply_to) if reply_to else None,
            reply_markup=self._keyboard(buttons) if buttons else None,
        )
        return self._message(sent)

    async def edit(self, chat, message, text):
        return self._message(await self.bot.edit_message_text(text=text, chat_id=chat["id"], message_id=message))

    async def delete(self, chat, messages):
        await self.bot.delete_messages(chat_id=chat["id"], message_ids=messages)

    async def send_file(self, to, path, kind, caption=None):
        send = self.bot.send_photo if kind == "photo" else self.bot.send_document
        with self._upload(path) as file:
            return self._message(await send(chat_id=to["id"], caption=caption, **{kind: file}))

    def _upload(self, path):
        """A file as the library takes it."""
        return open(path, "rb")

    async def download(self, chat, message, path):
        await self._fetch(self.files[chat["id"], message], path)

    async def _fetch(self, file_id, path):
        """Downloads a file."""
        raise NotImplementedError

    async def typing(self, to):
        await self.bot.send_chat_action(chat_id=to["id"], action="typing")

    async def answer(self, press, text):
        await self.bot.answer_callback_query(callback_query_id=press, text=text)

    async def rename(self, first_name):
        await self.bot.set_my_name(name=first_name)

    async def log_out(self):
        await self._hush()
        await self.bot.log_out()

    async def log_in(self, phone, code, password=None):
        raise prompter.Cannot(NO_PERSON)

    async def set_password(self, password=None, old=None):
        raise prompter.Cannot(NO_PERSON)

    async def resume(self):
        raise prompter.Cannot(NO_SESSION)

    async def sessions(self):
        raise prompter.Cannot(NO_SESSION)

    async def end_session(self, hash):
        raise prompter.Cannot(NO_SESSION)

    async def resolve(self, username):
        raise prompter.Cannot("the Bot API finds nobody by name")

    async def history(self, chat, limit):
        raise prompter.Cannot(UNSEEN)

    async def read(self, chat, up_to):
        raise prompter.Cannot(UNSEEN)

    async def press(self, chat, message, data):
        raise prompter.Cannot("a bot presses no buttons")

    async def catch_up(self):
        raise prompter.Cannot("polling brings what was missed")

    def _keyboard(self, rows):
        key = self.TYPES.InlineKeyboardButton
        return self._markup([[key(text=each["text"], callback_data=each["data"]) for each in row] for row in rows])

    def _markup(self, rows):
        return self.TYPES.InlineKeyboardMarkup(inline_keyboard=rows)

    def _rows(self, markup):
        return markup.inline_keyboard

    def _message(self, known):
        attachment = known.document or (known.photo[-1] if known.photo else None)
        if attachment:
            self.files[known.chat.id, known.message_id] = attachment.file_id
        entities = known.entities or known.caption_entities
        return {
            "id": known.message_id,
            "chat": known.chat.id,
            "from": known.from_user.id,
            "out": known.from_user.id == self.me.id or None,
            "text": known.text or known.caption or "",
            "entities": [entity(each) for each in entities or []] or None,
            "reply_to": known.reply_to_message and known.reply_to_message.message_id,
            "edited": (known.edit_date is not None) or None,
            "media": media(known),
            "buttons": self._buttons(known.reply_markup),
        }

    def _buttons(self, markup):
        if markup is None:
            return None
        return [[{"text": each.text, "data": each.callback_data} for each in row] for row in self._rows(markup)]


def user(known):
    return {
        "id": known.id,
        "first_name": known.first_name,
        "last_name": known.last_name,
        "username": known.username,
    }


def media(known):
    if known.photo:
        return {"kind": "photo", "size": known.photo[-1].file_size}
    if known.document:
        return {"kind": "document", "size": known.document.file_size, "name": known.document.file_name}
    return None


def entity(known):
    return {
        "type": str(known.type),
        "offset": known.offset,
        "length": known.length,
        "url": known.url,
        "language": known.language,
    }

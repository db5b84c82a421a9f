"""Two people talk: text, replies, edits, deletions, reading, history, and what they see of each other."""

from telethon import errors, events, functions, types
from telethon.extensions import html

import stage
import telethon_door as door
from stage import ALICE, BOB, eventually, expect, refused, require

FORMATTED = (
    "🌍 <b>bold</b> <i>italic</i> <u>under</u> <s>gone</s> <code>code</code> "
    '<a href="https://example.org/">link</a> <b>both <i>at once</i></b>\n<pre>let x = 1;</pre>'
)


class Table:
    """Alice and Bob, who have found each other."""

    async def sit_down(self):
        self.alice = await door.log_in(ALICE)
        self.bob = await door.log_in(BOB)
        self.alice_hears = door.messages(self.alice)
        self.bob_hears = door.messages(self.bob)
        self.to_bob = await self.alice.get_input_entity("bobby")
        self.to_alice = await self.bob.get_input_entity("alice")

    async def say(self, text, **options):
        """Alice says something; the message as she and as Bob have it."""
        sent = await self.alice.send_message(self.to_bob, text, **options)
        got = await self.bob_hears.first(lambda each: each.raw_text == sent.raw_text, f"{text!r} at Bob's")
        return sent, got


async def scenario(play):
    table = Table()
    async with play.step("two people find each other by username", needed=True):
        await table.sit_down()
    for part in (words, limits, changes, reading, history, glimpses, keeping):
        await part(play, table)
    await door.part(table.alice, table.bob)


def shape(entities):
    return [(type(each).__name__, each.offset, each.length) for each in entities or []]


async def words(play, table):
    async with play.step("text both ways"):
        await table.say("hello Bob")
        await table.bob.send_message(table.to_alice, "hello Alice")
        heard = await table.alice_hears.first(lambda each: each.text == "hello Alice", "the answer")
        expect((await heard.get_sender()).first_name, "Bob", "who answered")
        require(heard.is_private and not heard.out, "the answer is incoming and private")

    async with play.step("entities arrive as they were meant"):
        text, entities = html.parse(FORMATTED)
        _, got = await table.say(FORMATTED, parse_mode="html")
        expect(got.raw_text, text, "the text")
        expect(sorted(shape(got.entities)), sorted(shape(entities)), "the entities")

    async with play.step("links, mentions, hashtags and commands are found in plain text"):
        _, got = await table.say("see https://example.org/x #tag @bobby or /start", parse_mode=None)
        expect(
            shape(got.entities),
            [
                ("MessageEntityUrl", 4, 21),
                ("MessageEntityHashtag", 26, 4),
                ("MessageEntityMention", 31, 6),
                ("MessageEntityBotCommand", 41, 6),
            ],
            "the entities",
        )

    async with play.step("a reply points at its message"):
        first, at_bobs = await table.say("the question")
        await table.bob.send_message(table.to_alice, "the answer", reply_to=at_bobs)
        answer = await table.alice_hears.first(lambda each: each.raw_text == "the answer", "the reply")
        expect(answer.reply_to_msg_id, first.id, "what it replies to")
        expect((await answer.get_reply_message()).raw_text, "the question", "the message it replies to")

    async with play.step("a reply quotes a part of its message"):
        first, _ = await table.say("one two three four")
        reply = types.InputReplyToMessage(first.id, quote_text="two three", quote_offset=4)
        await table.alice(functions.messages.SendMessageRequest(table.to_bob, "that part", reply_to=reply))
        got = await table.bob_hears.first(lambda each: each.raw_text == "that part", "the quote")
        expect((got.reply_to.quote, got.reply_to.quote_text), (True, "two three"), "the quote")

    async with play.step("a note to oneself stays with oneself"):
        await table.alice.send_message("me", "milk, bread")
        saved = await table.alice.get_messages("me", limit=1)
        expect(saved[0].raw_text, "milk, bread", "saved messages")


async def limits(play, table):
    async with play.step("text as long as allowed, and no longer"):
        await table.say("x" * 4096)
        async with refused(errors.MessageTooLongError):
            await table.alice.send_message(table.to_bob, "x" * 4097)

    async with play.step("empty text is refused"):
        async with refused(errors.MessageEmptyError):
            await table.alice(functions.messages.SendMessageRequest(table.to_bob, " \n "))

    async with play.step("a foreign peer is refused"):
        async with refused(errors.PeerIdInvalidError, errors.UserIdInvalidError):
            await table.alice.send_message(types.InputPeerUser(table.to_bob.user_id, 12345), "psst")

    async with play.step("a request sent twice is one message"):
        request = functions.messages.SendMessageRequest(table.to_bob, "only once")
        await table.alice(request)
        try:
            await table.alice(request)
        except errors.RandomIdDuplicateError:
            pass
        said = [each.raw_text for each in await table.alice.get_messages(table.to_bob, limit=5)]
        expect(said.count("only once"), 1, "how often it is there")


async def changes(play, table):
    edits = door.happenings(table.bob, events.MessageEdited())
    deletions = door.happenings(table.bob, events.MessageDeleted())

    async with play.step("an edit is seen by the other side"):
        sent, at_bobs = await table.say("teh typo")
        await table.alice.edit_message(table.to_bob, sent.id, "the <b>typo</b>", parse_mode="html")
        seen = await edits.first(lambda each: each.message.id == at_bobs.id, "the edit")
        expect(seen.message.raw_text, "the typo", "the edited text")
        expect(shape(seen.message.entities), [("MessageEntityBold", 4, 4)], "the edited entities")
        require(seen.message.edit_date is not None, "it says when it was edited")

    async with play.step("an edit that changes nothing is refused, and a stranger's is too"):
        async with refused(errors.MessageNotModifiedError):
            await table.alice.edit_message(table.to_bob, sent.id, "the <b>typo</b>", parse_mode="html")
        async with refused(errors.MessageAuthorRequiredError, errors.MessageIdInvalidError):
            await table.bob.edit_message(table.to_alice, at_bobs.id, "mine now")

    async with play.step("a deletion for both is seen by both"):
        sent, at_bobs = await table.say("never mind")
        await table.alice.delete_messages(table.to_bob, [sent.id], revoke=True)
        await deletions.first(lambda each: at_bobs.id in each.deleted_ids, "the deletion")
        expect(await table.bob.get_messages(table.to_alice, ids=at_bobs.id), None, "the message at Bob's")
        expect(await table.alice.get_messages(table.to_bob, ids=sent.id), None, "the message at Alice's")

    async with play.step("a deletion for oneself leaves the other side alone"):
        sent, at_bobs = await table.say("keep this")
        await table.bob.delete_messages(table.to_alice, [at_bobs.id], revoke=False)
        expect(await table.bob.get_messages(table.to_alice, ids=at_bobs.id), None, "the message at Bob's")
        expect((await table.alice.get_messages(table.to_bob, ids=sent.id)).raw_text, "keep this", "at Alice's")


async def reading(play, table):
    reads = door.happenings(table.alice, events.MessageRead())

    async with play.step("the sender sees that a message was read"):
        sent, at_bobs = await table.say("have you seen this?")
        unread = (await table.bob.get_dialogs())[0].unread_count
        require(unread > 0, "Bob has something to read")
        await table.bob.send_read_acknowledge(table.to_alice, at_bobs)
        seen = await reads.first(lambda each: each.max_id >= sent.id, "the reading")
        require(seen.outbox, "it is Alice's message that was read")
        dialog = next(each for each in await table.bob.get_dialogs() if each.entity.username == "alice")
        expect(dialog.unread_count, 0, "what is left to read")
        outbox = next(each for each in await table.alice.get_dialogs() if each.entity.username == "bobby")
        require(outbox.dialog.read_outbox_max_id >= sent.id, "the dialog remembers it")


async def history(play, table):
    lines = [f"line {number}" for number in range(25)]

    async with play.step("history is in order and turns its pages", seconds=30):
        for line in lines:
            await table.alice.send_message(table.to_bob, line)
        await table.bob_hears.first(lambda each: each.raw_text == lines[-1], "the last line")
        newest = await table.bob.get_messages(table.to_alice, limit=25)
        expect([each.raw_text for each in reversed(newest)], lines, "the newest page")
        require(newest.total > 25, "the count is of the whole history")
        ids = [each.id for each in newest]
        expect(ids, sorted(ids, reverse=True), "the ids, newest first")
        older = await table.bob.get_messages(table.to_alice, limit=10, offset_id=ids[9])
        expect([each.id for each in older], ids[10:20], "the page below a message")
        newer = await table.bob.get_messages(table.to_alice, limit=5, min_id=ids[20], reverse=True)
        expect([each.id for each in newer], ids[19:14:-1], "the page above a message, oldest first")

    async with play.step("dialogs come newest first with their last message"):
        await table.alice.send_message("me", "the newest dialog")
        dialogs = await table.alice.get_dialogs()
        expect(dialogs[0].message.raw_text, "the newest dialog", "the top of the list")
        below = next(each for each in dialogs if each.entity.username == "bobby")
        expect(below.message.raw_text, lines[-1], "the last message of the dialog with Bob")


async def glimpses(play, table):
    updates = door.happenings(table.alice, events.UserUpdate())
    raw = door.happenings(table.bob, events.Raw())

    async with play.step("typing is seen"):
        async with table.bob.action(table.to_alice, "typing"):
            await updates.first(lambda each: each.typing and each.user_id == table.to_bob.user_id, "the typing")

    async with play.step("a contact is found by number"):
        contact = types.InputPhoneContact(7, BOB.phone, "Robert", "")
        found = await table.alice(functions.contacts.ImportContactsRequest([contact]))
        expect([each.client_id for each in found.imported], [7], "the imported contacts")
        expect(found.users[0].id, table.to_bob.user_id, "who it is")
        known = await table.alice(functions.contacts.GetContactsRequest(0))
        expect([each.user_id for each in known.contacts], [table.to_bob.user_id], "the contact list")

    async with play.step("a change of name is seen by the other side"):
        await table.alice(functions.account.UpdateProfileRequest(first_name="Alicia", last_name="Lidell"))
        seen = await raw.first(
            lambda each: isinstance(each, types.UpdateUserName) and each.first_name == "Alicia", "the name"
        )
        expect((seen.user_id, seen.last_name), (table.to_alice.user_id, "Lidell"), "whose name it is")
        expect((await table.bob.get_entity(table.to_alice)).first_name, "Alicia", "her name when asked")

    async with play.step("a change of username is seen, and the old one is free"):
        await table.alice(functions.account.UpdateUsernameRequest("alicia_l"))
        await raw.first(
            lambda each: isinstance(each, types.UpdateUserName)
            and any(name.username == "alicia_l" for name in each.usernames),
            "the username",
        )
        found = await table.bob(functions.contacts.ResolveUsernameRequest("alicia_l"))
        expect(found.users[0].id, table.to_alice.user_id, "who has the new one")
        async with refused(errors.UsernameNotOccupiedError):
            await table.bob(functions.contacts.ResolveUsernameRequest("alice"))
        async with refused(errors.UsernameOccupiedError):
            await table.alice(functions.account.UpdateUsernameRequest("bobby"))


async def keeping(play, table):
    raw = door.happenings(table.bob, events.Raw())

    async with play.step("a forward says where it comes from"):
        _, at_bobs = await table.say("quote me on that")
        kept = await table.bob.forward_messages("me", at_bobs)
        expect(kept.raw_text, "quote me on that", "what was forwarded")
        expect(kept.fwd_from.from_id, types.PeerUser(table.to_alice.user_id), "who said it")

    async with play.step("a pinned message is pinned for both"):
        sent, at_bobs = await table.say("rule one")
        await table.alice.pin_message(table.to_bob, sent)
        await raw.first(
            lambda each: isinstance(each, types.UpdatePinnedMessages) and at_bobs.id in each.messages, "the pin"
        )
        require((await table.bob.get_messages(table.to_alice, ids=at_bobs.id)).pinned, "the message says so")

    async with play.step("a draft waits in its dialog"):
        await table.alice(functions.messages.SaveDraftRequest(table.to_bob, "not yet"))

        async def drafted():
            dialogs = await table.alice.get_dialogs()
            return [each for each in dialogs if each.draft and each.draft.raw_text == "not yet"]

        found = await eventually(drafted, "the draft")
        expect(found[0].entity.id, table.to_bob.user_id, "whose dialog it waits in")


stage.run(scenario)

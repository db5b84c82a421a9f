"""Two people talk, in the words of layer 158."""

from pyrogram import enums, errors, filters, raw

import door
import stage
from stage import ALICE, BOB, expect, refused, require

FORMATTED = (
    "🌍 <b>bold</b> <i>italic</i> <u>under</u> <s>gone</s> <spoiler>hush</spoiler> <code>code</code> "
    '<a href="https://example.org/">link</a>\n<pre>let x = 1;</pre>'
)


class Table:
    """Alice and Bob, who have found each other."""

    async def sit_down(self):
        self.alice = await door.log_in(ALICE)
        self.bob = await door.log_in(BOB)
        self.alice_hears = door.messages(self.alice)
        self.bob_hears = door.messages(self.bob)
        self.bob_id = (await self.alice.get_users("bobby")).id
        self.alice_id = (await self.bob.get_users("alice")).id

    async def say(self, text, **options):
        """Alice says something; the message as she and as Bob have it."""
        sent = await self.alice.send_message(self.bob_id, text, **options)
        got = await self.bob_hears.first(lambda each: each.text == sent.text, f"{text!r} at Bob's")
        return sent, got


async def scenario(play):
    table = Table()
    async with play.step("two people find each other by username", needed=True):
        await table.sit_down()
    for part in (words, changes, history, glimpses):
        await part(play, table)
    await door.part(table.alice, table.bob)


def shape(entities):
    return sorted((each.type.name, each.offset, each.length) for each in entities or [])


async def words(play, table):
    async with play.step("text both ways"):
        await table.say("hello Bob")
        await table.bob.send_message(table.alice_id, "hello Alice")
        heard = await table.alice_hears.first(lambda each: each.text == "hello Alice", "the answer")
        expect((heard.from_user.first_name, heard.chat.type), ("Bob", enums.ChatType.PRIVATE), "who answered, where")

    async with play.step("entities arrive as they were meant"):
        meant = await table.alice.parser.parse(FORMATTED, enums.ParseMode.HTML)
        sent, got = await table.say(FORMATTED, parse_mode=enums.ParseMode.HTML)
        expect(str(got.text), meant["message"], "the text")
        expect(len(got.entities), 8, "how many entities")
        expect(shape(got.entities), shape(sent.entities), "the entities")

    async with play.step("a reply points at its message"):
        first, at_bobs = await table.say("the question")
        await at_bobs.reply("the answer", quote=True)
        answer = await table.alice_hears.first(lambda each: each.text == "the answer", "the reply")
        expect(answer.reply_to_message_id, first.id, "what it replies to")
        expect(answer.reply_to_message.text, "the question", "the message it replies to")

    async with play.step("a note to oneself stays with oneself"):
        await table.alice.send_message("me", "milk, bread")
        saved = [each.text async for each in table.alice.get_chat_history("me", limit=1)]
        expect(saved, ["milk, bread"], "saved messages")

    async with play.step("text that is too long is refused"):
        async with refused(errors.MessageTooLong):
            await table.alice.send_message(table.bob_id, "x" * 4097)


async def changes(play, table):
    edits = door.edits(table.bob)
    deletions = door.deletions(table.bob)

    async with play.step("an edit is seen by the other side"):
        sent, at_bobs = await table.say("teh typo")
        await sent.edit_text("the typo")
        seen = await edits.first(lambda each: each.id == at_bobs.id, "the edit")
        expect(str(seen.text), "the typo", "the edited text")
        async with refused(errors.MessageNotModified):
            await sent.edit_text("the typo")

    async with play.step("a deletion for both is seen by both"):
        sent, at_bobs = await table.say("never mind")
        await sent.delete(revoke=True)
        await deletions.first(lambda gone: at_bobs.id in [each.id for each in gone], "the deletion")
        require((await table.bob.get_messages(table.alice_id, at_bobs.id)).empty, "it is gone at Bob's")

    async with play.step("a forward says where it comes from"):
        _, at_bobs = await table.say("quote me on that")
        kept = await at_bobs.forward("me")
        expect((kept.text, kept.forward_from.id), ("quote me on that", table.alice_id), "what was kept, by whom")


async def history(play, table):
    updates = door.raw(table.alice)

    async with play.step("the sender sees that a message was read"):
        sent, at_bobs = await table.say("have you seen this?")
        await table.bob.read_chat_history(table.alice_id)
        await updates.first(
            lambda each: isinstance(each, raw.types.UpdateReadHistoryOutbox) and each.max_id >= sent.id, "the reading"
        )

    async with play.step("history is in order and turns its pages", seconds=30):
        lines = [f"line {number}" for number in range(25)]
        for line in lines:
            await table.alice.send_message(table.bob_id, line)
        newest = [each async for each in table.bob.get_chat_history(table.alice_id, limit=25)]
        expect([each.text for each in reversed(newest)], lines, "the newest page")
        older = [each.id async for each in table.bob.get_chat_history(table.alice_id, limit=10, offset_id=newest[9].id)]
        expect(older, [each.id for each in newest[10:20]], "the page below a message")
        require(await table.bob.get_chat_history_count(table.alice_id) > 25, "the count is of the whole history")

    async with play.step("dialogs come newest first"):
        await table.alice.send_message("me", "the newest dialog")
        dialogs = [each async for each in table.alice.get_dialogs()]
        expect(dialogs[0].top_message.text, "the newest dialog", "the top of the list")
        require(table.bob_id in [each.chat.id for each in dialogs], "Bob is in the list")


async def glimpses(play, table):
    at_alices = door.raw(table.alice)
    at_bobs = door.raw(table.bob)

    async with play.step("typing is seen"):
        await table.bob.send_chat_action(table.alice_id, enums.ChatAction.TYPING)
        seen = await at_alices.first(lambda each: isinstance(each, raw.types.UpdateUserTyping), "the typing")
        expect(seen.user_id, table.bob_id, "who types")

    async with play.step("a change of name is seen by the other side"):
        await table.alice.update_profile(first_name="Alicia")
        seen = await at_bobs.first(lambda each: isinstance(each, raw.types.UpdateUserName), "the name")
        expect((seen.user_id, seen.first_name), (table.alice_id, "Alicia"), "whose name it is")
        expect((await table.bob.get_users(table.alice_id)).first_name, "Alicia", "her name when asked")

    async with play.step("what one session sends, the others show"):
        other = await door.log_in(BOB, "other")
        echoes = door.messages(other, filters.outgoing)
        await table.bob.send_message(table.alice_id, "from the first")
        await echoes.first(lambda each: each.text == "from the first", "the other session's view")
        await other.stop()


stage.run(scenario)

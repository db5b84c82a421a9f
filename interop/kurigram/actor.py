"""Kurigram, the fork of Pyrogram with the newest layer. It takes a kind of connection for a setting, and that
is where its addresses are led through the cable; its keys have no setting and are added to in memory.
"""

import cable
import prompter
import pyrogram_key
from pyrogram import types
from pyrogram.connection import transport
from pyrogram_actor import PyrogramActor

FRAMINGS = {
    "abridged": transport.TCPAbridged,
    "ipv6": transport.TCPAbridged,
    "full": transport.TCPFull,
    "intermediate": transport.TCPIntermediate,
    "padded": transport.TCPIntermediatePadded,
    "obfuscated-abridged": transport.TCPAbridgedO,
    "obfuscated-intermediate": transport.TCPIntermediateO,
}

pyrogram_key.trust(prompter.KEY_PATH)


class Kurigram(PyrogramActor):
    CLIENT = "Kurigram"

    def _options(self):
        # Nothing is skipped, so that what was missed can be asked for.
        options = {
            "connection_factory": cable.through(prompter.HOST, prompter.PORT),
            "ipv6": ":" in prompter.HOST,
            "skip_updates": False,
        }
        if prompter.TRANSPORT in FRAMINGS:
            options["protocol_factory"] = FRAMINGS[prompter.TRANSPORT]
        else:
            options["proxy"] = {
                "scheme": "mtproxy",
                "hostname": prompter.HOST,
                "port": prompter.PORT,
                "secret": prompter.SECRET,
            }
        return options

    def _reply(self, message):
        return {"reply_parameters": types.ReplyParameters(message_id=message)} if message else {}

    async def sessions(self):
        listed = await self.client.get_active_sessions()
        return [{"current": each.is_current, "hash": str(each.id)} for each in listed.active_sessions]

    async def end_session(self, hash):
        await self.client.reset_session(int(hash))

    async def catch_up(self):
        await self.client.recover_gaps()


prompter.play(Kurigram())

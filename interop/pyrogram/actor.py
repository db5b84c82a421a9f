"""Pyrogram 2.0.106, which has no setting for another cloud, nor one for a framing.

Its addresses, its keys and the one framing its connections use are names in its modules; those are what is
replaced here, in memory, with this cloud's and with the framings that it ships and never uses.
"""

import prompter
import pyrogram_key
from pyrogram.connection import connection
from pyrogram.connection import transport
from pyrogram.session.internals import DataCenter
from pyrogram_actor import PyrogramActor

FRAMINGS = {
    "abridged": transport.TCPAbridged,
    "ipv6": transport.TCPAbridged,
    "full": transport.TCPFull,
    "intermediate": transport.TCPIntermediate,
    "obfuscated-abridged": transport.TCPAbridgedO,
    "obfuscated-intermediate": transport.TCPIntermediateO,
}

pyrogram_key.trust(prompter.KEY_PATH)
DataCenter.__new__ = lambda cls, dc_id, test_mode, ipv6, media: (prompter.HOST, prompter.PORT)
connection.TCPAbridged = FRAMINGS[prompter.TRANSPORT]


class Pyrogram(PyrogramActor):
    def _options(self):
        return {"ipv6": ":" in prompter.HOST}

    async def sessions(self):
        raise prompter.Cannot("Pyrogram has no call for the list of sessions")

    async def end_session(self, hash):
        raise prompter.Cannot("Pyrogram has no call that ends another session")

    async def catch_up(self):
        raise prompter.Cannot("Pyrogram never asks what it missed")


prompter.play(Pyrogram())

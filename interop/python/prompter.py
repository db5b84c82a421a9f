"""What every Python actor shares: lines in, lines out, and one method for each order.

Not called `actor`: the script of that name would import itself.

ACTOR.md is the contract. An actor is a class whose methods are the orders; a library that lacks
something simply has no method for it, or says why with `Cannot`.
"""

import asyncio
import contextlib
import json
import logging
import os
import pathlib
import sys

HOST = os.environ["STAGE_HOST"]
PORT = int(os.environ["STAGE_PORT"])
DC_ID = int(os.environ.get("STAGE_DC_ID", "2"))
KEY_PATH = os.environ.get("STAGE_KEY", "")
BOT_API = os.environ.get("STAGE_BOT_API", "")
TRANSPORT = os.environ.get("STAGE_TRANSPORT", "")
SECRET = os.environ.get("STAGE_SECRET", "")
SESSION = pathlib.Path(os.environ["STAGE_SESSION"])

# Any application is welcome.
API_ID = 1
API_HASH = "0123456789abcdef0123456789abcdef"

# Whatever prints on standard output would be taken for a line of ours.
_LINES = sys.stdout
sys.stdout = sys.stderr
logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")

# The longest line there is: an order that carries a message of 4096 characters, escaped.
_LINE_BYTES_MAX = 1 << 20


class Cannot(Exception):
    """The library has no such thing."""


class Actor:
    """One session of one account."""

    def ready(self):
        """Who this is: `client`, `version` and, where there is one, `layer`."""
        raise NotImplementedError

    def error_name(self, error):
        """The name of a server's error, or None for anything else."""
        return None

    async def stop(self):
        """Hangs up as the library would."""

    def tell(self, event, **details):
        """Says what happened without being asked for."""
        _say({"event": event, **_without_nothing(details)})


def play(actor):
    """Takes orders until there are no more."""
    asyncio.run(_play(actor))
    # Threads of a library are no reason to stay.
    _LINES.flush()
    os._exit(0)


async def _play(actor):
    reader = asyncio.StreamReader(limit=_LINE_BYTES_MAX)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    _say({"ready": actor.ready()})
    while line := await reader.readline():
        order = json.loads(line)
        _say({"id": order.pop("id"), **await _answer(actor, order)})
    with contextlib.suppress(Exception):
        async with asyncio.timeout(2):
            await actor.stop()


async def _answer(actor, order):
    name = order.pop("do")
    method = None if name.startswith("_") or name in _NOT_ORDERS else getattr(actor, name, None)
    if method is None:
        return {"cannot": f"no order of this actor: {name}"}
    try:
        return {"ok": _without_nothing(await method(**order))}
    except Cannot as why:
        return {"cannot": str(why)}
    except Exception as error:
        known = actor.error_name(error)
        if known is None:
            logging.getLogger("prompter").info("%s failed", name, exc_info=error)
        return {"error": known or f"{type(error).__name__}: {error}"}


def _without_nothing(things):
    if isinstance(things, dict):
        return {name: _without_nothing(thing) for name, thing in things.items() if thing is not None}
    if isinstance(things, list):
        return [_without_nothing(thing) for thing in things]
    return things


def _say(line):
    _LINES.write(json.dumps(line, ensure_ascii=False) + "\n")
    _LINES.flush()


_NOT_ORDERS = {"ready", "error_name", "tell"}

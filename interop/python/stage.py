"""The stage every Python script plays on: the cast, the steps, and the line that asks for a crash.

The environment says where the cloud is and who is in it; standard output says what happened, a line
each. See README.md for both.
"""

import asyncio
import contextlib
import dataclasses
import os
import struct
import sys
import traceback
import types
import zlib


@dataclasses.dataclass(frozen=True)
class Person:
    """A number of the test network: its login code is the digit after 99966, five times."""

    phone: str

    @property
    def code(self):
        return self.phone.removeprefix("+99966")[0] * 5

    @property
    def wrong_code(self):
        return "0" * 5


HOST = os.environ["STAGE_HOST"]
PORT = int(os.environ["STAGE_PORT"])
DC_ID = int(os.environ["STAGE_DC_ID"])
KEY_PATH = os.environ["STAGE_KEY"]
BOT_API = os.environ["STAGE_BOT_API"]
ALICE = Person(os.environ["STAGE_ALICE"])
BOB = Person(os.environ["STAGE_BOB"])
CAROL = Person(os.environ["STAGE_CAROL"])
BOT_USERNAME = os.environ["STAGE_BOT_USERNAME"]
BOT_TOKEN = os.environ["STAGE_BOT_TOKEN"]

# Any application is welcome.
API_ID = 1
API_HASH = "0123456789abcdef0123456789abcdef"

DOCUMENT_BYTES = 30 * 1000 * 1000 + 7
"""Not a multiple of any part size, so that the last part is a short one."""


class Failed(Exception):
    """Something was not as it should be."""


class Over(Exception):
    """A step has failed without which the others make no sense."""


def expect(found, wanted, what):
    """Insists that what was found is what was wanted."""
    if found != wanted:
        raise Failed(f"{what}: found {found!r}, wanted {wanted!r}")


def require(condition, what):
    """Insists on a condition."""
    if not condition:
        raise Failed(what)


@contextlib.asynccontextmanager
async def refused(*errors):
    """The other side has to refuse what happens inside, with one of these errors; keeps its words."""
    refusal = types.SimpleNamespace(words=None)
    try:
        yield refusal
    except errors as error:
        refusal.words = str(error)
        return
    raise Failed(f"accepted instead of {' or '.join(error.__name__ for error in errors)}")


class Play:
    """Counts the steps. One that fails does not keep the next from being tried."""

    def __init__(self):
        self.failed = 0

    @contextlib.asynccontextmanager
    async def step(self, name, seconds=20, needed=False):
        """Tries something. Where it is `needed` for everything behind it, its failure ends the play."""
        failed_before = self.failed
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError as error:
            # The step's own deadline has a cancellation as its cause; a library's has not.
            reason = f"not within {seconds} s" if isinstance(error.__cause__, asyncio.CancelledError) else repr(error)
            self._fail(name, reason)
        except Exception as error:
            self._fail(name, f"{type(error).__name__}: {error}")
        else:
            print(f"ok {name}", flush=True)
        if needed and self.failed > failed_before:
            raise Over

    def _fail(self, name, reason):
        self.failed += 1
        print(f"not ok {name}: {' '.join(reason.split())}", flush=True)
        traceback.print_exc(file=sys.stdout)
        sys.stdout.flush()


def run(scenario):
    """Plays `scenario(play)` to its end and leaves with what came out."""
    play = Play()
    with contextlib.suppress(Over):
        asyncio.run(scenario(play))
    sys.exit(1 if play.failed else 0)


async def crash():
    """Has the cloud killed without warning and started again on the same directory."""
    print("@crash", flush=True)
    answer = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    expect(answer, "back\n", "the answer to a crash")


async def eventually(probe, what, seconds=10):
    """Asks again and again until `probe` returns something true."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        found = await probe()
        if found:
            return found
        if asyncio.get_running_loop().time() > deadline:
            raise Failed(f"not within {seconds} s: {what}")
        await asyncio.sleep(0.1)


class Inbox:
    """What a client has been told, in order, with a way to wait for more."""

    def __init__(self):
        self.items = []
        self._more = asyncio.Event()

    def put(self, item):
        self.items.append(item)
        self._more.set()

    async def first(self, wanted, what, seconds=10):
        """The first item, past or future, that `wanted` says yes to."""
        seen = 0
        try:
            async with asyncio.timeout(seconds):
                while True:
                    for item in self.items[seen:]:
                        seen += 1
                        if wanted(item):
                            return item
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            raise Failed(f"not within {seconds} s: {what}; {len(self.items)} others came") from None

    async def count(self, number, what, seconds=20):
        """The first `number` items."""
        try:
            async with asyncio.timeout(seconds):
                while len(self.items) < number:
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            raise Failed(f"not within {seconds} s: {what}; {len(self.items)} of {number} came") from None
        return self.items[:number]


class Cable:
    """A cable between a client and the cloud that can be cut."""

    def __init__(self):
        self._links = set()
        self._address = ("127.0.0.1", 0)

    async def lay(self):
        """Lays it, or mends it, and tells where it begins."""
        self._server = await asyncio.start_server(self._carry, *self._address)
        self._address = self._server.sockets[0].getsockname()[:2]
        return self._address

    def cut(self):
        """Ends what runs over it; who calls now is refused."""
        self._server.close()
        for writer in self._links:
            writer.transport.abort()

    async def _carry(self, reader, writer):
        far_reader, far_writer = await asyncio.open_connection(HOST, PORT)
        ends = {writer, far_writer}
        self._links |= ends
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
        self._links -= ends


async def _copy(reader, writer):
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    writer.close()


def picture(width, height):
    """A PNG with a gradient."""
    rows = b"".join(
        b"\0" + b"".join(bytes((x * 255 // width, y * 255 // height, 96)) for x in range(width)) for y in range(height)
    )

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def require_picture(data, what):
    """Insists on a file that a viewer of pictures would open."""
    require(data[:3] == b"\xff\xd8\xff" or data[:8] == b"\x89PNG\r\n\x1a\n", f"{what}: no picture, {data[:8]!r}")

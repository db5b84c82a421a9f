"""What `heliogram connect` prints, pasted into a file and run as it stands, after the commands in its head."""

import asyncio
import contextlib
import os
import pathlib
import shlex
import subprocess
import sys

from stage import require

HELIOGRAM = os.environ["STAGE_HELIOGRAM"]
DATA = os.environ["STAGE_DATA"]


@contextlib.asynccontextmanager
async def running(client):
    """The program of a client's snippet, for as long as it is needed."""
    path = pathlib.Path("snippet.py")
    path.write_text(_prepared(client))
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-u",
        path,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield program
    finally:
        if program.returncode is None:
            program.kill()
        await program.wait()


def logs_in(client):
    """The scenario of a snippet that logs in and says so."""

    async def scenario(play):
        async with play.step(f"the snippet for {client} runs as it stands", seconds=40):
            async with running(client) as program:
                said = (await program.stdout.read()).decode()
            require("logged in as" in said, f"found {said!r}")

    return scenario


def _prepared(client):
    snippet = _heliogram("connect", client)
    for line in snippet.splitlines():
        if line.startswith("# heliogram "):
            _heliogram(*shlex.split(line.removeprefix("# heliogram ")))
        elif line.startswith("# TOKEN=$(heliogram "):
            command = line.removeprefix("# TOKEN=$(heliogram ").removesuffix(")")
            os.environ["TOKEN"] = _heliogram(*shlex.split(command)).strip()
    return snippet


def _heliogram(*command):
    return subprocess.run([HELIOGRAM, *command, "--data", DATA], check=True, stdout=subprocess.PIPE, text=True).stdout

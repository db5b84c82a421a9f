"""What is the same for every client that downloads: who it is, and how it is asked.

`check` is answered with the hash of the file, `time download <calls>` with nanoseconds.
"""

import hashlib
import sys
import time

# What a library has to say goes elsewhere: here are only answers.
ANSWERS, sys.stdout = sys.stdout, sys.stderr
HOST, PORT, DC_ID, KEY_PATH, PHONE, CODE = sys.argv[1:7]
# Any application is welcome.
API_ID, API_HASH = 1, "0123456789abcdef0123456789abcdef"


async def answer_all(download):
    """Has `download()` return the bytes of the file whenever the bench asks for it.

    Reading a line blocks the loop, and nothing of this process runs while it is the turn of another.
    """
    print("ready", flush=True, file=ANSWERS)
    for line in sys.stdin:
        words = line.split()
        if words == ["check"]:
            print(hashlib.sha256(await download()).hexdigest(), flush=True, file=ANSWERS)
            continue
        start = time.perf_counter_ns()
        for _ in range(int(words[-1])):
            await download()
        print(time.perf_counter_ns() - start, flush=True, file=ANSWERS)

"""TgCrypto and cryptg, timed where they run.

`time <library> <direction> <bytes> <calls>` is answered with nanoseconds, `check <library> <direction>
<bytes>` with the hash of what comes out. Calling from Python costs a fraction of a microsecond; the
least that is measured takes thirty.
"""

import hashlib
import sys
import time

import cryptg
import tgcrypto

KEY = bytes(range(32))
IV = bytes(range(32, 64))

WORK = {
    ("TgCrypto", "encrypt"): tgcrypto.ige256_encrypt,
    ("TgCrypto", "decrypt"): tgcrypto.ige256_decrypt,
    ("cryptg", "encrypt"): cryptg.encrypt_ige,
    ("cryptg", "decrypt"): cryptg.decrypt_ige,
}


def answer(verb, library, direction, size, calls=1):
    work, data = WORK[library, direction], bytes(int(size))
    if verb == "check":
        return hashlib.sha256(work(data, KEY, IV)).hexdigest()
    calls = range(int(calls))
    start = time.perf_counter_ns()
    for _ in calls:
        work(data, KEY, IV)
    return time.perf_counter_ns() - start


print("ready", flush=True)
for line in sys.stdin:
    print(answer(*line.split()), flush=True)

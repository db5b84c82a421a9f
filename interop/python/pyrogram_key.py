"""The cloud's key in Pyrogram's table, which is the same in every fork.

There is no setting for it: the keys are data of a module, and that data is what is added to, in memory.
"""

import base64
import hashlib
import pathlib

from pyrogram.crypto import rsa


def trust(path):
    """Adds an RSA key, PKCS#1 PEM, to those that a handshake may use."""
    fingerprint, key = _public_key(pathlib.Path(path).read_text())
    rsa.server_public_keys[fingerprint] = key


def _public_key(pem):
    """The fingerprint and the numbers of a key."""
    der = base64.b64decode("".join(pem.strip().splitlines()[1:-1]))

    def integer(at):
        size, at = der[at + 1], at + 2
        if size & 0x80:
            width = size & 0x7F
            size, at = int.from_bytes(der[at : at + width], "big"), at + width
        return int.from_bytes(der[at : at + size], "big"), at + size

    def tl_bytes(number):
        raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
        head = bytes([len(raw)]) if len(raw) < 254 else b"\xfe" + len(raw).to_bytes(3, "little")
        return head + raw + bytes(-(len(head) + len(raw)) % 4)

    # The sequence of a 2048 bit key has a header of four bytes.
    modulus, at = integer(4)
    exponent, _ = integer(at)
    digest = hashlib.sha1(tl_bytes(modulus) + tl_bytes(exponent)).digest()
    return int.from_bytes(digest[-8:], "little", signed=True), rsa.PublicKey(modulus, exponent)

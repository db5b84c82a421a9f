# pip install pyrogram
# heliogram user new --phone +9996612345 --first-name Ada
# Pyrogram keeps addresses and keys in its modules; these lines put this cloud's in their place.
import base64

from pyrogram import Client
from pyrogram.crypto import rsa
from pyrogram.session.internals import DataCenter

HOST, PORT, DC = "{{host}}", {{port}}, {{dc_id}}
KEY = """{{key}}"""


def public_key(pem):
    """The numbers and the fingerprint of an RSA key in PKCS#1 PEM."""
    der = base64.b64decode("".join(pem.strip().splitlines()[1:-1]))

    def integer(at):
        size, at = der[at + 1], at + 2
        if size & 0x80:
            size, at = int.from_bytes(der[at : at + (size & 0x7F)], "big"), at + (size & 0x7F)
        return int.from_bytes(der[at : at + size], "big"), at + size

    modulus, at = integer(4)
    exponent, _ = integer(at)

    def tl_bytes(number):
        raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
        head = bytes([len(raw)]) if len(raw) < 254 else b"\xfe" + len(raw).to_bytes(3, "little")
        return head + raw + b"\0" * (-(len(head) + len(raw)) % 4)

    from hashlib import sha1

    digest = sha1(tl_bytes(modulus) + tl_bytes(exponent)).digest()
    return int.from_bytes(digest[-8:], "little", signed=True), rsa.PublicKey(modulus, exponent)


fingerprint, key = public_key(KEY)
rsa.server_public_keys[fingerprint] = key
DataCenter.__new__ = lambda cls, dc_id, test_mode, ipv6, media: (HOST, PORT)

with Client("heliogram", api_id=1, api_hash="heliogram", phone_number="+9996612345", phone_code="11111", in_memory=True) as app:
    me = app.get_me()
    app.send_message("me", "hello")
    print("logged in as", me.first_name, me.id)

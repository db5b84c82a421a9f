"""Small files of every kind, as far as anybody looks into them."""

import pathlib

import stage

HEADS = {
    "song.mp3": b"ID3\x03\0\0\0\0\0\0",
    "film.mp4": b"\0\0\0\x18ftypmp42",
    "speech.ogg": b"OggS\0\x02",
    "sticker.webp": b"RIFF\0\x04\0\0WEBPVP8 ",
    "notes.bin": b"notes",
}


def lay_out():
    """Writes them into the working directory and tells where each is."""
    for name, head in HEADS.items():
        pathlib.Path(name).write_bytes(head + bytes(1000))
    pathlib.Path("picture.png").write_bytes(stage.picture(320, 200))
    return {name: str(pathlib.Path(name).absolute()) for name in (*HEADS, "picture.png")}

"""Where Kurigram's connections lead: it takes a kind of connection for a setting."""

from pyrogram.connection import Connection


def through(host, port):
    """A kind of connection that goes there, whatever address it was made for."""

    class Cable(Connection):
        def __init__(self, *args, **options):
            super().__init__(*args, **{**options, "server_address": host, "port": port})

    return Cable

"""Where Kurigram's connections lead: it takes a kind of connection for a setting."""

from pyrogram.connection import Connection


def through(host, port):
    """A kind of connection that goes there, whatever address it was made for."""

    class Cable(Connection):
        def __init__(self, *args, **options):
            super().__init__(*args, **{**options, "server_address": host, "port": port})

    return Cable


def begin(host, port):
    """A kind of connection that goes there instead of where the library begins, and from there wherever it
    is told to.
    """

    class Beginning(Connection):
        def __init__(self, *args, **options):
            if options["server_address"] == BUILT_IN:
                options |= {"server_address": host, "port": port}
            super().__init__(*args, **options)

    return Beginning


# Where every new session begins.
BUILT_IN = "149.154.167.51"

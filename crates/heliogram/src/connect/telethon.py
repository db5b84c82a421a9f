# pip install telethon
# heliogram user new --phone +9996612345 --first-name Ada
from telethon.crypto import rsa
from telethon.sessions import MemorySession
from telethon.sync import TelegramClient

rsa.add_key("""{{key}}
""", old=False)

session = MemorySession()
session.set_dc({{dc_id}}, "{{host}}", {{port}})
client = TelegramClient(session, api_id=1, api_hash="heliogram")

with client.start(phone="+9996612345", code_callback=lambda: "11111"):
    me = client.get_me()
    client.send_message("me", "hello")
    print("logged in as", me.first_name, me.id)

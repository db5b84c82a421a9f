// npm install @mtcute/node
// heliogram user new --phone +9996612345 --first-name Ada
// In a browser the same cloud is at ws://{{address}}/apiws.
import { addPublicKey, NodeCryptoProvider } from "@mtcute/node/utils.js";
import { MemoryStorage, TelegramClient } from "@mtcute/node";

const crypto = new NodeCryptoProvider();
await crypto.initialize();
addPublicKey(crypto, `{{key}}`);

const dc = { id: {{dc_id}}, ipAddress: "{{host}}", port: {{port}} };
const client = new TelegramClient({
  apiId: 1,
  apiHash: "heliogram",
  crypto,
  storage: new MemoryStorage(),
  defaultDcs: { main: dc, media: dc },
});

const me = await client.start({ phone: "+9996612345", code: () => "11111" });
await client.sendText("me", "hello");
console.log("logged in as", me.displayName);
await client.destroy();

// npm install @mtcute/node
import { MemoryStorage, TelegramClient } from "@mtcute/node";

const dc = { id: {{dc_id}}, ipAddress: "{{host}}", port: {{port}} };
const client = new TelegramClient({
  apiId: 1,
  apiHash: "heliogram",
  storage: new MemoryStorage(),
  defaultDcs: { main: dc, media: dc },
});
await client.crypto?.initialize?.();
const { parsePublicKey } = await import("@mtcute/core/utils.js");
const { defaultCryptoProvider } = await import("@mtcute/node/utils.js");
const { addPublicKey } = await import("@mtcute/core/utils.js");
addPublicKey(parsePublicKey(defaultCryptoProvider, `{{key}}`));

const me = await client.start({ phone: "+9996612345", code: () => "11111" });
await client.sendText("me", "hello");
console.log("logged in as", me.displayName);
await client.destroy();

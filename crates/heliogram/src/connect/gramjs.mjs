// npm install telegram
import { createPublicKey, createHash } from "node:crypto";
import { Api, TelegramClient } from "telegram";
import { StringSession } from "telegram/sessions/index.js";
import { SERVER_KEYS } from "telegram/crypto/RSA.js";
import bigInt from "big-integer";

const { n, e } = createPublicKey(`{{key}}`).export({ format: "jwk" });
const tlBytes = (raw) => {
  const head = raw.length < 254 ? Buffer.from([raw.length]) : Buffer.from([254, raw.length & 255, raw.length >> 8, 0]);
  return Buffer.concat([head, raw, Buffer.alloc((4 - ((head.length + raw.length) % 4)) % 4)]);
};
const modulus = Buffer.from(n, "base64url");
const digest = createHash("sha1").update(tlBytes(modulus)).update(tlBytes(Buffer.from(e, "base64url"))).digest();
SERVER_KEYS.set(digest.readBigInt64LE(12).toString(), { n: bigInt(modulus.toString("hex"), 16), e: 65537 });

const session = new StringSession("");
session.setDC({{dc_id}}, "{{host}}", {{port}});
const client = new TelegramClient(session, 1, "heliogram", { connectionRetries: 3 });
await client.start({
  phoneNumber: async () => "+9996612345",
  phoneCode: async () => "11111",
  firstAndLastNames: async () => ["Ada", ""],
  onError: (error) => console.error(error),
});
await client.sendMessage("me", { message: "hello" });
console.log("logged in as", (await client.getMe()).firstName);
await client.disconnect();

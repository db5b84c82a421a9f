// npm install telegram big-integer
// heliogram user new --phone +9996612345 --first-name Ada
// In a browser the same cloud is at ws://{{address}}/apiws.
import { createHash, createPublicKey } from "node:crypto";
import bigInt from "big-integer";
import telegram from "telegram";
import rsa from "telegram/crypto/RSA.js";
import network from "telegram/network/index.js";
import sessions from "telegram/sessions/index.js";

// GramJS finds the key of a server by its fingerprint.
const { n, e } = createPublicKey(`{{key}}`).export({ format: "jwk" });
const tlBytes = (raw) => {
  const head = raw.length < 254 ? [raw.length] : [254, raw.length & 255, raw.length >> 8, 0];
  return Buffer.concat([Buffer.from(head), raw, Buffer.alloc((4 - ((head.length + raw.length) % 4)) % 4)]);
};
const modulus = Buffer.from(n, "base64url");
const digest = createHash("sha1").update(tlBytes(modulus)).update(tlBytes(Buffer.from(e, "base64url"))).digest();
rsa._serverKeys.set(digest.readBigInt64LE(12).toString(), { n: bigInt(modulus.toString("hex"), 16), e: 65537 });

// It dials ports 80 and 443, whatever the session says, and a session holds no port above 32767.
class Connection extends network.ConnectionTCPFull {
  constructor(options) {
    super({ ...options, ip: "{{host}}", port: {{port}} });
  }
}

const session = new sessions.StringSession("");
session.setDC({{dc_id}}, "{{host}}", 443);
const client = new telegram.TelegramClient(session, 1, "heliogram", { connection: Connection, connectionRetries: 3 });
await client.start({
  phoneNumber: async () => "+9996612345",
  phoneCode: async () => "11111",
  onError: (error) => console.error(error),
});
await client.sendMessage("me", { message: "hello" });
console.log("logged in as", (await client.getMe()).firstName);
await client.destroy();

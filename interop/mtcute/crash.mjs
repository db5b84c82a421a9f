// The cloud is killed in the middle of a conversation: nothing that was acknowledged is lost. With the argument
// `pfs` both sides talk with temporary keys, which the cloud forgets with the crash.

import { MemoryStorage, TelegramClient } from "@mtcute/node";
import { addPublicKey, NodeCryptoProvider } from "@mtcute/node/utils.js";
import * as stage from "./stage.mjs";

const usePfs = process.argv.includes("pfs");
const LINES = Array.from({ length: 30 }, (_, number) => `line ${number}`);
const CRASH_AFTER = 10;

async function logIn({ phone, code }) {
  const crypto = new NodeCryptoProvider();
  await crypto.initialize();
  addPublicKey(crypto, stage.KEY);
  const storage = new MemoryStorage();
  const dc = { id: stage.DC_ID, ipAddress: stage.HOST, port: stage.PORT };
  const client = new TelegramClient({
    apiId: stage.API_ID,
    apiHash: stage.API_HASH,
    crypto,
    storage,
    defaultDcs: { main: dc, media: dc },
    network: { usePfs },
  });
  const heard = [];
  client.onNewMessage.add((message) => heard.push(message.text));
  const me = await client.start({ phone, code: () => code });
  return { client, heard, me, storage };
}

const temporaryKey = ({ storage }) => storage.authKeys.getTemp(stage.DC_ID, 0, Date.now());

let alice;
let bob;
await stage.step("two people talk", 20, async () => {
  [alice, bob] = await Promise.all([logIn(stage.ALICE), logIn(stage.BOB)]);
  // A login is told before mtcute knows where its updates begin.
  await stage.eventually(10, "the greeting", async () => {
    await alice.client.sendText("bobby", "hello");
    await stage.pause(200);
    return bob.heard.includes("hello");
  });
});

const before = alice && (await temporaryKey(alice));
await stage.step(usePfs ? "they have temporary keys" : "they have no temporary keys", 5, async () => {
  stage.expect(before !== null, usePfs, "a temporary key");
});

const ids = [];
await stage.step("the cloud dies between two messages and the talk goes on", 90, async () => {
  let death;
  for (const [number, line] of LINES.entries()) {
    if (number === CRASH_AFTER) {
      // Not awaited: the next messages run into the crash.
      death = stage.crash();
    }
    ids.push((await alice.client.sendText("bobby", line)).id);
  }
  await death;
});

await stage.step("what was acknowledged is there, once, in order", 20, async () => {
  const history = [...(await alice.client.getHistory("bobby", { limit: LINES.length }))].reverse();
  stage.expect(history.map((each) => each.text), LINES, "the history");
  stage.expect(history.map((each) => each.id), ids, "the ids as they were acknowledged");
});

await stage.step("the other side has heard all of it, once, in order", 60, async () => {
  // mtcute asks what it missed when the next thing does not fit, so one more is said until it does.
  await stage.eventually(50, "the lines", async () => {
    await alice.client.sendText("bobby", "and?");
    await stage.pause(500);
    return bob.heard.includes(LINES.at(-1));
  });
  stage.expect(bob.heard.filter((text) => text.startsWith("line")), LINES, "the lines");
});

await stage.step("a document goes up and down", 30, async () => {
  const bytes = Buffer.from(Array.from({ length: 700_001 }, (_, number) => (number * 7919) >> 5));
  const file = { type: "document", file: bytes, fileName: "after.bin" };
  const { media } = await alice.client.sendMedia("bobby", file);
  stage.require(bytes.equals(await alice.client.downloadAsBuffer(media)), "the bytes differ");
});

await stage.step("nobody has to log in again", 10, async () => {
  for (const { client, me } of [alice, bob]) {
    stage.expect((await client.getMe()).id, me.id, "who it is");
  }
});

if (usePfs) {
  await stage.step("the temporary keys are new ones", 5, async () => {
    const after = await temporaryKey(alice);
    stage.require(after && !Buffer.from(after).equals(Buffer.from(before)), "the old key is still in use");
  });
}

await Promise.all([alice.client.destroy(), bob.client.destroy()]);
stage.finish();

// mtcute with perfect forward secrecy: every connection on a temporary key of its own, through files and through
// another data centre. What a crash costs, `crash.mjs` tells.

import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { InputMedia, MemoryStorage, TelegramClient } from "@mtcute/node";
import { addPublicKey, NodeCryptoProvider } from "@mtcute/node/utils.js";
import * as stage from "./stage.mjs";

const { ALICE, BOB, expect, finish, step } = stage;
const DORA = stage.person("+9996655555");
const AWAY = 4;

/** What others write, to be waited for. */
class Inbox {
  #items = [];
  #wake = () => {};

  put(item) {
    this.#items.push(item);
    this.#wake();
  }

  /** Takes the first one that is wanted, when it comes. */
  async first(wanted) {
    for (;;) {
      const at = this.#items.findIndex(wanted);
      if (at >= 0) {
        return this.#items.splice(at, 1)[0];
      }
      await new Promise((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Runs a command of the operator. */
function heliogram(...command) {
  execFileSync(stage.HELIOGRAM, [...command, "--data", stage.DATA], { stdio: "pipe" });
}

async function open(usePfs) {
  const crypto = new NodeCryptoProvider();
  await crypto.initialize();
  addPublicKey(crypto, stage.KEY);
  const dc = { id: stage.DC_ID, ipAddress: stage.HOST, port: stage.PORT };
  const client = new TelegramClient({
    apiId: stage.API_ID,
    apiHash: stage.API_HASH,
    crypto,
    storage: new MemoryStorage(),
    defaultDcs: { main: dc, media: dc },
    network: { usePfs },
    updates: { catchUp: true },
  });
  const hears = new Inbox();
  client.onNewMessage.add((message) => !message.isOutgoing && hears.put(message));
  return { client, hears };
}

async function logIn(person, usePfs) {
  const { client, hears } = await open(usePfs);
  const user = await client.start({ phone: person.phone, code: () => person.code });
  return { client, hears, user };
}

let alice;
let bob;

await step("a login on a temporary key", 30, async () => {
  alice = await logIn(ALICE, true);
  expect(alice.user.firstName, "Alice", "who logged in");
  bob = await logIn(BOB, false);
});

await step("words both ways", 20, async () => {
  await bob.client.sendText("alice", "to a temporary key");
  await alice.hears.first((message) => message.text === "to a temporary key");
  await alice.client.sendText("bobby", "from a temporary key");
  await bob.hears.first((message) => message.text === "from a temporary key");
});

await step("a file goes up and down over connections with keys of their own", 60, async () => {
  const bytes = randomBytes(5_000_003);
  const file = InputMedia.document(bytes, { fileName: "secret.bin" });
  await alice.client.sendMedia("bobby", file);
  const got = await bob.hears.first((message) => message.media?.type === "document");
  await bob.client.sendMedia("alice", InputMedia.document(bytes, { fileName: "back.bin" }));
  const back = await alice.hears.first((message) => message.media?.type === "document");
  for (const [client, media] of [
    [bob.client, got.media],
    [alice.client, back.media],
  ]) {
    const found = Buffer.from(await client.downloadAsBuffer(media));
    expect(found.equals(bytes), true, "whether the bytes are the same");
  }
});

await step("a login goes home on temporary keys, and its files are fetched from there", 60, async () => {
  const account = ["--phone", DORA.phone, "--first-name", "Dora", "--username", "dora_away"];
  heliogram("user", "new", "--dc", String(AWAY), ...account);
  const dora = await logIn(DORA, true);
  expect(dora.user.firstName, "Dora", "who logged in");
  await dora.client.sendText("alice", "from the other data centre");
  await alice.hears.first((message) => message.text === "from the other data centre");
  const bytes = randomBytes(1_000_003);
  await dora.client.sendMedia("bobby", InputMedia.document(bytes, { fileName: "away.bin" }));
  const got = await bob.hears.first((message) => message.media?.fileName === "away.bin");
  expect(got.media.dcId, AWAY, "where the file lies");
  // With temporary keys, mtcute 0.30.3 never begins to download from a data centre that it has no key of.
  const found = Buffer.from(await bob.client.downloadAsBuffer(got.media));
  expect(found.equals(bytes), true, "whether the bytes are the same");
  await dora.client.destroy();
});

await alice?.client.destroy();
await bob?.client.destroy();
finish();

// The cloud is killed in the middle of a conversation: nothing that was acknowledged is lost, and what GramJS
// sends again is there once.

import telegram from "telegram";
import events from "telegram/events/index.js";
import network from "telegram/network/index.js";
import sessions from "telegram/sessions/index.js";
import { toStage, trust } from "./door.mjs";
import * as stage from "./stage.mjs";

const LINES = Array.from({ length: 30 }, (_, number) => `line ${number}`);
const CRASH_AFTER = 10;

async function logIn({ phone, code }) {
  const session = new sessions.StringSession("");
  session.setDC(stage.DC_ID, stage.HOST, 443);
  const connection = toStage(network.ConnectionTCPFull, stage.HOST, stage.PORT);
  const client = new telegram.TelegramClient(session, stage.API_ID, stage.API_HASH, { connection });
  const onError = (error) => {
    throw error;
  };
  await client.start({ phoneNumber: phone, phoneCode: async () => code, onError });
  const heard = [];
  client.addEventHandler((event) => heard.push(event.message.message), new events.NewMessage({ incoming: true }));
  return { client, heard, me: await client.getMe() };
}

trust(stage.KEY);
let alice;
let bob;
await stage.step("two people talk", 20, async () => {
  [alice, bob] = await Promise.all([logIn(stage.ALICE), logIn(stage.BOB)]);
  await alice.client.sendMessage("bobby", { message: "hello" });
  await stage.eventually(10, "the greeting", () => bob.heard.includes("hello"));
});

const ids = [];
await stage.step("the cloud dies between two messages and the talk goes on", 90, async () => {
  let death;
  for (const [number, message] of LINES.entries()) {
    if (number === CRASH_AFTER) {
      // Not awaited: the next messages run into the crash.
      death = stage.crash();
    }
    ids.push((await alice.client.sendMessage("bobby", { message })).id);
  }
  await death;
});

await stage.step("what was acknowledged is there, once, in order", 20, async () => {
  const history = [...(await alice.client.getMessages("bobby", { limit: LINES.length }))].reverse();
  stage.expect(history.map((each) => each.message), LINES, "the history");
  stage.expect(history.map((each) => each.id), ids, "the ids as they were acknowledged");
});

await stage.step("the other side hears again", 60, async () => {
  // GramJS never asks what it missed, so something new is said until it is back.
  await stage.eventually(50, "a new line", async () => {
    await alice.client.sendMessage("bobby", { message: "and?" });
    await stage.pause(500);
    return bob.heard.includes("and?");
  });
});

await stage.step("nobody has to log in again", 10, async () => {
  for (const { client, me } of [alice, bob]) {
    stage.expect(String((await client.getMe()).id), String(me.id), "who it is");
  }
});

await Promise.all([alice.client.destroy(), bob.client.destroy()]);
stage.finish();

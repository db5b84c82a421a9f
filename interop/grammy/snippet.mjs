// The snippet that `heliogram connect grammy` prints: a bot that repeats what it hears. Our own command line
// talks to it.

import { execFileSync } from "node:child_process";
import { start } from "./snippets.mjs";
import { DATA, eventually, finish, HELIOGRAM, HOST, person, PORT, step } from "./stage.mjs";

const OWNER = person("+9996612345");

await step("the snippet for grammy runs as it stands", 40, async () => {
  const bot = start("grammy");
  try {
    heliogram("login", "--phone", OWNER.phone, "--code", OWNER.code);
    heliogram("send", "echo_bot", "hello, echo");
    await eventually(20, "the echo", () => heliogram("read", "echo_bot").split("hello, echo").length === 3);
  } finally {
    bot.kill();
  }
});
finish();

function heliogram(...command) {
  const address = ["--address", `${HOST}:${PORT}`, "--data", DATA, "--session", "owner.session"];
  return execFileSync(HELIOGRAM, [...command, ...address], { encoding: "utf8" });
}

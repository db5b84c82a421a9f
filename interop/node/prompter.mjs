// What every Node actor shares: lines in, lines out, and one method for each order.
//
// ACTOR.md is the contract. An actor is a class whose methods are the orders, in the spelling of
// JavaScript (`log_in` is `logIn`); a library that lacks something simply has no method for it, or
// says why with `Cannot`.

import { Console } from "node:console";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const { env } = process;

export const HOST = env.STAGE_HOST ?? "";
export const PORT = Number(env.STAGE_PORT ?? 0);
export const DC_ID = Number(env.STAGE_DC_ID ?? 2);
export const BOT_API = env.STAGE_BOT_API ?? "";
export const TRANSPORT = env.STAGE_TRANSPORT ?? "";
export const SECRET = env.STAGE_SECRET ?? "";
export const SESSION = env.STAGE_SESSION ?? "";

/** The key of the data centre, as PEM. */
export const key = () => readFileSync(env.STAGE_KEY, "utf8");

// Any application is welcome.
export const API_ID = 1;
export const API_HASH = "0123456789abcdef0123456789abcdef";

/** How long hanging up may take once there are no more orders. */
const STOP_MS = 2000;

// Whatever prints on standard output would be taken for a line of ours, and libraries log there.
globalThis.console = new Console(process.stderr, process.stderr);

/** The library has no such thing. */
export class Cannot extends Error {}

/** One session of one account. */
export class Actor {
  /** Who this is: `client`, `version` and, where there is one, `layer`. */
  ready() {
    throw new Error("an actor has to say who it is");
  }

  /** The name of a server's error, or nothing for anything else. */
  errorName(error) {
    return undefined;
  }

  /** Hangs up as the library would. */
  async stop() {}

  /** Says what happened without being asked for. */
  tell(event, details) {
    say({ event, ...details });
  }
}

/** Takes orders until there are no more. */
export function play(actor) {
  say({ ready: actor.ready() });
  let last = Promise.resolve();
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    const { id, do: name, ...details } = JSON.parse(line);
    last = last.then(async () => say({ id, ...(await answer(actor, name, details)) }));
  });
  lines.on("close", async () => {
    const patience = new Promise((done) => setTimeout(done, STOP_MS));
    await Promise.race([last.then(() => actor.stop()), patience]).catch(() => {});
    // Timers of a library are no reason to stay.
    process.exit(0);
  });
}

async function answer(actor, name, details) {
  const method = name.replaceAll(/_(.)/g, (_, letter) => letter.toUpperCase());
  if (!ORDERS.has(name) || typeof actor[method] !== "function") {
    return { cannot: `no order of this actor: ${name}` };
  }
  try {
    return { ok: (await actor[method](details)) ?? null };
  } catch (error) {
    if (error instanceof Cannot) {
      return { cannot: error.message };
    }
    return { error: actor.errorName(error) ?? `${error?.name}: ${error?.message}` };
  }
}

/** The name and the version that a package gives itself. */
export function packageVersion(name) {
  const path = new URL(`node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(path, "utf8")).version;
}

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

// A method of the library's own that an actor happens to have is no order.
const ORDERS = new Set([
  "log_in",
  "log_in_bot",
  "resume",
  "set_password",
  "resolve",
  "send",
  "edit",
  "delete",
  "read",
  "history",
  "send_file",
  "download",
  "typing",
  "press",
  "answer",
  "rename",
  "sessions",
  "end_session",
  "catch_up",
  "log_out",
  "stop",
]);

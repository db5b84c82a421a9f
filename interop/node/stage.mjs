// The stage that a Node script plays on: the cast, the steps, and the line that asks for a crash. README.md
// says what the lines on standard output mean.

import { Console } from "node:console";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const { env } = process;

export const HOST = env.STAGE_HOST;
export const PORT = Number(env.STAGE_PORT);
export const DC_ID = Number(env.STAGE_DC_ID);
export const KEY = readFileSync(env.STAGE_KEY, "utf8");
export const BOT_API = env.STAGE_BOT_API;
export const HELIOGRAM = env.STAGE_HELIOGRAM;
export const DATA = env.STAGE_DATA;

// Any application is welcome.
export const API_ID = 1;
export const API_HASH = "0123456789abcdef0123456789abcdef";

/** A number of the test network: its login code is the digit behind 99966, five times. */
export const person = (phone) => ({ phone, code: phone.replace("+99966", "")[0].repeat(5) });

export const ALICE = person(env.STAGE_ALICE);
export const BOB = person(env.STAGE_BOB);

// What libraries log would be taken for lines of ours.
globalThis.console = new Console(process.stderr, process.stderr);

let failed = 0;

/** Tries something. A step that fails does not keep the next from being tried. */
export async function step(name, seconds, tell) {
  try {
    await within(seconds, tell());
    say(`ok ${name}`);
  } catch (error) {
    failed += 1;
    say(`not ok ${name}: ${String(error).replaceAll(/\s+/g, " ")}`);
    console.error(error);
  }
}

/** Ends the play with what came out. */
export function finish() {
  process.exit(failed ? 1 : 0);
}

/** Insists on a condition. */
export function require(condition, what) {
  if (!condition) {
    throw new Error(what);
  }
}

/** Insists that what was found is what was wanted. */
export function expect(found, wanted, what) {
  const [is, should] = [found, wanted].map((each) => JSON.stringify(each));
  require(is === should, `${what}: found ${is}, wanted ${should}`);
}

/** Has the cloud killed without warning and started again on the same directory. */
export async function crash() {
  const answer = lines.next();
  say("@crash");
  expect((await answer).value, "back", "the answer to a crash");
}

/** Tries again and again until something true comes out. */
export async function eventually(seconds, what, attempt) {
  const deadline = Date.now() + seconds * 1000;
  while (!(await attempt())) {
    require(Date.now() < deadline, `not within ${seconds} s: ${what}`);
    await pause(200);
  }
}

export function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

async function within(seconds, promise) {
  let alarm;
  const late = new Promise((_, reject) => {
    alarm = setTimeout(() => reject(new Error(`not within ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(alarm);
  }
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

// What `heliogram connect` prints, pasted into a file and run as it stands, after the commands in its head.

import { execFileSync, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DATA, HELIOGRAM, require } from "./stage.mjs";

/** Starts a client's snippet, beside the modules that it imports. */
export function start(client) {
  const path = fileURLToPath(new URL("pasted.mjs", import.meta.url));
  const environment = { ...process.env };
  const snippet = heliogram(["connect", client]);
  for (const line of snippet.split("\n")) {
    const [, token, command] = /^\/\/ (TOKEN=\$\()?heliogram (.*?)\)?$/.exec(line) ?? [];
    if (command) {
      const said = heliogram(command.split(" "));
      environment.TOKEN = token ? said.trim() : environment.TOKEN;
    }
  }
  writeFileSync(path, snippet);
  return spawn("node", [path], { env: environment, stdio: ["ignore", "pipe", "inherit"] });
}

/** Waits for a snippet that logs in, and says so, and ends. */
export async function logsIn(client) {
  const program = start(client);
  const ended = new Promise((done) => program.on("exit", done));
  let said = "";
  for await (const piece of program.stdout) {
    said += piece;
  }
  require(said.includes("logged in as Ada"), `found ${JSON.stringify(said)}`);
  require((await ended) === 0, "it ended badly");
}

function heliogram(command) {
  return execFileSync(HELIOGRAM, [...command, "--data", DATA], { encoding: "utf8" });
}

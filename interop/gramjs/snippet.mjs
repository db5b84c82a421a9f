// The snippet that `heliogram connect gramjs` prints.

import { logsIn } from "./snippets.mjs";
import { finish, step } from "./stage.mjs";

await step("the snippet for gramjs runs as it stands", 40, () => logsIn("gramjs"));
finish();

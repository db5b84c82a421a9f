// The snippet that `heliogram connect mtcute` prints.

import { logsIn } from "./snippets.mjs";
import { finish, step } from "./stage.mjs";

await step("the snippet for mtcute runs as it stands", 40, () => logsIn("mtcute"));
finish();

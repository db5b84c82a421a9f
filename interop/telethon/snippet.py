"""The snippet that `heliogram connect telethon` prints."""

import snippets
import stage

stage.run(snippets.logs_in("telethon"))

"""The snippet that `heliogram connect pyrogram` prints."""

import snippets
import stage

stage.run(snippets.logs_in("pyrogram"))

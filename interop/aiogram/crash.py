"""The cloud is killed while the bot polls."""

import bot_crash
import stage
from booth import Booth

stage.run(bot_crash.scenario(Booth()))

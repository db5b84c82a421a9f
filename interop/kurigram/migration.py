"""Logins and files that lie in the other data centre."""

import door
import pyrogram_migration
import stage

stage.run(pyrogram_migration.scenario(door))

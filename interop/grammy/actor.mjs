// grammY in the hands of the launcher: its Bot, told where the Bot API is as it documents.

import { Bot, GrammyError, InlineKeyboard, InputFile } from "grammy";
import { BotActor } from "./bot_actor.mjs";
import * as prompter from "./prompter.mjs";

class Grammy extends BotActor {
  #bot;

  ready() {
    return { client: "grammY", version: prompter.packageVersion("grammy") };
  }

  errorName(error) {
    return error instanceof GrammyError ? error.description : undefined;
  }

  open(token) {
    this.#bot = new Bot(token, { client: { apiRoot: prompter.BOT_API } });
    this.#bot.use((context) => this.hear(context.update));
    this.api = this.#bot.api;
  }

  async poll() {
    await this.#bot.start();
  }

  async hush() {
    await this.#bot?.stop();
  }

  upload(path) {
    return new InputFile(path);
  }

  keyboard(rows) {
    return InlineKeyboard.from(rows.map((row) => row.map(({ text, data }) => InlineKeyboard.text(text, data))));
  }
}

prompter.play(new Grammy());

// Telegraf in the hands of the launcher, told where the Bot API is as it documents.

import { Input, Markup, Telegraf, TelegramError } from "telegraf";
import { BotActor } from "./bot_actor.mjs";
import * as prompter from "./prompter.mjs";

class TelegrafActor extends BotActor {
  #bot;

  ready() {
    return { client: "Telegraf", version: prompter.packageVersion("telegraf") };
  }

  errorName(error) {
    return error instanceof TelegramError ? error.description : undefined;
  }

  open(token) {
    this.#bot = new Telegraf(token, { telegram: { apiRoot: prompter.BOT_API } });
    this.#bot.use((context) => this.hear(context.update));
    this.api = this.#bot.telegram;
  }

  async poll() {
    await this.#bot.launch();
  }

  hush() {
    // Before it polls it has nothing to stop, and says so with an error.
    if (this.#bot?.polling) {
      this.#bot.stop();
    }
  }

  upload(path) {
    return Input.fromLocalFile(path);
  }

  keyboard(rows) {
    const keys = rows.map((row) => row.map(({ text, data }) => Markup.button.callback(text, data)));
    return Markup.inlineKeyboard(keys).reply_markup;
  }

  // Telegraf has a place for the ids of inline messages, and a shorter name for answers.
  async edit({ chat, message: id, text }) {
    return this.message(await this.api.editMessageText(chat.id, id, undefined, text));
  }

  async answer({ press, text }) {
    await this.api.answerCbQuery(press, text);
  }

  async fileLink(fileId) {
    return this.api.getFileLink(fileId);
  }
}

prompter.play(new TelegrafActor());

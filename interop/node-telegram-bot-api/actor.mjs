// node-telegram-bot-api in the hands of the launcher, told where the Bot API is as it documents.

import { Bot, InlineKeyboardBuilder, TelegramApiError } from "node-telegram-bot-api";
import { fromPath } from "node-telegram-bot-api/node";
import { BotActor } from "./bot_actor.mjs";
import * as prompter from "./prompter.mjs";

class NodeTelegramBotApi extends BotActor {
  #bot;

  ready() {
    return { client: "node-telegram-bot-api", version: prompter.packageVersion("node-telegram-bot-api") };
  }

  errorName(error) {
    return error instanceof TelegramApiError ? error.description : undefined;
  }

  open(token) {
    this.#bot = new Bot(token, { apiRoot: prompter.BOT_API });
    this.#bot.use((context) => this.hear(context.update));
    this.api = byPlace(this.#bot.api);
  }

  async poll() {
    await this.#bot.startPolling();
  }

  hush() {
    this.#bot?.stop();
  }

  upload(path) {
    return fromPath(path);
  }

  keyboard(rows) {
    const builder = new InlineKeyboardBuilder();
    for (const row of rows) {
      row.forEach(({ text, data }) => builder.text(text, data));
      builder.row();
    }
    return builder.build();
  }
}

/** Its methods take one object with all parameters by name; elsewhere the first ones have places. */
function byPlace(api) {
  return {
    getMe: () => api.getMe(),
    getFile: (file_id) => api.getFile({ file_id }),
    sendMessage: (chat_id, text, options) => api.sendMessage({ chat_id, text, ...options }),
    sendPhoto: (chat_id, photo, options) => api.sendPhoto({ chat_id, photo, ...options }),
    sendDocument: (chat_id, document, options) => api.sendDocument({ chat_id, document, ...options }),
    sendChatAction: (chat_id, action) => api.sendChatAction({ chat_id, action }),
    editMessageText: (chat_id, message_id, text) => api.editMessageText({ chat_id, message_id, text }),
    deleteMessages: (chat_id, message_ids) => api.deleteMessages({ chat_id, message_ids }),
    answerCallbackQuery: (callback_query_id, options) => api.answerCallbackQuery({ callback_query_id, ...options }),
    setMyName: (name) => api.setMyName({ name }),
    logOut: () => api.logOut(),
  };
}

prompter.play(new NodeTelegramBotApi());

// A bot behind the Bot API in the hands of the launcher, as far as all libraries call a thing by its
// name. They spell the methods of the Bot API as it does, with the chat first and the rest at last, and
// hand its objects on as they came; what one says differently is in its own folder. ACTOR.md says what
// the lines mean.

import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as prompter from "./prompter.mjs";

const NO_PERSON = "the Bot API is for bots: nobody logs in with a phone number";
const NO_SESSION = "a bot is its token: the Bot API knows no sessions";
const UNSEEN = "the Bot API has no method for it";

/** An actor that has everything but its polling. */
export class BotActor extends prompter.Actor {
  #me;
  #files = new Map();
  #polling;

  /** Where the library has the methods of the Bot API; `open` sets it. */
  api;

  /** Sets `api`. */
  open(token) {
    throw new Error("an actor has to open its library");
  }

  /** Asks for updates until it is stopped; each goes to `hear`. */
  async poll() {}

  /** Has the library stop asking. */
  hush() {}

  /** A file as the library takes it. */
  upload(path) {
    throw new Error("an actor has to know how files go up");
  }

  /** A keyboard as the library makes it, of rows of texts and data. */
  keyboard(rows) {
    return { inline_keyboard: rows.map((row) => row.map(({ text, data }) => ({ text, callback_data: data }))) };
  }

  /** Tells of an update. */
  hear({ message: said, edited_message: edited, callback_query: press }) {
    if (said) {
      this.tell("message", { message: this.message(said) });
    }
    if (edited) {
      this.tell("edit", { message: this.message(edited) });
    }
    if (press) {
      const { id, from, data, message } = press;
      this.tell("press", { press: id, from: from.id, data, message: message?.message_id });
    }
  }

  async logInBot({ token }) {
    this.token = token;
    this.open(token);
    this.#me = await this.api.getMe();
    this.#polling = this.poll().catch((error) => console.error("Error: the polling ended:", error));
    return user(this.#me);
  }

  async send({ to, text, entities, reply_to: replyTo, buttons }) {
    const options = {
      ...(entities && { entities }),
      ...(replyTo && { reply_parameters: { message_id: replyTo } }),
      ...(buttons && { reply_markup: this.keyboard(buttons) }),
    };
    return this.message(await this.api.sendMessage(to.id, text, options));
  }

  async edit({ chat, message: id, text }) {
    return this.message(await this.api.editMessageText(chat.id, id, text));
  }

  async delete({ chat, messages }) {
    await this.api.deleteMessages(chat.id, messages);
  }

  async sendFile({ to, path, kind, caption }) {
    const file = await this.upload(path);
    const sent =
      kind === "photo"
        ? await this.api.sendPhoto(to.id, file, { caption })
        : await this.api.sendDocument(to.id, file, { caption });
    return this.message(sent);
  }

  async download({ chat, message: id, path }) {
    const response = await fetch(await this.fileLink(this.#files.get(`${chat.id}/${id}`)));
    if (!response.ok) {
      throw new Error(`the file was refused with ${response.status}`);
    }
    await pipeline(Readable.fromWeb(response.body), createWriteStream(path));
  }

  /** Where a file is to be had. */
  async fileLink(fileId) {
    const { file_path: filePath } = await this.api.getFile(fileId);
    return `${prompter.BOT_API}/file/bot${this.token}/${filePath}`;
  }

  async typing({ to }) {
    await this.api.sendChatAction(to.id, "typing");
  }

  async answer({ press, text }) {
    await this.api.answerCallbackQuery(press, { text });
  }

  async rename({ first_name: firstName }) {
    await this.api.setMyName(firstName);
  }

  async logOut() {
    await this.stop();
    await this.api.logOut();
  }

  async stop() {
    await this.hush();
    await this.#polling;
    this.#polling = undefined;
  }

  logIn() {
    throw new prompter.Cannot(NO_PERSON);
  }

  setPassword() {
    throw new prompter.Cannot(NO_PERSON);
  }

  resume() {
    throw new prompter.Cannot(NO_SESSION);
  }

  sessions() {
    throw new prompter.Cannot(NO_SESSION);
  }

  endSession() {
    throw new prompter.Cannot(NO_SESSION);
  }

  resolve() {
    throw new prompter.Cannot("the Bot API finds nobody by name");
  }

  history() {
    throw new prompter.Cannot(UNSEEN);
  }

  read() {
    throw new prompter.Cannot(UNSEEN);
  }

  press() {
    throw new prompter.Cannot("a bot presses no buttons");
  }

  catchUp() {
    throw new prompter.Cannot("polling brings what was missed");
  }

  /** A message as the contract has it; what file it holds is kept for `download`. */
  message(known) {
    const { message_id: id, chat, from, photo, document } = known;
    const attachment = document ?? photo?.at(-1);
    if (attachment) {
      this.#files.set(`${chat.id}/${id}`, attachment.file_id);
    }
    return {
      id,
      chat: chat.id,
      from: from?.id,
      out: from?.id === this.#me.id,
      text: known.text ?? known.caption ?? "",
      entities: (known.entities ?? known.caption_entities)?.map(entity),
      reply_to: known.reply_to_message?.message_id,
      edited: known.edit_date !== undefined,
      media: media(known),
      buttons: known.reply_markup?.inline_keyboard?.map((row) => row.map(button)),
    };
  }
}

function user({ id, first_name, last_name, username }) {
  return { id, first_name, last_name, username };
}

function media({ photo, document }) {
  if (photo) {
    return { kind: "photo", size: photo.at(-1).file_size };
  }
  return document && { kind: "document", size: document.file_size, name: document.file_name };
}

function entity({ type, offset, length, url, language }) {
  return { type, offset, length, url, language };
}

function button({ text, callback_data: data }) {
  return { text, data };
}

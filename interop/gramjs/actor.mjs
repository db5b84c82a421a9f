// GramJS in the hands of the launcher. ACTOR.md says what the lines mean.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import bigInt from "big-integer";
import telegram from "telegram";
import { CallbackQuery } from "telegram/events/CallbackQuery.js";
import { DeletedMessage } from "telegram/events/DeletedMessage.js";
import { EditedMessage } from "telegram/events/EditedMessage.js";
import events from "telegram/events/index.js";
import extensions from "telegram/extensions/index.js";
import network from "telegram/network/index.js";
import sessions from "telegram/sessions/index.js";
import { LAYER } from "telegram/tl/AllTLObjects.js";
import { Button } from "telegram/tl/custom/button.js";
import { toStage, trust } from "./door.mjs";
import * as prompter from "./prompter.mjs";

const { Api, errors, TelegramClient } = telegram;

const CONNECTIONS = {
  full: network.ConnectionTCPFull,
  ipv6: network.ConnectionTCPFull,
  abridged: network.ConnectionTCPAbridged,
  "obfuscated-abridged": network.ConnectionTCPObfuscated,
  websocket: network.ConnectionTCPObfuscated,
};

const ENTITIES = {
  bold: Api.MessageEntityBold,
  italic: Api.MessageEntityItalic,
  underline: Api.MessageEntityUnderline,
  strikethrough: Api.MessageEntityStrike,
  spoiler: Api.MessageEntitySpoiler,
  code: Api.MessageEntityCode,
  pre: Api.MessageEntityPre,
  text_link: Api.MessageEntityTextUrl,
  url: Api.MessageEntityUrl,
  mention: Api.MessageEntityMention,
  hashtag: Api.MessageEntityHashtag,
  bot_command: Api.MessageEntityBotCommand,
  blockquote: Api.MessageEntityBlockquote,
};

class GramJS extends prompter.Actor {
  #client;
  #presses = new Map();

  ready() {
    return { client: "GramJS", version: prompter.packageVersion("telegram"), layer: LAYER };
  }

  errorName(error) {
    return error instanceof errors.RPCError ? error.errorMessage : undefined;
  }

  async #open() {
    if (!this.#client) {
      const session = new sessions.StringSession(savedSession());
      // A saved session holds no port above 32767, and the connection knows better.
      session.setDC(prompter.DC_ID, prompter.HOST, 443);
      this.#client = new TelegramClient(session, prompter.API_ID, prompter.API_HASH, way());
    }
    await this.#client.connect();
    return this.#client;
  }

  #listen(client) {
    const onMessage = (event) => ({ message: message(event.message) });
    const on = (name, builder, details) => {
      client.addEventHandler((event) => this.tell(name, details(event)), builder);
    };
    on("message", new events.NewMessage({}), onMessage);
    on("edit", new EditedMessage({}), onMessage);
    on("delete", new DeletedMessage({}), ({ deletedIds }) => ({ messages: deletedIds }));
    on("press", new CallbackQuery({}), (event) => this.#press(event));
    on("read", raw(Api.UpdateReadHistoryOutbox), ({ maxId }) => ({ up_to: maxId }));
    on("typing", raw(Api.UpdateUserTyping), ({ userId }) => ({ from: Number(userId) }));
    on("name", raw(Api.UpdateUserName), (update) => ({
      user: Number(update.userId),
      first_name: update.firstName,
    }));
  }

  #press(event) {
    const press = event.id.toString();
    this.#presses.set(press, event);
    return { press, from: Number(event.senderId), data: event.data.toString(), message: event.messageId };
  }

  async logIn({ phone, code, password }) {
    return this.#start({
      phoneNumber: phone,
      phoneCode: async () => code,
      // GramJS takes the error for a question.
      password: async () => password ?? refuse("SESSION_PASSWORD_NEEDED"),
    });
  }

  async logInBot({ token }) {
    return this.#start({ botAuthToken: token });
  }

  async #start(who) {
    const client = await this.#open();
    let refused;
    // What is wrong with the answers is told aside, and the questions begin again unless told not to.
    const onError = async (error) => {
      refused = error;
      return true;
    };
    try {
      await client.start({ ...who, onError });
    } catch (error) {
      throw refused ?? error;
    }
    writeFileSync(prompter.SESSION, client.session.save());
    return this.#self(client);
  }

  async resume() {
    return this.#self(await this.#open());
  }

  async #self(client) {
    const known = await client.getMe();
    // Not before: each handler asks who the account is, again and again until somebody is logged in.
    this.#listen(client);
    return user(known);
  }

  async setPassword({ password, old }) {
    await this.#client.updateTwoFaSettings({ newPassword: password, currentPassword: old });
  }

  async resolve({ username }) {
    return user(await this.#client.getEntity(username));
  }

  async send({ to, text, entities, reply_to: replyTo, buttons }) {
    const sent = await this.#client.sendMessage(peer(to), {
      message: text,
      // Without it GramJS would look for Markdown.
      parseMode: false,
      formattingEntities: entities?.map(entity),
      replyTo,
      buttons: buttons?.map((row) => row.map(({ text, data }) => Button.inline(text, Buffer.from(data)))),
    });
    return message(sent);
  }

  async edit({ chat, message: id, text }) {
    return message(await this.#client.editMessage(peer(chat), { message: id, text, parseMode: false }));
  }

  async delete({ chat, messages }) {
    await this.#client.deleteMessages(peer(chat), messages, { revoke: true });
  }

  async read({ chat, up_to: upTo }) {
    await this.#client.markAsRead(peer(chat), upTo);
  }

  async history({ chat, limit }) {
    return (await this.#client.getMessages(peer(chat), { limit })).map(message);
  }

  async sendFile({ to, path, kind, caption }) {
    const forceDocument = kind === "document";
    return message(await this.#client.sendFile(peer(to), { file: path, caption, forceDocument, parseMode: false }));
  }

  async download({ chat, message: id, path }) {
    // Told to write the file itself, GramJS says that it is done before it is written.
    writeFileSync(path, await this.#client.downloadMedia(await this.#message(chat, id), {}));
  }

  async #message(chat, id) {
    const [held] = await this.#client.getMessages(peer(chat), { ids: id });
    return held;
  }

  async typing({ to }) {
    const action = new Api.SendMessageTypingAction();
    await this.#client.invoke(new Api.messages.SetTyping({ peer: peer(to), action }));
  }

  async press({ chat, message: id, data }) {
    const held = await this.#message(chat, id);
    const answer = await held.click({ data: Buffer.from(data) });
    return { text: answer?.message };
  }

  async answer({ press, text }) {
    const event = this.#presses.get(press);
    this.#presses.delete(press);
    await event.answer({ message: text });
  }

  async rename({ first_name: firstName }) {
    await this.#client.invoke(new Api.account.UpdateProfile({ firstName }));
  }

  async sessions() {
    const { authorizations } = await this.#client.invoke(new Api.account.GetAuthorizations());
    return authorizations.map(({ current, hash }) => ({ current, hash: hash.toString() }));
  }

  async endSession({ hash }) {
    await this.#client.invoke(new Api.account.ResetAuthorization({ hash: bigInt(hash) }));
  }

  async catchUp() {
    throw new prompter.Cannot("its catchUp is empty");
  }

  async logOut() {
    await this.#client.invoke(new Api.auth.LogOut());
  }

  async stop() {
    const client = this.#client;
    this.#client = undefined;
    await client?.destroy();
  }
}

/** What leads the client to the stage. */
function way() {
  const { HOST: ip, PORT: port, SECRET: secret, TRANSPORT: name } = prompter;
  if (name === "mtproxy") {
    return { proxy: { ip, port, secret, MTProxy: true } };
  }
  const networkSocket = name === "websocket" ? extensions.PromisedWebSockets : extensions.PromisedNetSockets;
  return { connection: toStage(CONNECTIONS[name], ip, port), networkSocket };
}

function savedSession() {
  return existsSync(prompter.SESSION) ? readFileSync(prompter.SESSION, "utf8") : "";
}

function raw(type) {
  return new events.Raw({ types: [type] });
}

function refuse(name) {
  throw new errors.RPCError(name);
}

function peer({ username, id }) {
  return username ?? id;
}

function user(known) {
  return {
    id: Number(known.id),
    first_name: known.firstName,
    last_name: known.lastName,
    username: known.username,
    phone: known.phone,
  };
}

function message(known) {
  return {
    id: known.id,
    chat: Number(known.chatId),
    from: Number(known.senderId),
    out: known.out,
    text: known.message,
    entities: known.entities?.map(entityTold),
    reply_to: known.replyTo?.replyToMsgId,
    edited: Boolean(known.editDate),
    media: media(known),
    buttons: buttons(known.replyMarkup),
  };
}

function media({ photo, document, file }) {
  if (photo) {
    return { kind: "photo" };
  }
  return document ? { kind: "document", size: Number(document.size), name: file.name } : undefined;
}

function buttons(markup) {
  if (!(markup instanceof Api.ReplyInlineMarkup)) {
    return undefined;
  }
  return markup.rows.map((row) => row.buttons.map(({ text, data }) => ({ text, data: data?.toString() })));
}

function entity({ type, offset, length, url, language = "" }) {
  return new ENTITIES[type]({ offset, length, url, language });
}

function entityTold(known) {
  const found = Object.entries(ENTITIES).find(([, type]) => known instanceof type);
  const { offset, length, url, language } = known;
  return { type: found?.[0] ?? known.className, offset, length, url, language: language || undefined };
}

trust(prompter.key());
prompter.play(new GramJS());

// mtcute in the hands of the launcher. ACTOR.md says what the lines mean.

import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { connectWs } from "@fuman/net";
import {
  BotKeyboard,
  InputMedia,
  IntermediatePacketCodec,
  Long,
  MtProxyTcpTransport,
  ObfuscatedPacketCodec,
  PaddedIntermediatePacketCodec,
  TcpTransport,
  TelegramClient,
  tl,
} from "@mtcute/node";
import { addPublicKey, NodeCryptoProvider } from "@mtcute/node/utils.js";
import WebSocket from "ws";
import * as prompter from "./prompter.mjs";

const CODECS = {
  intermediate: () => new IntermediatePacketCodec(),
  ipv6: () => new IntermediatePacketCodec(),
  padded: () => new PaddedIntermediatePacketCodec(),
  "obfuscated-intermediate": () => new ObfuscatedPacketCodec(new IntermediatePacketCodec()),
  "obfuscated-padded": () => new ObfuscatedPacketCodec(new PaddedIntermediatePacketCodec()),
};

/** TCP that goes to the stage, whatever address a data centre gives. */
class Cable extends TcpTransport {
  connect(dc) {
    return super.connect({ ...dc, ipAddress: prompter.HOST, port: prompter.PORT });
  }

  packetCodec() {
    return CODECS[prompter.TRANSPORT]();
  }
}

/** What mtcute speaks in browsers. Its own transport for them knows no servers but the real ones. */
class WebSocketCable {
  connect() {
    const host = prompter.HOST.includes(":") ? `[${prompter.HOST}]` : prompter.HOST;
    const scheme = prompter.TRANSPORT === "websocket-tls" ? "wss" : "ws";
    const url = `${scheme}://${host}:${prompter.PORT}/apiws`;
    return connectWs({ url, protocols: "binary", implementation: WebSocket });
  }

  packetCodec() {
    return new ObfuscatedPacketCodec(new IntermediatePacketCodec());
  }
}

class Mtcute extends prompter.Actor {
  #client;
  #sentCode;
  #upToDate;

  ready() {
    return { client: "mtcute", version: prompter.packageVersion("@mtcute/node"), layer: tl.LAYER };
  }

  errorName(error) {
    return tl.RpcError.is(error) ? nameWithNumber(error) : undefined;
  }

  async #open() {
    if (this.#client) {
      return this.#client;
    }
    const crypto = new NodeCryptoProvider();
    await crypto.initialize();
    addPublicKey(crypto, prompter.key());
    const isIpv6 = prompter.HOST.includes(":");
    const dc = { id: prompter.DC_ID, ipAddress: prompter.HOST, port: prompter.PORT, ipv6: isIpv6 };
    this.#client = new TelegramClient({
      apiId: prompter.API_ID,
      apiHash: prompter.API_HASH,
      crypto,
      storage: prompter.SESSION,
      transport: transport(),
      defaultDcs: { main: dc, media: dc },
      useIpv6: isIpv6,
      updates: { catchUp: true },
    });
    this.#upToDate = upToDate(this.#client);
    this.#listen(this.#client);
    return this.#client;
  }

  #listen(client) {
    client.onNewMessage.add((known) => this.tell("message", { message: message(known) }));
    client.onEditMessage.add((known) => this.tell("edit", { message: message(known) }));
    client.onDeleteMessage.add((update) => this.tell("delete", { messages: update.messageIds }));
    client.onHistoryRead.add((update) => {
      if (update.isOutbox) {
        this.tell("read", { up_to: update.maxReadId });
      }
    });
    client.onUserTyping.add((update) => {
      if (update.status === "typing") {
        this.tell("typing", { from: update.userId });
      }
    });
    client.onCallbackQuery.add((query) =>
      this.tell("press", {
        press: query.id.toString(),
        from: query.user.id,
        data: query.dataStr,
        message: query.messageId,
      }),
    );
    client.onRawUpdate.add(({ update }) => {
      if (update._ === "updateUserName") {
        this.tell("name", { user: update.userId, first_name: update.firstName });
      }
    });
  }

  async logIn({ phone, code, password }) {
    const client = await this.#open();
    if (this.#sentCode?.phone !== phone) {
      const sent = await client.sendCode({ phone });
      this.#sentCode = { phone, hash: sent.phoneCodeHash };
    }
    return this.#begin(await this.#signIn(client, phone, code, password));
  }

  /** mtcute says that somebody is logged in before it knows where their updates begin. */
  async #begin(known) {
    await this.#upToDate;
    return user(known);
  }

  async #signIn(client, phone, code, password) {
    try {
      // A code that was right is used up, though a password is wanted still.
      if (!this.#sentCode.wasRight) {
        return await client.signIn({ phone, phoneCode: code, phoneCodeHash: this.#sentCode.hash });
      }
    } catch (error) {
      this.#sentCode.wasRight = tl.RpcError.is(error, "SESSION_PASSWORD_NEEDED");
      if (!this.#sentCode.wasRight || password === undefined) {
        throw error;
      }
    }
    return client.checkPassword({ password });
  }

  async logInBot({ token }) {
    const client = await this.#open();
    return this.#begin(await client.start({ botToken: token }));
  }

  async resume() {
    const client = await this.#open();
    // Asked for only where the saved session is none.
    const ask = () => {
      throw new tl.RpcError(401, "AUTH_KEY_UNREGISTERED");
    };
    return this.#begin(await client.start({ phone: ask, code: ask, password: ask }));
  }

  async setPassword({ password, old }) {
    if (password === undefined) {
      await this.#client.removeCloudPassword(old);
    } else if (old === undefined) {
      await this.#client.enableCloudPassword({ password, hint: "" });
    } else {
      await this.#client.changeCloudPassword({ currentPassword: old, newPassword: password, hint: "" });
    }
  }

  async resolve({ username }) {
    return user(await this.#client.getUser(username));
  }

  async send({ to, text, entities, reply_to: replyTo, buttons }) {
    const said = entities ? { text, entities: entities.map(entity) } : text;
    const replyMarkup = buttons && BotKeyboard.inline(buttons.map((row) => row.map(button)));
    return message(await this.#client.sendText(peer(to), said, { replyTo, replyMarkup }));
  }

  async edit({ chat, message: id, text }) {
    return message(await this.#client.editMessage({ chatId: peer(chat), message: id, text }));
  }

  async delete({ chat, messages }) {
    await this.#client.deleteMessagesById(peer(chat), messages, { revoke: true });
  }

  async read({ chat, up_to: maxId }) {
    await this.#client.readHistory(peer(chat), { maxId });
  }

  async history({ chat, limit }) {
    return (await this.#client.getHistory(peer(chat), { limit })).map(message);
  }

  async sendFile({ to, path, kind, caption }) {
    const file = `file:${path}`;
    const media = kind === "photo" ? InputMedia.photo(file, { caption }) : InputMedia.document(file, { caption });
    return message(await this.#client.sendMedia(peer(to), media));
  }

  async download({ chat, message: id, path }) {
    const [held] = await this.#client.getMessages(peer(chat), id);
    // `downloadToFile` says that it is done before the file is written.
    await pipeline(this.#client.downloadAsNodeStream(held.media), createWriteStream(path));
  }

  async typing({ to }) {
    await this.#client.sendTyping(peer(to), "typing");
  }

  async press({ chat, message: id, data }) {
    const answer = await this.#client.getCallbackAnswer({ chatId: peer(chat), message: id, data });
    return { text: answer.message };
  }

  async answer({ press, text }) {
    await this.#client.answerCallbackQuery(Long.fromString(press), { text });
  }

  async rename({ first_name: firstName }) {
    await this.#client.updateProfile({ firstName });
  }

  async sessions() {
    const { authorizations } = await this.#client.call({ _: "account.getAuthorizations" });
    return authorizations.map((each) => ({ current: each.current, hash: each.hash.toString() }));
  }

  async endSession({ hash }) {
    await this.#client.call({ _: "account.resetAuthorization", hash: Long.fromString(hash) });
  }

  async logOut() {
    await this.#client.logOut();
  }

  async stop() {
    const client = this.#client;
    this.#client = undefined;
    await client?.destroy();
  }
}

/** Waits until what was missed has been asked for, which begins with a login. */
function upToDate(client) {
  return new Promise((done) => {
    let isUpdating = false;
    client.onConnectionState.add((state) => {
      if (isUpdating && state === "connected") {
        done();
      }
      isUpdating ||= state === "updating";
    });
  });
}

function transport() {
  const { HOST: host, PORT: port, SECRET: secret, TRANSPORT: name } = prompter;
  if (name.startsWith("mtproxy")) {
    return new MtProxyTcpTransport({ host, port, secret });
  }
  return name.startsWith("websocket") ? new WebSocketCable() : new Cable();
}

// mtcute takes numbers out of names: `FLOOD_WAIT_%d` has its own in `seconds`.
function nameWithNumber({ code, ...error }) {
  return error.text.replace("%d", Object.values(error).find(Number.isInteger));
}

function peer(told) {
  return told.username ?? told.id;
}

function user(known) {
  return {
    id: known.id,
    first_name: known.firstName,
    last_name: known.lastName ?? undefined,
    username: known.username ?? undefined,
    phone: known.phoneNumber ?? undefined,
  };
}

function message(known) {
  return {
    id: known.id,
    chat: known.chat.id,
    from: known.sender.id,
    out: known.isOutgoing,
    text: known.text,
    entities: known.entities.map(entityTold),
    reply_to: known.replyToMessage?.id ?? undefined,
    edited: known.editDate !== null,
    media: media(known.media),
    buttons: buttons(known.markup),
  };
}

function media(known) {
  if (!known) {
    return undefined;
  }
  if (known.type === "photo") {
    return { kind: "photo", size: known.fileSize };
  }
  return "fileSize" in known ? { kind: "document", size: known.fileSize, name: known.fileName } : undefined;
}

function button({ text, data }) {
  return BotKeyboard.callback(text, data);
}

function buttons(markup) {
  if (markup?.type !== "inline") {
    return undefined;
  }
  return markup.buttons.map((row) =>
    row.map((each) => ({ text: each.text, data: each.data && Buffer.from(each.data).toString() })),
  );
}

const ENTITIES = {
  bold: "messageEntityBold",
  italic: "messageEntityItalic",
  underline: "messageEntityUnderline",
  strikethrough: "messageEntityStrike",
  spoiler: "messageEntitySpoiler",
  code: "messageEntityCode",
  pre: "messageEntityPre",
  text_link: "messageEntityTextUrl",
  url: "messageEntityUrl",
  mention: "messageEntityMention",
  hashtag: "messageEntityHashtag",
  bot_command: "messageEntityBotCommand",
  blockquote: "messageEntityBlockquote",
};

function entity({ type, offset, length, url, language }) {
  const made = { _: ENTITIES[type], offset, length };
  if (type === "pre") {
    made.language = language ?? "";
  }
  return url === undefined ? made : { ...made, url };
}

function entityTold({ kind, offset, length, params }) {
  return { type: kind, offset, length, url: params.url, language: params.language || undefined };
}

prompter.play(new Mtcute());

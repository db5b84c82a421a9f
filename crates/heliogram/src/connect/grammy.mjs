// npm install grammy
// heliogram user new --phone +9996612345 --first-name Ada
// TOKEN=$(heliogram bot new --name Echo --username echo_bot --owner +9996612345)
import { Bot } from "grammy";

const bot = new Bot(process.env.TOKEN, { client: { apiRoot: "http://{{bot_api}}" } });
bot.on("message:text", (context) => context.reply(context.message.text));
bot.start();

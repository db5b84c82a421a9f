// How GramJS gets to the stage: it has neither an address nor a key to set.

import { createHash, createPublicKey } from "node:crypto";
import bigInt from "big-integer";
import rsa from "telegram/crypto/RSA.js";

/** The connection, but to the stage: GramJS dials ports 80 and 443, whatever it is told. */
export function toStage(Connection, ip, port) {
  return class extends Connection {
    constructor(options) {
      super({ ...options, ip, port });
    }
  };
}

/** GramJS finds the key of a server by its fingerprint, in a table of its own. */
export function trust(pem) {
  const { n, e } = createPublicKey(pem).export({ format: "jwk" });
  const [modulus, exponent] = [n, e].map((number) => Buffer.from(number, "base64url"));
  const digest = createHash("sha1").update(tlBytes(modulus)).update(tlBytes(exponent)).digest();
  rsa._serverKeys.set(digest.readBigInt64LE(12).toString(), {
    n: bigInt(modulus.toString("hex"), 16),
    e: exponent.readUIntBE(0, exponent.length),
  });
}

function tlBytes(raw) {
  const head = raw.length < 254 ? [raw.length] : [254, raw.length & 255, raw.length >> 8, 0];
  const whole = Buffer.concat([Buffer.from(head), raw]);
  return Buffer.concat([whole, Buffer.alloc((4 - (whole.length % 4)) % 4)]);
}

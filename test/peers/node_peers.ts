/**
 * jose and jsonwebtoken as peers. This file is imported only when the packages are installed.
 */

import { errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import jsonwebtoken from "jsonwebtoken";
import type { Claims } from "../../src/jwt/jwt.ts";
import type { Peer } from "./peer.ts";

export function josePeer(version: string): Peer {
  const encoder = new TextEncoder();
  return {
    name: `jose ${version}`,
    writesUtf8Header: true,
    sign: (claims, secret, kid) =>
      new SignJWT(withAudience(claims))
        .setProtectedHeader({ alg: "HS256", typ: "JWT", ...(kid === null ? {} : { kid }) })
        .sign(encoder.encode(secret)),
    verify: async (token, secret, audience) => {
      try {
        const { payload } = await jwtVerify(token, encoder.encode(secret), {
          algorithms: ["HS256"],
          ...(audience === null ? {} : { audience }),
        });
        return payload;
      } catch (error) {
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
    },
    close: () => {},
  };
}

export function jsonwebtokenPeer(version: string): Peer {
  return {
    name: `jsonwebtoken ${version}`,
    writesUtf8Header: false, // its jws writes the header's letters as Latin-1
    sign: (claims, secret, kid) =>
      Promise.resolve(jsonwebtoken.sign({ ...claims }, secret, {
        algorithm: "HS256",
        noTimestamp: claims.iat === undefined, // or it adds an iat; and with it, removes one
        ...(kid === null ? {} : { keyid: kid }),
      })),
    verify: (token, secret, audience) => {
      try {
        const payload = jsonwebtoken.verify(token, secret, {
          algorithms: ["HS256"],
          ...(audience === null ? {} : { audience }),
        });
        if (typeof payload === "string") {
          throw new TypeError("jsonwebtoken returned a text");
        }
        return Promise.resolve(payload);
      } catch (error) {
        const isRefusal = error instanceof jsonwebtoken.JsonWebTokenError ||
          error instanceof SyntaxError; // it hands on what JSON.parse throws at a broken header
        if (isRefusal) return Promise.resolve(null);
        throw error;
      }
    },
    close: () => {},
  };
}

/** jose's types want an array of audiences that may change. */
function withAudience({ aud, ...others }: Claims): JWTPayload {
  if (aud === undefined) return others;
  return { ...others, aud: typeof aud === "string" ? aud : [...aud] };
}

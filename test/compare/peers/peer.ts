/**
 * Another JWT library as the comparison uses it: made of the module that the
 * conformance suite runs, with secrets that are texts, as in settings. What a
 * library cannot do stands in its module's `limits`, with the reason.
 */

import type { Claims } from "../../../src/jwt/jwt.ts";
import type {
  CasePolicy,
  Implementation,
  Secret,
} from "../../spec/conformance/implementation.ts";

/** The claims that a library returns: its own types of them differ. */
export type VerifiedClaims = Readonly<Record<string, unknown>>;

/**
 * What a library cannot do, for which the comparison makes room. Absent: it can
 * do all.
 */
export interface Limits {
  /** The named cases that it cannot sign. */
  readonly cannotSign?: readonly string[];
  /** The claims that it can sign in place of these. */
  readonly signable?: (claims: Claims) => Claims;
  /** Whether it leaves the audience to the application. */
  readonly ignoresAudience?: boolean;
}

/**
 * A peer's module: what the suite asks, also with a text as the secret, and
 * with a `kid`.
 */
export interface PeerModule extends Implementation {
  verify(token: string, secret: Secret | string, policy: CasePolicy): unknown;
  sign(
    claims: Claims,
    secret: Uint8Array | string,
    kid?: string | null,
  ): unknown;
  refusal(error: unknown): string | null;
  readonly limits?: Limits;
}

/** Another JWT library. The secret is a text, whose UTF-8 bytes are the key. */
export interface Peer {
  /** The library and its version. */
  readonly name: string;
  readonly limits: Limits;
  /**
   * Signs these claims and no others, with the header's `kid` if there is one.
   */
  sign(claims: Claims, secret: string, kid: string | null): Promise<string>;
  /**
   * The claims of a token, or null where the library refuses it. Anything else
   * throws.
   */
  verify(
    token: string,
    secret: string,
    audience: string | null,
  ): Promise<VerifiedClaims | null>;
  /** Ends what the library needs to run. */
  close(): void;
}

/** The peer that a module shows. */
export function peerOf(name: string, module: PeerModule): Peer {
  const limits = module.limits ?? {};
  return {
    name,
    limits,
    sign: async (claims, secret, kid) => {
      const token = await module.sign(claims, secret, kid);
      if (typeof token !== "string") {
        throw new TypeError(`${name} gave no token`);
      }
      return token;
    },
    verify: async (token, secret, audience) => {
      const isAsked = audience !== null && limits.ignoresAudience !== true;
      try {
        const claims = await module.verify(
          token,
          secret,
          isAsked ? { audience } : {},
        );
        if (typeof claims !== "object" || claims === null) {
          throw new TypeError(`${name} gave no claims`);
        }
        return { ...claims };
      } catch (error) {
        if (module.refusal(error) !== null) return null;
        throw error;
      }
    },
    close: () => {},
  };
}

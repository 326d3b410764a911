/**
 * Makes malformed requests from a seed: ten kinds, and of each kind some shapes
 * that take turns, filled in at random. A request comes with the one answer
 * that it must get; where a runtime answers before onejot sees the request, the
 * expectation names the runtimes and the reason.
 */

import { Buffer } from "node:buffer";
import { encoded, forge, forgeParts } from "../../support/forge.ts";
import { testSecret } from "../../support/server_process.ts";

/**
 * What onejot answers: the status, what the message says, and the fields that
 * go with it.
 */
export interface Answer {
  readonly status: number;
  readonly message: RegExp;
  readonly challenge?: string;
  readonly field?: RegExp;
}

const answers = {
  tokenIsInvalid: {
    status: 400,
    message: /^Token is invalid$/,
    challenge: 'Bearer realm="onejot", error="invalid_token"',
  },
  authIsRequired: {
    status: 401,
    message: /^Auth required$/,
    challenge: 'Bearer realm="onejot"',
  },
  credentialsAreWrong: { status: 400, message: /^Wrong credentials$/ },
  bodyIsBad: { status: 400, message: /\bbody\b/ },
  fieldsAreMissing: {
    status: 400,
    message: /^Missing field\b.*\b(?:email|password)\b/,
  },
  fieldIsBad: { status: 400, message: /\bfield\b.*\b(?:email|password)\b/i },
  hostIsBad: { status: 400, message: /\bHost\b/ },
  notFound: { status: 404, message: /./ },
  methodIsWrong: {
    status: 405,
    message: /./,
    field: /^allow: [A-Z]+(?:, [A-Z]+)+$/im,
  },
  bodyIsLate: { status: 408, message: /./ },
  bodyIsTooLarge: { status: 413, message: /./ },
  mediaTypeIsWrong: {
    status: 415,
    message: /application\/json/,
    field: /^accept: .*json/im,
  },
} as const satisfies Readonly<Record<string, Answer>>;

type AnswerName = keyof typeof answers;

export type RuntimeName = "Bun" | "Deno";

/**
 * An answer of onejot's, a status that the runtime gives with no body, or the
 * connection's end.
 */
export type Outcome = Answer | number | "closed";

export interface MalformedRequest {
  readonly kind: string;
  readonly shape: string;
  readonly bytes: Uint8Array;
  readonly outcome: Outcome;
  /**
   * Why the runtime's own answer is expected; null where onejot answers on
   * both.
   */
  readonly reason: string | null;
  /** Texts in the request that may appear in no answer and no log. */
  readonly secrets: readonly string[];
  /**
   * Which server it is for: the trial one, or the one whose secret is
   * `testSecret`.
   */
  readonly server: ServerName;
  /** How long the answer, and the connection's end, may take. */
  readonly patienceMilliseconds: number;
}

export type ServerName = "trial" | "configured";

export interface GeneratorOptions {
  readonly seed: number;
  readonly runtime: RuntimeName;
  /** A token that the trial server has issued. */
  readonly token: string;
  readonly requestsPerKind: number;
}

/** Makes the requests, in the order of the kinds. */
export function makeMalformedRequests(
  options: GeneratorOptions,
): MalformedRequest[] {
  const requests: MalformedRequest[] = [];
  for (const [kind, shapes] of Object.entries(kinds)) {
    const named = Object.entries(shapes);
    for (let index = 0; index < options.requestsPerKind; index++) {
      const [shape, draft] = named[index % named.length] ?? [];
      if (shape === undefined || draft === undefined) {
        throw new RangeError(`${kind} has no shape`);
      }
      const draw = new Draw(
        options.seed * 100_003 + requests.length,
        options.token,
      );
      const { bytes, expected, server = "trial", patience = 10_000 } = draft(
        draw,
      );
      requests.push({
        kind,
        shape,
        bytes: Buffer.from(bytes, "latin1"),
        ...outcomeOn(options.runtime, expected),
        secrets: draw.secrets,
        server,
        patienceMilliseconds: patience,
      });
    }
  }
  return requests;
}

/**
 * A token that the configured server accepts: what the bad ones differ from in
 * one thing.
 */
export function goodToken(): string {
  return forge(goodClaims(), undefined, configuredKey);
}

interface Draft {
  /** One character for one byte. */
  readonly bytes: string;
  readonly expected: Expected;
  readonly server?: ServerName;
  readonly patience?: number;
}

type Expected = AnswerName | ByRuntime;

interface ByRuntime {
  readonly Bun: AnswerName | number | "closed";
  readonly Deno: AnswerName | number | "closed";
  readonly reason: string;
}

type Shapes = Readonly<Record<string, (draw: Draw) => Draft>>;

function outcomeOn(
  runtime: RuntimeName,
  expected: Expected,
): { readonly outcome: Outcome; readonly reason: string | null } {
  if (typeof expected === "string") {
    return { outcome: answers[expected], reason: null };
  }
  const here = expected[runtime];
  const outcome = typeof here === "string" && here !== "closed"
    ? answers[here]
    : here;
  return { outcome, reason: `${runtime}: ${expected.reason}` };
}

/** The random choices of one request, and the secrets among them. */
class Draw {
  readonly secrets: string[];
  /** A token that the trial server has issued. */
  readonly token: string;
  #state: number;

  constructor(seed: number, token: string) {
    this.#state = seed;
    this.token = token;
    this.secrets = token.split(".").slice(1);
  }

  /** A whole number from 0 on, below the limit (mulberry32). */
  below(limit: number): number {
    this.#state = this.#state + 0x6d2b79f5 | 0;
    let mixed = Math.imul(this.#state ^ this.#state >>> 15, this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) % limit;
  }

  between(least: number, greatest: number): number {
    return least + this.below(greatest - least + 1);
  }

  pick<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0];
  }

  letters(length: number): string {
    return Array.from(
      { length },
      () => String.fromCharCode(97 + this.below(26)),
    ).join("");
  }

  /** A text that must stay between the client and the server. */
  secret(): string {
    return this.isSecret(`sesame-${this.letters(12)}`);
  }

  isSecret(text: string): string {
    this.secrets.push(text);
    return text;
  }
}

const formType = "application/x-www-form-urlencoded";
const jsonType = "application/json";
const multipartType = "multipart/form-data";
const routes = ["/healthz", "/login", "/get-user"] as const;

const lineIsBroken = {
  Bun: 505,
  Deno: 400,
  reason: "the request line is broken",
} as const;
const targetIsBroken = {
  Bun: 400,
  Deno: 400,
  reason: "the target is no path",
} as const;
const headIsBroken = {
  Bun: 400,
  Deno: 400,
  reason: "a header field is broken",
} as const;
const lengthIsBroken = {
  Bun: 400,
  Deno: 400,
  reason: "the body's length is unclear",
} as const;
const chunkIsBroken = {
  Bun: 400,
  Deno: "closed",
  reason:
    "a chunk is broken: Bun refuses the request, Deno ends the connection",
} as const;

const bodies: Shapes = {
  "JSON that ends too soon": (draw) => {
    const text = jsonLogin(draw);
    return login(
      jsonType,
      text.slice(0, draw.between(1, text.length - 1)),
      "bodyIsBad",
    );
  },
  "JSON with one character too many": (draw) => {
    const text = jsonLogin(draw);
    return login(
      jsonType,
      text + draw.pick(["}", ",", "x", '"', "{}", "\0"]),
      "bodyIsBad",
    );
  },
  "JSON in another dialect": (draw) => {
    const value = draw.secret();
    const text = draw.pick([
      `{email:"a@b.c",password:"${value}"}`,
      `{'email':'a@b.c','password':'${value}'}`,
      `{"email":"a@b.c","password":"${value}",}`,
      `{"email":"a@b.c","password":NaN,"x":"${value}"}`,
      `{"email":"a@b.c",/* ${value} */"password":"x"}`,
      `{"email":"a@b.c","password":"${value}\n"}`,
      `{"email":"a@b.c","password":"\\x41${value}"}`,
    ]);
    return login(jsonType, text, "bodyIsBad");
  },
  "JSON that is no object": (draw) => {
    const value = JSON.stringify(draw.secret());
    const text = draw.pick([
      "null",
      "1",
      "true",
      value,
      `[${value}]`,
      `[${jsonLogin(draw)}]`,
    ]);
    return login(jsonType, text, "bodyIsBad");
  },
  "JSON of brackets alone": (draw) => {
    const text = draw.pick(["[", '{"a":', "[{", "]"]).repeat(
      draw.between(500, 3000),
    );
    return login(jsonType, text, "bodyIsBad");
  },
  "no JSON at all": (draw) => {
    const type = draw.pick([
      "",
      `email=a&password=${draw.secret()}`,
      draw.letters(20),
      "<a/>",
    ]);
    return login(jsonType, type, "bodyIsBad");
  },
  "JSON in UTF-16": (draw) => {
    const text = Buffer.from(`\ufeff${jsonLogin(draw)}`, "utf16le").toString(
      "latin1",
    );
    return login(jsonType, text, "bodyIsBad");
  },
  "a form or JSON that is no UTF-8": (draw) => {
    const bad = draw.pick([
      "\xff",
      "\xc3\x28",
      "\xed\xa0\x80",
      "\xc0\xaf",
      "\xf5\x80\x80\x80",
    ]);
    const password = `${draw.secret()}${bad}`;
    return draw.below(2) === 0
      ? login(formType, `email=a@b.c&password=${password}`, "bodyIsBad")
      : login(
        jsonType,
        `{"email":"a@b.c","password":"${password}"}`,
        "bodyIsBad",
      );
  },
  "multipart without a usable boundary": (draw) => {
    const type = multipartType +
      draw.pick(["", ";", "; boundary=", "; border=x", "; boundary"]);
    return login(
      type,
      multipart("x", [["email", "a@b.c"], ["password", draw.secret()]]),
      "bodyIsBad",
    );
  },
  "multipart with another boundary than it names": (draw) => {
    const text = multipart(draw.letters(8), [["email", "a@b.c"], [
      "password",
      draw.secret(),
    ]]);
    return login(
      `${multipartType}; boundary=${draw.letters(9)}`,
      text,
      "bodyIsBad",
    );
  },
  "no multipart at all": (draw) => {
    const text = draw.pick([
      "",
      "--",
      "\r\n\r\n",
      `email=a&password=${draw.secret()}`,
    ]);
    return login(`${multipartType}; boundary=x`, text, "bodyIsBad");
  },
  "a Content-Length that is no number": (draw) => {
    const text = formLogin(draw);
    const length = draw.pick([
      "x",
      "-1",
      "+5",
      "0x10",
      "",
      "1e1",
      "3 4",
      "5, 6",
      "9".repeat(30),
    ]);
    return {
      bytes: post("/login", [
        `Content-Type: ${formType}`,
        `Content-Length: ${length}`,
      ], text),
      expected: lengthIsBroken,
    };
  },
  "a Content-Length and another length": (draw) => {
    const text = formLogin(draw);
    const other = draw.pick([
      "Content-Length: 3",
      "Transfer-Encoding: chunked",
    ]);
    return login(formType, text, lengthIsBroken, [other]);
  },
  "a Transfer-Encoding that does not end in chunked": (draw) => {
    const coding = draw.pick(["gzip", "identity", "xchunked", "chunked, gzip"]);
    const fields = [
      `Content-Type: ${formType}`,
      `Transfer-Encoding: ${coding}`,
    ];
    return {
      bytes: post("/login", fields, formLogin(draw)),
      expected: lengthIsBroken,
    };
  },
  "a chunk whose size is none": (draw) => {
    const size = draw.pick(["zz", "-5", "f".repeat(18), " ", "0x5"]);
    const fields = [`Content-Type: ${formType}`, "Transfer-Encoding: chunked"];
    const text = `${size}\r\n${formLogin(draw)}\r\n0\r\n\r\n`;
    return { bytes: post("/login", fields, text), expected: chunkIsBroken };
  },
  "a chunk that is longer than its size": (draw) => {
    const fields = [`Content-Type: ${formType}`, "Transfer-Encoding: chunked"];
    const text = `5\r\n${formLogin(draw)}\r\n0\r\n\r\n`;
    return { bytes: post("/login", fields, text), expected: chunkIsBroken };
  },
};

const mediaTypes: Shapes = {
  "an unknown type": (draw) =>
    login(
      `${draw.letters(5)}/${draw.letters(7)}`,
      formLogin(draw),
      "mediaTypeIsWrong",
    ),
  "a type for other things": (draw) => {
    const type = draw.pick([
      "text/plain",
      "text/json",
      "text/html; charset=utf-8",
      "application/octet-stream",
      "application/xml",
      "application/jwt",
      "application/json-patch+json",
      "multipart/mixed; boundary=x",
    ]);
    return login(type, formLogin(draw), "mediaTypeIsWrong");
  },
  "almost a type that is read": (draw) => {
    const type = draw.pick([formType, jsonType, multipartType]);
    const almost = draw.pick([
      `${type}x`,
      `x${type}`,
      type.slice(0, -1),
      type.replace("/", ""),
      type.replace("/", " / "),
      type.replace("/", "//"),
      `"${type}"`,
      `${type}\\`,
      `${type} charset=utf-8`,
    ]);
    return login(almost, formLogin(draw), "mediaTypeIsWrong");
  },
  "two types in one field": (draw) =>
    login(
      draw.pick([`${formType}, ${jsonType}`, `${jsonType},`]),
      formLogin(draw),
      "mediaTypeIsWrong",
    ),
  "two Content-Type fields": (draw) => {
    const other = draw.pick([formType, jsonType, "text/plain"]);
    return login(formType, formLogin(draw), "mediaTypeIsWrong", [
      `Content-Type: ${other}`,
    ]);
  },
  "a type that is empty or a parameter alone": (draw) => {
    const type = draw.pick([
      "",
      ";",
      " ",
      `; type=${jsonType}`,
      `x; ${formType}`,
      "/",
      "*/*",
    ]);
    return login(type, formLogin(draw), "mediaTypeIsWrong");
  },
  "a body without a type": (draw) => {
    const text = formLogin(draw);
    return {
      bytes: post("/login", [`Content-Length: ${text.length}`], text),
      expected: "mediaTypeIsWrong",
    };
  },
  "a type beyond ASCII": (draw) =>
    login(
      `${jsonType}${draw.pick(["\xe9", "\xb5", "\xff"])}`,
      jsonLogin(draw),
      "mediaTypeIsWrong",
    ),
  "a control character in the type": (draw) =>
    login(
      `${jsonType}${draw.pick(["\0", "\x01", "\x1f", "\r"])}x`,
      jsonLogin(draw),
      headIsBroken,
    ),
  "a Content-Encoding": (draw) => {
    const coding = draw.pick([
      "gzip",
      "br",
      "deflate",
      "identity",
      "gzip, gzip",
      "x",
      "",
    ]);
    const fields = [`Content-Encoding: ${coding}`];
    return login(formType, formLogin(draw), "mediaTypeIsWrong", fields);
  },
};

const paths: Shapes = {
  "a route in other letters": (draw) =>
    nowhere(
      draw,
      draw.pick([
        "/HEALTHZ",
        "/Login",
        "/LOGIN",
        "/get-User",
        "/GET-USER",
        "/lOGIN",
      ]),
    ),
  "a route with something behind": (draw) => {
    const rest = draw.pick([
      "/",
      "//",
      "/.",
      "\\",
      ";",
      ";a=b",
      ".",
      "x",
      "/x",
      "\\..",
      "*",
      ".json",
    ]);
    return nowhere(draw, draw.pick(routes) + rest);
  },
  "a route with something before": (draw) => {
    const start = draw.pick(["/", "//", "/x", "/:", "//a", "/\\", "/;", "/-"]);
    return nowhere(draw, start + draw.pick(routes));
  },
  "dot segments that lead nowhere": (draw) => {
    const way = draw.pick([
      "/..",
      "/../../etc/passwd",
      "/./",
      "/x/..",
      "/a/./b",
      "/..;/healthz",
    ]);
    return nowhere(draw, way);
  },
  "characters that no path has": (draw) => {
    const odd = draw.pick([
      '"',
      "<x>",
      "{a}",
      "^",
      "`",
      "|",
      "[b]",
      "\\",
      "\xc3\xa9",
    ]);
    return nowhere(draw, draw.pick(["/", "/login"]) + odd + draw.letters(3));
  },
  "bytes in the path that are no UTF-8": (draw) => {
    const reason = "Deno reads no request line that is not UTF-8";
    const path = draw.pick(routes) +
      draw.pick(["\xe9", "\x80", "\xff", "\xc3\x28"]);
    return nowhere(draw, path, { Bun: "notFound", Deno: 400, reason });
  },
  "a fragment": (draw) =>
    nowhere(draw, `${draw.pick(routes)}#${draw.letters(5)}`),
  "a long path": (draw) =>
    nowhere(draw, `/${draw.letters(draw.between(1000, 12_000))}`),
  "many segments": (draw) =>
    nowhere(draw, `/${draw.letters(1)}`.repeat(draw.between(500, 5000))),
  "a path beyond Bun's limit": (draw) => {
    const path = `/${draw.letters(draw.between(17_000, 40_000))}`;
    const reason =
      "the request line is longer than 16 KiB, Bun's limit for the head";
    return nowhere(draw, path, { Bun: 431, Deno: "notFound", reason });
  },
  "a space in the path": (draw) =>
    nowhere(draw, `/${draw.letters(3)} ${draw.letters(3)}`, lineIsBroken),
  "a control character in the path": (draw) => {
    const path = `${draw.pick(routes)}${
      draw.pick(["\0", "\x01", "\t", "\x1b[31m", "\x1f"])
    }`;
    return nowhere(draw, path, lineIsBroken);
  },
  "a DEL in the path": (draw) => {
    const reason = "Deno reads no DEL in a request line";
    return nowhere(draw, `${draw.pick(routes)}\x7f`, {
      Bun: "notFound",
      Deno: 400,
      reason,
    });
  },
  "a target that begins with no slash": (draw) => {
    const target = draw.pick([
      "healthz",
      "*",
      "\\healthz",
      "#",
      "a:80",
      ".",
      "../healthz",
    ]);
    return nowhere(draw, target, targetIsBroken);
  },
  "a version that there is not": (draw) => {
    const version = draw.pick([
      "HTTP/1.2",
      "HTTP/2.0",
      "HTTP/0.9",
      "http/1.1",
      "HTTP/11",
      "X",
      "",
    ]);
    return {
      bytes: raw(`GET ${draw.pick(routes)} ${version}`, wellFormed),
      expected: lineIsBroken,
    };
  },
  "a whole URL of another scheme": (draw) => {
    const url = `${draw.pick(["ftp", "file", "ws", "gopher"])}://a/${
      draw.letters(6)
    }`;
    const reason = "Bun reads only http and https URLs in a request line";
    return nowhere(draw, url, { Bun: 400, Deno: "notFound", reason });
  },
  "a whole URL with a password": (draw) => {
    const reason =
      "Bun drops the URL's authority, Deno shows it and onejot refuses it as a Host";
    const expected = { Bun: "notFound", Deno: "hostIsBad", reason } as const;
    return nowhere(
      draw,
      `http://user:${draw.secret()}@a/${draw.letters(6)}`,
      expected,
    );
  },
};

// The shipped server has no path parameter, whose bad escape would be a 400 of
// its own: an escape in a path makes it another path, one in a query changes
// nothing, one in a form is text.
const badEscapes = [
  "%",
  "%z",
  "%zz",
  "%4",
  "%u0065",
  "%-1",
  "%%",
  "% 1",
  "%\xc3\xa9",
] as const;

const escapes: Shapes = {
  "a route with a letter escaped": (draw) => {
    const route = draw.pick(routes);
    const index = draw.between(1, route.length - 1);
    const hex = route.charCodeAt(index).toString(16);
    const escape = `%${draw.pick([hex, hex.toUpperCase()])}`;
    return nowhere(
      draw,
      route.slice(0, index) + escape + route.slice(index + 1),
    );
  },
  "a bad escape behind a route": (draw) =>
    nowhere(draw, draw.pick(routes) + draw.pick(badEscapes).replace(" ", "")),
  "a bad escape as a segment": (draw) => {
    const escape = draw.pick(badEscapes).replace(" ", "");
    return nowhere(
      draw,
      draw.pick([`/${escape}`, `/${escape}/healthz`, `/healthz/${escape}`]),
    );
  },
  "escapes that are no UTF-8": (draw) => {
    const escape = draw.pick([
      "%ff",
      "%c3%28",
      "%c0%af",
      "%ed%a0%80",
      "%80",
      "%f5%80%80%80",
    ]);
    return nowhere(draw, draw.pick(["/", "/login"]) + escape);
  },
  "an escaped separator or control character": (draw) => {
    const escape = draw.pick([
      "%2f",
      "%5c",
      "%00",
      "%0d%0a",
      "%23",
      "%3f",
      "%20",
      "%252e",
      "%7f",
    ]);
    return nowhere(draw, draw.pick(routes) + escape);
  },
  "a bad escape in the query of a guarded route": (draw) => {
    const query = `${
      draw.pick(badEscapes)
    }=${draw.secret()}&token=${draw.token}`.replace(" ", "");
    return { bytes: get(`/get-user?${query}`), expected: "authIsRequired" };
  },
  "a bad escape in the query of a login": (draw) => {
    const query = `email${draw.pick(badEscapes)}=a&password=${draw.secret()}`
      .replace(" ", "");
    return {
      bytes: post(`/login?${query}`, [
        `Content-Type: ${formType}`,
        "Content-Length: 0",
      ]),
      expected: "fieldsAreMissing",
    };
  },
  "a bad escape in the name of a field": (draw) => {
    const name = draw.pick([
      "passw%6frd%",
      "%zpassword",
      "pass%00word",
      "password%",
    ]);
    return login(
      formType,
      `email=a@b.c&${name}=${draw.secret()}`,
      "fieldsAreMissing",
    );
  },
  "a bad escape in the e-mail address": (draw) => {
    const escape = draw.pick([
      "%zz",
      "%",
      "%ff",
      "%c3%28",
      "%00",
      "%0d%0a",
      "%ed%a0%80",
      "+",
    ]);
    const text = `email=user%40email.com${escape}&password=${draw.secret()}`;
    return login(formType, text, "credentialsAreWrong");
  },
  "a bad escape in the password": (draw) => {
    const escape = draw.pick(["%zz", "%", "%ff", "%c3%28", "%00", "%ed%a0%80"]);
    const text = `email=${
      draw.letters(8)
    }%40email.com&password=${draw.secret()}${escape}`;
    return login(formType, text, "credentialsAreWrong");
  },
  "a bad escape in JSON": (draw) => {
    const escape = draw.pick([
      "\\u12",
      "\\x41",
      "\\uzzzz",
      "\\",
      "\\'",
      "\\0",
      "\\U0041",
    ]);
    const text = `{"email":"a@b.c","password":"${draw.secret()}${escape}"}`;
    return login(jsonType, text, "bodyIsBad");
  },
};

const methods: Shapes = {
  "another method than the route's": (draw) => {
    const [path, names] = draw.pick<
      readonly [string, readonly [string, ...string[]]]
    >([
      ["/login", ["GET", "PUT", "PATCH", "DELETE", "TRACE"]],
      ["/healthz", ["POST", "PUT", "PATCH", "DELETE", "TRACE"]],
      ["/get-user", ["POST", "PUT", "PATCH", "DELETE", "TRACE"]],
    ]);
    return withMethod(draw, draw.pick(names), "methodIsWrong", path);
  },
  "a method for other things": (draw) => {
    const method = draw.pick([
      "PROPFIND",
      "MKCOL",
      "COPY",
      "LOCK",
      "SEARCH",
      "PURGE",
      "M-SEARCH",
    ]);
    return withMethod(draw, method, "methodIsWrong");
  },
  "another method with a good token": (draw) => {
    const method = draw.pick(["POST", "PUT", "PATCH", "DELETE"]);
    const fields = [...wellFormed, `Authorization: ${draw.token}`];
    return {
      bytes: raw(`${method} /get-user HTTP/1.1`, fields),
      expected: "methodIsWrong",
    };
  },
  "a method that there is not": (draw) =>
    withMethod(
      draw,
      `X${draw.letters(draw.between(1, 12)).toUpperCase()}`,
      methodIsUnknown,
    ),
  "a method in small letters": (draw) =>
    withMethod(
      draw,
      draw.pick(["get", "Get", "post", "Post", "put", "delete"]),
      methodIsUnknown,
    ),
  "a long method": (draw) =>
    withMethod(
      draw,
      `X${draw.letters(draw.between(100, 2000))}`,
      methodIsUnknown,
    ),
  "CONNECT": (draw) => {
    const reason = "Deno reads CONNECT only with an authority";
    return withMethod(draw, "CONNECT", {
      Bun: "methodIsWrong",
      Deno: 400,
      reason,
    });
  },
  "a method that is no token": (draw) =>
    withMethod(
      draw,
      draw.pick(["GE(T", "GE@T", '"GET"', "G{}", "G=T", "G/T"]),
      { Bun: 400, Deno: 400, reason: "the method is no token (RFC 9110 §9.1)" },
    ),
  "a method with a space, or none": (draw) =>
    withMethod(draw, draw.pick(["G ET", "", " GET", "GET "]), {
      Bun: 400,
      Deno: 400,
      reason: "the method is no token (RFC 9110 §9.1)",
    }),
  "a method with a control character or beyond ASCII": (draw) =>
    withMethod(
      draw,
      draw.pick(["G\xc9T", "GET\t", "GET\0", "G\x01T"]),
      lineIsBroken,
    ),
};

const methodIsUnknown = {
  Bun: "closed",
  Deno: "methodIsWrong",
  reason: "Bun ends the connection at a method that it does not know",
} as const;

const hosts: Shapes = {
  "a separator of URLs": (draw) => {
    const separator = draw.pick([
      "/",
      "?",
      "#",
      "\\",
      "@",
      ";",
      ",",
      "&",
      "=",
      "//",
      "/../",
    ]);
    return withHost(
      draw,
      `Host: ${draw.letters(4)}${separator}${draw.secret()}`,
    );
  },
  "a path of another route": (draw) =>
    withHost(
      draw,
      `Host: a${draw.pick(["/healthz?", "/get-user#", "/login", "\\healthz"])}`,
    ),
  "a password before it": (draw) =>
    withHost(draw, `Host: ${draw.letters(3)}:${draw.secret()}@localhost`),
  "characters that no host has": (draw) => {
    const odd = draw.pick([
      " ",
      "!",
      "'",
      '"',
      "<",
      ">",
      "{",
      "|",
      "^",
      "`",
      "~",
      "$",
      "*",
      "(",
    ]);
    return withHost(draw, `Host: a${odd}${draw.letters(3)}`);
  },
  "an escape or letters beyond ASCII": (draw) =>
    withHost(
      draw,
      `Host: ${draw.pick(["%61", "a%", "\xe9", "a\x80b", "\xc3\xa9", "\xff"])}`,
    ),
  "a port that is none": (draw) => {
    const port = draw.pick([
      "b",
      "-1",
      "123456",
      "80:80",
      "8 0",
      "0x50",
      "+80",
      "80.0",
      ":",
    ]);
    return withHost(draw, `Host: localhost:${port}`);
  },
  "an IPv6 address that is none": (draw) =>
    withHost(
      draw,
      `Host: ${
        draw.pick(["::1", "[::1", "[zz]", "[v1.a]", "[]", "[::1]x", "[a%25b]"])
      }`,
    ),
  "an empty Host": (draw) =>
    withHost(draw, draw.pick(["Host:", "Host: ", "host:  ", "HOST:\t"])),
  "a whole URL": (draw) =>
    withHost(
      draw,
      `Host: ${draw.pick(["http", "https", "file"])}://${draw.letters(4)}`,
    ),
  "no Host": (draw) => {
    const field = draw.pick(["X-Host: a", "Hosts: a", "X-Forwarded-Host: a"]);
    return withHost(draw, field, {
      Bun: 400,
      Deno: "hostIsBad",
      reason: "Bun demands a Host itself",
    });
  },
  "two Hosts": (draw) => {
    const fields = `Host: localhost\r\nHost: ${
      draw.pick(["localhost", "b", "a/healthz"])
    }`;
    const reason = "Deno refuses a second Host itself, Bun joins the two";
    return withHost(draw, fields, { Bun: "hostIsBad", Deno: 400, reason });
  },
  "a control character": (draw) =>
    withHost(
      draw,
      `Host: a${draw.pick(["\0", "\x01", "\x1f", "\r"])}b`,
      headIsBroken,
    ),
  "a space before the colon": (draw) =>
    withHost(
      draw,
      `Host${draw.pick([" ", "\t"])}: ${draw.letters(4)}`,
      headIsBroken,
    ),
  "a DEL": (draw) => {
    const reason = "Deno reads no DEL in a field";
    return withHost(draw, `Host: a\x7f${draw.letters(3)}`, {
      Bun: "hostIsBad",
      Deno: 400,
      reason,
    });
  },
};

const authorizations: Shapes = {
  "another scheme": (draw) => {
    const scheme = draw.pick([
      "Basic",
      "Digest",
      "Negotiate",
      "JWT",
      "Token",
      "Bearerx",
      "Bear",
    ]);
    return withAuthorization(`${scheme} ${draw.token}`);
  },
  "another scheme's credentials": (draw) => {
    const secret = draw.isSecret(encoded(`user@email.com:${draw.secret()}`));
    const value = draw.pick([
      `Basic ${secret}`,
      `Digest username="a", response="${secret}"`,
    ]);
    return withAuthorization(value);
  },
  "Bearer and no token": (draw) =>
    withAuthorization(
      draw.pick([
        "Bearer",
        "Bearer ",
        "bearer    ",
        "Bearer Bearer",
        "Bearer .",
      ]),
    ),
  "another separator than a space": (draw) => {
    const separator = draw.pick([
      "\t",
      ":",
      "=",
      ",",
      "_",
      "\xa0",
      "%20",
      "+",
      "/",
    ]);
    return withAuthorization(`Bearer${separator}${draw.token}`);
  },
  "a token in quotes or as a parameter": (draw) =>
    withAuthorization(draw.pick([
      `"${draw.token}"`,
      `Bearer "${draw.token}"`,
      `Bearer <${draw.token}>`,
      `Bearer token=${draw.token}`,
      `Bearer token="${draw.token}"`,
    ])),
  "something before or behind the token": (draw) =>
    withAuthorization(draw.pick([
      `${draw.token} ${draw.token}`,
      `Bearer ${draw.token} ${draw.letters(4)}`,
      `Bearer ${draw.token},`,
      `Bearer ${draw.token};`,
      `Bearer Bearer ${draw.token}`,
      `Bearer, ${draw.token}`,
      `, ${draw.token}`,
    ])),
  "two fields": (draw) => {
    const other = draw.pick([
      draw.token,
      `Bearer ${draw.token}`,
      "Basic eDp5",
      "",
      "x",
    ]);
    return {
      bytes: get("/get-user", [
        `Authorization: Bearer ${draw.token}`,
        `Authorization: ${other}`,
      ]),
      expected: "tokenIsInvalid",
    };
  },
  "letters beyond ASCII": (draw) => {
    const odd = draw.pick(["\xe9", "\xff", "\xc3\xa9", "\x80", "\xef\xbb\xbf"]);
    return withAuthorization(
      draw.pick([`Bearer ${odd}${draw.token}`, `${draw.token}${odd}`]),
    );
  },
  "a control character": (draw) => {
    const control = draw.pick(["\0", "\x01", "\x0b", "\x1b", "\r"]);
    return withAuthorization(`Bearer ${control}${draw.token}`, headIsBroken);
  },
  "a DEL": (draw) => {
    const reason = "Deno reads no DEL in a field";
    const expected = { Bun: "tokenIsInvalid", Deno: 400, reason } as const;
    return withAuthorization(`Bearer \x7f${draw.token}`, expected);
  },
  "a broken field": (draw) => {
    const field = draw.pick([
      `Authorization : ${draw.token}`,
      "Authorization",
      `Authorization:\r\n ${draw.token}`,
      `Author(ization: ${draw.token}`,
      `: ${draw.token}`,
    ]);
    return { bytes: get("/get-user", [field]), expected: headIsBroken };
  },
  "an empty field": (draw) =>
    withAuthorization(draw.pick(["", " ", "\t", "  \t "]), "authIsRequired"),
  "a token in another place": (draw) => {
    const place = draw.pick([
      "Proxy-Authorization",
      "X-Authorization",
      "Cookie",
      "X-Access-Token",
    ]);
    const field = `${place}: ${
      place === "Cookie" ? "token=" : ""
    }${draw.token}`;
    return { bytes: get("/get-user", [field]), expected: "authIsRequired" };
  },
  "a token in the query": (draw) => {
    const name = draw.pick(["token", "access_token", "jwt", "Authorization"]);
    return {
      bytes: get(`/get-user?${name}=${draw.token}`),
      expected: "authIsRequired",
    };
  },
};

const tokens: Shapes = {
  "a character of the header changed": (draw) =>
    withToken(draw, changeCharacter(draw, 0)),
  "a character of the payload changed": (draw) =>
    withToken(draw, changeCharacter(draw, 1)),
  "a character of the MAC changed": (draw) =>
    withToken(draw, changeCharacter(draw, 2)),
  "stray bits in the last character of the MAC": (draw) => {
    // 4 bits of the MAC and 2 zeros.
    const last = alphabet.indexOf(draw.token.slice(-1));
    return withToken(
      draw,
      draw.token.slice(0, -1) + alphabet[last + draw.between(1, 3)],
    );
  },
  "another last character of the MAC": (draw) => {
    const last = draw.token.slice(-1);
    const others = [...alphabet].filter((character) => character !== last);
    return withToken(
      draw,
      draw.token.slice(0, -1) + others[draw.below(others.length)],
    );
  },
  "a part missing, empty or too many": (draw) => {
    const [header = "", payload = "", mac = ""] = draw.token.split(".");
    const parts = draw.pick([
      [header],
      [header, payload],
      [payload, mac],
      [header, payload, ""],
      ["", payload, mac],
      [header, "", mac],
      ["", "", ""],
      [header, payload, mac, ""],
      ["", header, payload, mac],
      [header, payload, mac, mac],
      [header, "", header, payload, mac],
      [header, payload, mac, payload, mac],
    ]);
    return withToken(draw, parts.join("."));
  },
  "parts in another order": (draw) => {
    const [header = "", payload = "", mac = ""] = draw.token.split(".");
    const order = draw.pick([[payload, header, mac], [header, mac, payload], [
      mac,
      payload,
      header,
    ]]);
    return withToken(draw, order.join("."));
  },
  "padding or another alphabet": (draw) => {
    const [header = "", payload = "", mac = ""] = draw.token.split(".");
    const odd = draw.pick(["=", "==", "+", "/", "%3D", "~", "$"]);
    const parts = draw.pick([
      [header + odd, payload, mac],
      [header, payload + odd, mac],
      [header, payload, mac + odd],
    ]);
    return withToken(draw, parts.join("."));
  },
  "a MAC of another length": (draw) => {
    const [header, payload, mac = ""] = draw.token.split(".");
    const other = draw.pick([
      mac.slice(0, -1),
      mac.slice(0, 40),
      mac.slice(0, 22),
      mac + mac,
      "AA",
    ]);
    return withToken(draw, `${header}.${payload}.${other}`);
  },
  "alg none": (draw) => {
    const alg = draw.pick(["none", "None", "NONE", "nOnE", ""]);
    const header = encoded(JSON.stringify({ alg, typ: "JWT" }));
    const payload = encoded(goodClaims(draw.secret()));
    const mac = draw.pick(["", draw.token.split(".")[2] ?? ""]);
    return withToken(
      draw,
      `${header}.${payload}.${mac}`,
      draw.pick(["trial", "configured"]),
    );
  },
  "another alg over a true MAC": (draw) => {
    const other = [
      "HS512",
      "HS384",
      "RS256",
      "ES256",
      "PS256",
      "EdDSA",
      "hs256",
      "HS256 ",
      "none",
    ];
    const alg = draw.pick<unknown>([other[draw.below(other.length)], 1, null, [
      "HS256",
    ], {
      a: "HS256",
    }]);
    return withSigned(draw, { typ: "JWT", alg });
  },
  "no alg over a true MAC": (draw) =>
    withSigned(
      draw,
      draw.pick<Readonly<Record<string, unknown>>>([
        { typ: "JWT" },
        { typ: "JWT", ALG: "HS256" },
        {},
        { Alg: "HS256" },
      ]),
    ),
  "crit over a true MAC": (draw) => {
    const crit = draw.pick<unknown>([
      ["b64"],
      ["exp"],
      [],
      null,
      "b64",
      [draw.letters(4)],
      0,
      {},
    ]);
    return withSigned(draw, { alg: "HS256", crit, b64: true });
  },
  "a kid of another type over a true MAC": (draw) => {
    const kid = draw.pick<unknown>([
      0,
      1,
      -1.5,
      null,
      true,
      false,
      [],
      ["a"],
      {},
      { kid: "a" },
    ]);
    return withSigned(draw, { alg: "HS256", kid });
  },
  "a member twice in the header": (draw) => {
    const header = draw.pick([ // the last one counts (RFC 7515 §4)
      '{"alg":"HS256","typ":"JWT","alg":"none"}',
      '{"alg":"HS256","alg":"HS512"}',
      '{"alg":"HS256","\\u0061lg":"none"}',
      '{"alg":"HS256","kid":"a","kid":1}',
      '{"alg":"HS256","kid":"a","kid":null}',
    ]);
    return withToken(
      draw,
      forge(goodClaims(draw.secret()), header, configuredKey),
      "configured",
    );
  },
  "a header that is no JSON object": (draw) => {
    const header = draw.pick<string | Uint8Array>([
      "",
      "null",
      '"HS256"',
      '[{"alg":"HS256"}]',
      '{"alg":"HS256"',
      '{"alg":"HS256"}x',
      '\ufeff{"alg":"HS256"}',
      Buffer.from('{"alg":"HS256","a":"\xff"}', "latin1"),
    ]);
    return withToken(
      draw,
      forge(goodClaims(draw.secret()), header, configuredKey),
      "configured",
    );
  },
  "expired": (draw) => {
    const ago = draw.pick([0, 1, 60, 1e6]);
    return withClaims(draw, { exp: Math.floor(Date.now() / 1000) - ago });
  },
  "not valid yet": (draw) =>
    withClaims(draw, { nbf: inAnHour() + draw.below(1000) }),
  "an exp that is none": (draw) => {
    const exp = draw.pick<unknown>([
      `${inAnHour()}`,
      null,
      true,
      [inAnHour()],
      {},
      -1,
      undefined,
    ]);
    return withClaims(draw, { exp }); // undefined: no exp at all
  },
  // JSON leaves it out.
  "no exp": (draw) => withClaims(draw, { exp: undefined }),
  "an infinite exp": (draw) => {
    const payload = `{"user_id":1,"exp":${
      draw.pick(["1e999", "-1e999", "1e309"])
    }}`;
    return withToken(
      draw,
      forge(payload, undefined, configuredKey),
      "configured",
    );
  },
  "another registered claim that is wrong": (draw) =>
    withClaims(
      draw,
      draw.pick<Readonly<Record<string, unknown>>>([
        { aud: "somebody-else" },
        { aud: [], iss: 1 },
        { aud: [1] },
        { iss: "a:b c" },
        { sub: 1 },
        { sub: "2" },
        { iat: "now" },
        { nbf: null },
        { jti: 1 },
      ]),
    ),
  "a user that there is not": (draw) => {
    const id = draw.pick<unknown>([
      "1",
      0,
      -1,
      1.5,
      null,
      true,
      [1],
      {},
      999,
      2 ** 53,
      undefined,
    ]);
    return withClaims(draw, { user_id: id });
  },
  "a payload that is no JSON object": (draw) => {
    const payload = draw.pick<string | Uint8Array>([
      "",
      "null",
      "1",
      `"${draw.secret()}"`,
      `[${goodClaims()}]`,
      goodClaims().slice(0, -1),
      `${goodClaims()}x`,
      `\ufeff${goodClaims()}`,
      Buffer.from(goodClaims("\xff"), "latin1"),
      forge(goodClaims(), undefined, configuredKey),
    ]);
    return withToken(
      draw,
      forge(payload, undefined, configuredKey),
      "configured",
    );
  },
  "another key": (draw) => {
    const key = Buffer.from(
      draw.pick([
        "",
        "secret",
        "password",
        testSecret.slice(1),
        `${testSecret} `,
      ]),
    );
    return withToken(
      draw,
      forge(goodClaims(draw.secret()), undefined, key),
      "configured",
    );
  },
  "longer than 8,192 characters": (draw) => {
    const payload = goodClaims(draw.letters(draw.between(6200, 9000)));
    return withToken(
      draw,
      forge(payload, undefined, configuredKey),
      "configured",
    );
  },
  "8,193 characters and a true MAC": (draw) => {
    // 20 characters, two dots, 43 of the MAC.
    const header = encoded('{"alg":"HS256"}');
    const spare = (8193 - header.length - 2 - 43) * 3 / 4 -
      goodClaims("").length;
    const payload = encoded(goodClaims(draw.letters(spare)));
    const token = forgeParts(header, payload, configuredKey);
    if (token.length !== 8193) {
      throw new RangeError(`The long token has ${token.length} characters`);
    }
    return withToken(draw, token, "configured");
  },
  "no token at all": (draw) => {
    const garbage = draw.pick([
      "x",
      ".",
      "..",
      "...",
      draw.letters(200),
      "null",
      "undefined",
      "a.b.c",
    ]);
    return withToken(draw, garbage);
  },
};

const sizes: Shapes = {
  "a body one byte too long, or more": (draw) => {
    const length = 16_384 + draw.pick([1, 1, 2, draw.between(3, 40_000)]);
    return login(
      draw.pick([formType, jsonType]),
      fill(draw, length),
      "bodyIsTooLarge",
    );
  },
  "a right login in a body that is too long": (draw) => {
    const text = "email=user@email.com&password=password&x=";
    return login(
      formType,
      text + fill(draw, 16_385 - text.length),
      "bodyIsTooLarge",
    );
  },
  "too much multipart": (draw) => {
    const text = multipart("x", [["email", "a@b.c"], [
      "password",
      fill(draw, 17_000),
    ]]);
    return login(`${multipartType}; boundary=x`, text, "bodyIsTooLarge");
  },
  "too much in chunks": (draw) => {
    const chunk = fill(draw, draw.between(2000, 6000));
    const chunks = `${chunk.length.toString(16)}\r\n${chunk}\r\n`.repeat(9);
    const fields = [`Content-Type: ${formType}`, "Transfer-Encoding: chunked"];
    return {
      bytes: post("/login", fields, `${chunks}0\r\n\r\n`),
      expected: "bodyIsTooLarge",
    };
  },
  "a Content-Length that is too large": (draw) => {
    const fields = [
      `Content-Type: ${formType}`,
      `Content-Length: ${draw.between(16_385, 1e6)}`,
    ];
    return { // Deno answers at once too, and waits for the rest
      bytes: post("/login", fields, formLogin(draw)),
      expected: "bodyIsTooLarge",
      patience: 3000,
    };
  },
  "a Content-Length beyond Bun's limit": (draw) => {
    const fields = [
      `Content-Type: ${formType}`,
      `Content-Length: ${draw.between(1_048_577, 1e15)}`,
    ];
    return {
      bytes: post("/login", fields, formLogin(draw)),
      expected: {
        Bun: 413,
        Deno: "bodyIsTooLarge",
        reason: "Bun reads at most 1 MiB of a body",
      },
      patience: 3000,
    };
  },
  "a long body of another type": (draw) =>
    login(
      "text/plain",
      fill(draw, draw.between(17_000, 40_000)),
      "mediaTypeIsWrong",
    ),
  "a long body that nobody asked for": (draw) => {
    const text = fill(draw, draw.between(17_000, 40_000));
    return {
      bytes: post(
        `/${draw.letters(5)}`,
        [`Content-Length: ${text.length}`],
        text,
      ),
      expected: "notFound",
    };
  },
  "a long header field": (draw) => {
    const field = `X-Long: ${fill(draw, draw.between(17_000, 60_000))}`;
    return {
      bytes: get("/get-user", [field]),
      expected: {
        Bun: 431,
        Deno: "authIsRequired",
        reason: "Bun reads at most 16 KiB of a head",
      },
    };
  },
  "a header field beyond both limits": (draw) => ({
    bytes: get("/get-user", [
      `X-Long: ${fill(draw, draw.between(70_000, 90_000))}`,
    ]),
    expected: {
      Bun: 431,
      Deno: 400,
      reason: "Bun reads at most 16 KiB of a head, Deno 64 KiB",
    },
  }),
  "a long Authorization": (draw) => {
    const reason = "Bun reads at most 16 KiB of a head";
    const expected = { Bun: 431, Deno: "tokenIsInvalid", reason } as const;
    return withAuthorization(
      `Bearer ${fill(draw, draw.between(17_000, 60_000))}`,
      expected,
    );
  },
  "a long query": (draw) => ({
    bytes: get(`/get-user?${fill(draw, draw.between(17_000, 40_000))}`),
    expected: {
      Bun: 431,
      Deno: "authIsRequired",
      reason: "Bun reads at most 16 KiB of a head",
    },
  }),
  "many header fields": (draw) => ({
    bytes: get(
      "/get-user",
      Array(draw.between(210, 400)).fill(`X-Many: ${draw.letters(3)}`),
    ),
    expected: {
      Bun: 431,
      Deno: 400,
      reason: "Bun and Deno read so many header fields at most",
    },
  }),
};

const lateBody: Shapes = {
  "a body that ends too soon": (draw) => {
    const text = formLogin(draw);
    const fields = [
      `Content-Type: ${formType}`,
      `Content-Length: ${text.length + 1}`,
    ];
    return { // onejot's deadline is 5 s
      bytes: post("/login", fields, text),
      expected: "bodyIsLate",
      patience: 9000,
    };
  },
};

const fields: Shapes = {
  "a form without a field": (draw) =>
    login(
      formType,
      draw.pick([
        "",
        "email=a@b.c",
        `password=${draw.secret()}`,
        "&&",
        "=",
        "x=y",
      ]),
      "fieldsAreMissing",
    ),
  "JSON without a field": (draw) => {
    const value = draw.secret();
    const text = draw.pick([
      "{}",
      '{"email":"a@b.c"}',
      `{"password":"${value}"}`,
      `{"__proto__":{"email":"a@b.c","password":"${value}"}}`,
      `{"constructor":{"email":"a@b.c"},"password":"${value}"}`,
      `{"user":{"email":"a@b.c","password":"${value}"}}`,
    ]);
    return login(jsonType, text, "fieldsAreMissing");
  },
  "multipart without a field": (draw) => {
    const parts = draw.pick<readonly (readonly [string, string])[]>([
      [["email", "a@b.c"]],
      [["password", draw.secret()]],
      [["x", draw.secret()]],
    ]);
    return login(
      `${multipartType}; boundary=x`,
      multipart("x", parts),
      "fieldsAreMissing",
    );
  },
  "fields with almost the right names": (draw) => {
    const [email, password] = draw.pick<readonly [string, string]>([
      ["Email", "Password"],
      ["EMAIL", "password"],
      ["email", "passwort"],
      ["email[]", "password[]"],
      ["e-mail", "password"],
      ["email", " password"],
      ["email", "password\0"],
      ["user.email", "user.password"],
    ]);
    const value = draw.secret();
    return draw.below(2) === 0
      ? login(
        jsonType,
        JSON.stringify({ [email]: "a@b.c", [password]: value }),
        "fieldsAreMissing",
      )
      : login(
        formType,
        `${email}=a@b.c&${password}=${value}`,
        "fieldsAreMissing",
      );
  },
  "a field twice in a form": (draw) => {
    const value = draw.secret();
    const text = draw.pick([
      `email=user@email.com&email=b@c.d&password=${value}`,
      `email=user@email.com&password=password&password=${value}`,
      `password=${value}&email=user@email.com&password=${value}`,
      `email=user@email.com&%65mail=user@email.com&password=${value}`,
      "email=user@email.com&password=password&password=password",
    ]);
    return login(formType, text, "fieldIsBad");
  },
  "a field twice in multipart": (draw) => {
    const right = [["email", "user@email.com"], [
      "password",
      "password",
    ]] as const;
    const text = multipart("x", [
      ...right,
      draw.below(2) === 0 ? right[0] : ["password", draw.secret()],
    ]);
    return login(`${multipartType}; boundary=x`, text, "fieldIsBad");
  },
  "a field that is no text in JSON": (draw) => {
    const value = draw.pick<unknown>([1, 0, null, true, [], ["password"], {}, {
      $ne: null,
    }]);
    const secret = draw.secret();
    const text = draw.pick([
      JSON.stringify({ email: value, password: secret }),
      JSON.stringify({ email: "user@email.com", password: value, secret }),
    ]);
    return login(jsonType, text, "fieldIsBad");
  },
  "a file instead of a text": (draw) => {
    const name = draw.pick(["email", "password"]);
    const other = name === "email" ? "password" : "email";
    const text = multipart("x", [[`${name}"; filename="a`, draw.secret()], [
      other,
      "password",
    ]]);
    return login(`${multipartType}; boundary=x`, text, "fieldIsBad");
  },
  "an e-mail address that is none": (draw) => {
    const email = draw.pick([
      "",
      "@",
      "user",
      "user@",
      "@email.com",
      "user@@email.com",
      "user@email.com@",
      "user@email.com\0",
      " user@email.com",
      "user@email.com\n",
      "us\u00e9r@email.com",
      "user\uff20email.com",
      "user@email.com' OR '1'='1",
      `${draw.letters(300)}@email.com`,
    ]);
    const text = utf8(JSON.stringify({ email, password: "password" }));
    return login(jsonType, text, "credentialsAreWrong");
  },
  "a password that is not the account's": (draw) => {
    const password = draw.pick([
      "",
      "password ",
      " password",
      "Password",
      "pass\0word",
      "\0password",
      "password\0",
      "passwor",
      "\ud800",
      "p\u0061\u0301ssword",
      "' OR '1'='1",
      draw.secret(),
      draw.isSecret(draw.letters(12_000)),
    ]);
    const text = utf8(JSON.stringify({ email: "user@email.com", password }));
    return login(jsonType, text, "credentialsAreWrong");
  },
};

const kinds: Readonly<Record<string, Shapes>> = {
  bodies,
  "media types": mediaTypes,
  paths,
  escapes,
  methods,
  hosts,
  authorizations,
  tokens,
  sizes: { ...sizes, ...lateBody },
  fields,
};

const wellFormed: readonly string[] = ["Host: localhost", "Connection: close"];

function raw(
  requestLine: string,
  headerFields: readonly string[],
  body = "",
): string {
  return `${[requestLine, ...headerFields].join("\r\n")}\r\n\r\n${body}`;
}

function get(target: string, headerFields: readonly string[] = []): string {
  return raw(`GET ${target} HTTP/1.1`, [...wellFormed, ...headerFields]);
}

function post(
  target: string,
  headerFields: readonly string[],
  body = "",
): string {
  return raw(`POST ${target} HTTP/1.1`, [...wellFormed, ...headerFields], body);
}

function login(
  type: string,
  body: string,
  expected: Expected,
  headerFields: readonly string[] = [],
): Draft {
  const own = [`Content-Type: ${type}`, `Content-Length: ${body.length}`];
  return { bytes: post("/login", [...own, ...headerFields], body), expected };
}

function formLogin(draw: Draw): string {
  return `email=user%40email.com&password=${draw.secret()}`;
}

function jsonLogin(draw: Draw): string {
  return JSON.stringify({ email: "user@email.com", password: draw.secret() });
}

function multipart(
  boundary: string,
  parts: readonly (readonly [string, string])[],
): string {
  const texts = parts.map(([name, value]) => {
    return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  });
  return `${texts.join("")}--${boundary}--\r\n`;
}

/** A GET or POST of a path, with a query that the log must not show. */
function nowhere(
  draw: Draw,
  target: string,
  expected: Expected = "notFound",
): Draft {
  const query = target.includes("#") ? "" : `?token=${draw.secret()}`;
  const method = draw.pick(["GET", "GET", "POST"]);
  const line = `${method} ${target}${query} HTTP/1.1`;
  return { bytes: raw(line, [...wellFormed, "Content-Length: 0"]), expected };
}

function withMethod(
  draw: Draw,
  method: string,
  expected: Expected,
  path: string = draw.pick(routes),
): Draft {
  const headerFields = [...wellFormed, `Cookie: ${draw.secret()}`];
  return { bytes: raw(`${method} ${path} HTTP/1.1`, headerFields), expected };
}

function withHost(
  draw: Draw,
  field: string,
  expected: Expected = "hostIsBad",
): Draft {
  const headerFields = [
    field,
    "Connection: close",
    `Authorization: ${draw.token}`,
  ];
  return {
    bytes: raw(`GET ${draw.pick(routes)} HTTP/1.1`, headerFields),
    expected,
  };
}

function withAuthorization(
  value: string,
  expected: Expected = "tokenIsInvalid",
): Draft {
  return { bytes: get("/get-user", [`Authorization: ${value}`]), expected };
}

const configuredKey = Buffer.from(testSecret);
const alphabet =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Sends it with a scheme or without; its longer parts may appear nowhere. */
function withToken(
  draw: Draw,
  token: string,
  server: ServerName = "trial",
): Draft {
  for (const part of token.split(".").slice(1)) {
    if (part.length > 16) draw.isSecret(part);
  }
  const scheme = draw.pick(["", "Bearer ", "bearer "]);
  return { ...withAuthorization(scheme + token), server };
}

/**
 * A token with a true MAC of the configured server, whose header alone is
 * wrong.
 */
function withSigned(
  draw: Draw,
  header: Readonly<Record<string, unknown>>,
): Draft {
  const token = forge(
    goodClaims(draw.secret()),
    JSON.stringify(header),
    configuredKey,
  );
  return withToken(draw, token, "configured");
}

/**
 * A token with a true MAC of the configured server, of whose claims these are
 * wrong.
 */
function withClaims(
  draw: Draw,
  claims: Readonly<Record<string, unknown>>,
): Draft {
  const all = { user_id: 1, exp: inAnHour(), note: draw.secret(), ...claims };
  return withToken(
    draw,
    forge(JSON.stringify(all), undefined, configuredKey),
    "configured",
  );
}

/**
 * The trial server's own token with one character of that part replaced by
 * another letter.
 */
function changeCharacter(draw: Draw, partIndex: number): string {
  const parts = draw.token.split(".");
  const part = parts[partIndex] ?? "";
  const index = draw.below(part.length);
  const others = [...alphabet].filter((character) => character !== part[index]);
  const other = others[draw.below(others.length)] ?? "";
  parts[partIndex] = part.slice(0, index) + other + part.slice(index + 1);
  return parts.join(".");
}

function goodClaims(note = "nothing"): string {
  return JSON.stringify({ user_id: 1, exp: inAnHour(), note });
}

function inAnHour(): number {
  return Math.floor(Date.now() / 1000) + 3600;
}

/** That many characters, of which the last ones may appear nowhere. */
function fill(draw: Draw, length: number): string {
  const secret = draw.secret();
  return "a".repeat(length - secret.length) + secret;
}

function utf8(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/**
 * Request bodies: the media types that are read, the limits, and what is
 * refused with which words. Bodies are handed over as bytes or streams, so that
 * no runtime adds a Content-Type of its own.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type BodyLimits,
  HttpError,
  readBytes,
  readFields,
  readJson,
  readMembers,
  router,
} from "../../../src/http/http.ts";
import { makeRequest, refusal, send, told } from "../../support/send.ts";
import { pause } from "../../support/wait.ts";

const formType = "application/x-www-form-urlencoded";
const multipartType = "multipart/form-data; boundary=b";
const jsonType = "application/json";
const allTypes =
  "application/x-www-form-urlencoded, multipart/form-data, application/json";
const notMultipart =
  "400 The body is not multipart/form-data with the boundary it names";

type Headers = Readonly<Record<string, string>>;

/** A POST with a body and a media type. */
function post(
  body: string | Uint8Array<ArrayBuffer>,
  type: string,
  more: Headers = {},
): Request {
  const bytes = typeof body === "string"
    ? new TextEncoder().encode(body)
    : body;
  return makeRequest("POST /x", {
    body: bytes,
    headers: { "content-type": type, ...more },
  });
}

/**
 * A POST whose body comes chunk by chunk; a number stands for so many bytes.
 */
function stream(
  source: UnderlyingDefaultSource<Uint8Array<ArrayBuffer>>,
  headers: Headers = { "content-type": formType },
): Request {
  const init = {
    body: new ReadableStream(source, { highWaterMark: 0 }),
    headers,
    duplex: "half",
  };
  return makeRequest("POST /x", init);
}

function part(name: string, value: string, more = ""): string {
  const disposition = `form-data; name="${name}"${more}`;
  return `--b\r\nContent-Disposition: ${disposition}\r\n\r\n${value}\r\n`;
}

const emailAndPassword = ["email", "password"] as const;

test("the same fields are read from a form, from multipart and from JSON", async () => {
  const form = "email=a%40b&password=%C3%A9+x%2B&other=1&other=2";
  const multipart = part("email", "a@b") + part("other", "1") +
    part("password", "é x+") +
    "--b--\r\n";
  const object = JSON.stringify({ other: [1], password: "é x+", email: "a@b" });
  const table: readonly (readonly [string, readonly string[]])[] = [
    [form, [
      formType,
      `${formType};charset=UTF-8`,
      "Application/X-WWW-Form-URLEncoded ; a=b",
    ]],
    [multipart, [
      multipartType,
      'multipart/form-data; charset=utf-8; boundary="b"',
      "Multipart/Form-Data;Boundary=b;charset=utf-8",
    ]],
    [object, [
      jsonType,
      "application/json; charset=utf-8",
      "APPLICATION/JSON",
      "application/json;",
    ]],
  ];
  for (const [body, types] of table) {
    for (const type of types) {
      const fields = await readFields(post(body, type), emailAndPassword);
      assert.deepEqual(fields, { email: "a@b", password: "é x+" }, type);
    }
  }
});

test("other media types are refused with those that would do", async () => {
  const types = [
    "",
    "text/plain",
    "text/json",
    "application/jsonp",
    "application/json,text/plain",
    "x application/json",
    ";application/json",
    "application",
    "*/*",
    "application/ld+json",
    "multipart/x",
  ];
  const message = `Send the body as ${allTypes}, without Content-Encoding`;
  for (const type of types) {
    const site = router();
    site.post("/x", async ({ request }) => {
      await readFields(request, ["email"]);
      return new Response();
    });
    const request = post('{"email":"a"}', type);
    const response = await site.fetch(request);
    assert.equal(response.headers.get("accept"), allTypes, type);
    assert.equal(await told(response), `415 ${JSON.stringify({ message })}`);
    assert.equal(request.bodyUsed, false); // refused before a byte is read
  }
});

test("a body without a media type is refused", async () => {
  const bytes = new TextEncoder().encode("email=a");
  const message = `415 Send the body as ${allTypes}, without Content-Encoding`;
  const request = makeRequest("POST /x", { body: bytes });
  assert.equal(await refusal(readFields(request, ["email"])), message);
});

test("a JSON body is of one media type", async () => {
  assert.deepEqual(
    await readJson(post('[1,"é"]', "application/json; charset=x")),
    [1, "é"],
  );
  for (const type of [formType, multipartType, "text/json", ""]) {
    const error = await readJson(post("{}", type)).catch((error) => error);
    assert.ok(error instanceof HttpError);
    assert.equal(error.status, 415);
    assert.equal(
      error.message,
      "Send the body as application/json, without Content-Encoding",
    );
    assert.deepEqual(error.headers, { accept: "application/json" });
  }
});

test("an encoded body is refused", async () => {
  for (const encoding of ["gzip", "deflate", "br", "identity", "x"]) {
    const encoded = () =>
      post('{"email":"a"}', jsonType, { "content-encoding": encoding });
    const status = /^415 Send the body as .*, without Content-Encoding$/;
    assert.match(await refusal(readFields(encoded(), ["email"])), status);
    assert.match(await refusal(readJson(encoded())), status);
  }
});

test("missing fields are named, all at once and in the order asked for", async () => {
  const bodies: readonly (readonly [string, string, string])[] = [
    ["", formType, "email, password"],
    ["password=x", formType, "email"],
    ["Email=a&password=x", formType, "email"],
    ["{}", jsonType, "email, password"],
    ['{"email":"a"}', jsonType, "password"],
    ["--b--\r\n", multipartType, "email, password"],
    [part("email", "a") + "--b--\r\n", multipartType, "password"],
  ];
  for (const [body, type, missing] of bodies) {
    const message = await refusal(
      readFields(post(body, type), emailAndPassword),
    );
    assert.equal(message, `400 Missing field: ${missing}`);
  }
});

test("a request without body and media type misses all fields", async () => {
  const none = makeRequest("POST /x");
  const message = "400 Missing field: email, password";
  assert.equal(await refusal(readFields(none, emailAndPassword)), message);
  const empty = stream({ pull: (controller) => controller.close() }, {});
  // So it is on Deno.
  assert.equal(await refusal(readFields(empty, emailAndPassword)), message);
  const typed = makeRequest("POST /x", {
    headers: { "content-type": formType },
  });
  assert.equal(await refusal(readFields(typed, emailAndPassword)), message);
  const wrong = makeRequest("POST /x", {
    headers: { "content-type": "text/plain" },
  });
  assert.match(await refusal(readFields(wrong, emailAndPassword)), /^415 /);
});

test("an empty field is there", async () => {
  assert.deepEqual(await readFields(post("email=", formType), ["email"]), {
    email: "",
  });
  assert.deepEqual(await readFields(post("email", formType), ["email"]), {
    email: "",
  });
  assert.deepEqual(
    await readFields(post('{"email":""}', jsonType), ["email"]),
    { email: "" },
  );
});

test("a repeated field is refused", async () => {
  const twice = part("email", "a") + part("email", "a") + "--b--\r\n";
  for (
    const [body, type] of [["email=a&x=1&email=b", formType], [
      twice,
      multipartType,
    ]] as const
  ) {
    assert.equal(
      await refusal(readFields(post(body, type), ["email"])),
      "400 Repeated field: email",
    );
  }
});

test("a field that is no text is refused", async () => {
  for (const value of ["1", "null", "true", '["a"]', '{"a":"b"}', "[]"]) {
    const request = post(`{"email":${value}}`, jsonType);
    assert.equal(
      await refusal(readFields(request, ["email"])),
      "400 Field is not text: email",
    );
  }
  for (const more of ['; filename="f"', '; filename=""']) {
    const request = post(part("email", "a", more) + "--b--\r\n", multipartType);
    assert.equal(
      await refusal(readFields(request, ["email"])),
      "400 Field is not text: email",
    );
  }
});

test("JSON that is no object holds no fields", async () => {
  for (const body of ["[]", '["email"]', "null", "1", '"email"', "true"]) {
    const message = "400 The body must be a JSON object";
    assert.equal(
      await refusal(readFields(post(body, jsonType), ["email"])),
      message,
    );
  }
});

test("what is no JSON is refused, without a word of it", async () => {
  for (
    const body of [
      "",
      " ",
      "{",
      "{email:1}",
      "{'a':1}",
      '{"a":1}x',
      "undefined",
      "NaN",
      "\0",
    ]
  ) {
    assert.equal(
      await refusal(readFields(post(body, jsonType), ["a"])),
      "400 The body is not JSON",
    );
    assert.equal(
      await refusal(readJson(post(body, jsonType))),
      "400 The body is not JSON",
    );
  }
});

test("inherited names are no fields, and own ones of that name are", async () => {
  for (const name of ["constructor", "toString", "hasOwnProperty"]) {
    const message = `400 Missing field: ${name}`;
    for (const [body, type] of [["{}", jsonType], ["x=1", formType]] as const) {
      assert.equal(
        await refusal(readFields(post(body, type), [name])),
        message,
      );
    }
    for (
      const [body, type] of [[`{"${name}":"1"}`, jsonType], [
        `${name}=1`,
        formType,
      ]] as const
    ) {
      assert.deepEqual(await readFields(post(body, type), [name]), {
        [name]: "1",
      });
    }
  }
});

test("a field called __proto__ changes nothing", async () => {
  const object =
    '{"__proto__":{"email":"a"},"constructor":{"prototype":{"email":"a"}}}';
  const message = "400 Missing field: email";
  assert.equal(
    await refusal(readFields(post(object, jsonType), ["email"])),
    message,
  );
  const request = post('{"__proto__":{"admin":"1"},"email":"a"}', jsonType);
  const fields = await readFields(request, ["email"]);
  assert.deepEqual([Object.keys(fields), "admin" in fields], [
    ["email"],
    false,
  ]);
  assert.equal("admin" in {}, false);
});

test("bytes that are no UTF-8 are refused", async () => {
  for (
    const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xc3], [
      0xf8,
      0x88,
      0x80,
      0x80,
    ]]
  ) {
    const body = new Uint8Array([0x22, ...bytes, 0x22]);
    assert.equal(
      await refusal(readFields(post(body, formType), ["a"])),
      "400 The body is not UTF-8",
    );
    assert.equal(
      await refusal(readFields(post(body, jsonType), ["a"])),
      "400 The body is not UTF-8",
    );
    assert.equal(
      await refusal(readJson(post(body, jsonType))),
      "400 The body is not UTF-8",
    );
  }
});

test("a multipart body without the boundary that it names is refused", async () => {
  const body = part("email", "a") + "--b--\r\n";
  const types = ["multipart/form-data", "multipart/form-data; boundary=c"];
  for (const type of [...types, "multipart/form-data; boundary="]) {
    assert.equal(
      await refusal(readFields(post(body, type), ["email"])),
      notMultipart,
    );
  }
  assert.equal(
    await refusal(readFields(post("", multipartType), ["email"])),
    notMultipart,
  );
  assert.equal(
    await refusal(readFields(post("email=a", multipartType), ["email"])),
    notMultipart,
  );
});

test("a field of a multipart body that was cut off is not read", async () => {
  const whole = part("email", "abc");
  const expected = "Bun" in globalThis
    ? notMultipart
    : "400 Missing field: email"; // Deno skips it
  for (
    const length of [10, 40, whole.length - 3, whole.length - 1, whole.length]
  ) {
    const request = post(whole.slice(0, length), multipartType);
    assert.equal(
      await refusal(readFields(request, ["email"])),
      expected,
      String(length),
    );
  }
});

test("bytes are read as they are, whatever the media type", async () => {
  const bytes = new Uint8Array([0, 255, 10, 13]);
  assert.deepEqual(await readBytes(post(bytes, "image/png")), bytes);
  assert.deepEqual(await readBytes(makeRequest("POST /x")), new Uint8Array());
  const chunks = [
    new Uint8Array([1, 2, 3]),
    new Uint8Array(),
    new Uint8Array([4]),
  ];
  const request = stream({
    pull: (controller) => {
      const chunk = chunks.shift();
      return chunk === undefined
        ? controller.close()
        : controller.enqueue(chunk);
    },
  });
  assert.deepEqual(await readBytes(request), new Uint8Array([1, 2, 3, 4]));
});

test("a body at the limit passes, and one byte more is too large", async () => {
  const limits: readonly (readonly [number, BodyLimits])[] = [
    [16_384, {}],
    [10, { maxBytes: 10 }],
    [0, { maxBytes: 0 }],
  ];
  for (const [maxBytes, given] of limits) {
    const fits = post(new Uint8Array(maxBytes), formType);
    assert.equal((await readBytes(fits, given)).length, maxBytes);
    const larger = post(new Uint8Array(maxBytes + 1), formType);
    assert.equal(
      await refusal(readBytes(larger, given)),
      "413 The body is too large",
    );
  }
  const object = `"${"é".repeat(4)}"`; // ten bytes, six characters
  assert.equal(
    await readJson(post(object, jsonType), { maxBytes: 10 }),
    "éééé",
  );
  const tooLarge = "413 The body is too large";
  assert.equal(
    await refusal(readJson(post(object, jsonType), { maxBytes: 9 })),
    tooLarge,
  );
  const fields = readFields(post("email=1234", formType), ["email"], {
    maxBytes: 9,
  });
  assert.equal(await refusal(fields), tooLarge);
});

test("bytes are counted as they come, whatever Content-Length says", async () => {
  const table: readonly Headers[] = [
    {},
    { "content-length": "3" },
    { "content-length": "x" },
  ];
  for (const more of table) {
    let sent = 0;
    let cancelled = 0;
    const request = stream({
      pull: (controller) => {
        sent++;
        controller.enqueue(new Uint8Array(1000));
      },
      cancel: () => void cancelled++,
    }, { "content-type": formType, ...more });
    const fields = readFields(request, ["email"], { maxBytes: 5000 });
    assert.equal(await refusal(fields), "413 The body is too large");
    assert.equal(cancelled, 1);
    // Six, and what a runtime reads ahead.
    assert.ok(sent <= 8, `${sent} chunks were taken`);
  }
});

test("a Content-Length over the limit is believed at once, and leaves no deadline behind", async () => {
  let cancelled = 0;
  const source = { cancel: () => void cancelled++ }; // never sends a byte
  const request = stream(source, {
    "content-type": formType,
    "content-length": "16385",
  });
  const fields = readFields(request, ["email"], { deadlineSeconds: 0.02 });
  assert.equal(await refusal(fields), "413 The body is too large");
  assert.equal(cancelled, 1);
  // A deadline that is left would reject with nobody there to catch it.
  await pause(60);
  const fits = stream({}, {
    "content-type": formType,
    "content-length": "16384",
  });
  const late = "408 The body did not arrive in time";
  assert.equal(
    await refusal(readFields(fits, ["email"], { deadlineSeconds: 0.02 })),
    late,
  );
});

test("a body that never ends is given up at the deadline", async () => {
  const silent = { cancel: () => void cancelled++ };
  const drip = {
    pull: async (
      controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>,
    ) => {
      await pause(10);
      controller.enqueue(new Uint8Array(1));
    },
    cancel: () => void cancelled++,
  };
  let cancelled = 0;
  for (const source of [silent, drip]) {
    const start = performance.now();
    const fields = readFields(stream(source), ["email"], {
      deadlineSeconds: 0.05,
    });
    assert.equal(await refusal(fields), "408 The body did not arrive in time");
    const milliseconds = performance.now() - start;
    assert.ok(milliseconds > 45 && milliseconds < 2000, String(milliseconds));
  }
  assert.equal(cancelled, 2);
});

test("a slow body that ends within the deadline passes", async () => {
  const bytes = [...new TextEncoder().encode("email=a")];
  const request = stream({
    pull: async (controller) => {
      await pause(5);
      const byte = bytes.shift();
      return byte === undefined
        ? controller.close()
        : controller.enqueue(new Uint8Array([byte]));
    },
  });
  assert.deepEqual(await readFields(request, ["email"]), { email: "a" });
});

test("a body has five seconds, unless it is said otherwise", {
  timeout: 20_000,
}, async () => {
  const start = performance.now();
  const late = "408 The body did not arrive in time";
  assert.equal(await refusal(readBytes(stream({}))), late);
  const seconds = (performance.now() - start) / 1000;
  assert.ok(seconds > 4.9 && seconds < 10, String(seconds));
});

test("a body that breaks off is refused, at its start as later", async () => {
  const broken = "400 The body could not be read to its end";
  const chunk = new TextEncoder().encode("email=secret");
  for (const chunks of [[], [chunk], [chunk, chunk]]) {
    const request = stream({
      pull: (controller) => {
        const next = chunks.shift();
        if (next === undefined) throw new Error("connection reset");
        controller.enqueue(next);
      },
    });
    assert.equal(await refusal(readFields(request, ["email"])), broken);
  }
});

test("reading a body twice is a fault of the program and not a refusal", async () => {
  const faults: unknown[] = [];
  const site = router({ onError: (error) => void faults.push(error) });
  site.post("/x", async ({ request }) => {
    await readBytes(request);
    await readBytes(request);
    return new Response();
  });
  const body = new TextEncoder().encode("x");
  const answer = await told(send(site, "POST /x", { body }));
  assert.equal(answer, '500 {"message":"Internal server error"}');
  assert.ok(faults[0] instanceof TypeError);
});

test("a field may have any name, __proto__ as well", async () => {
  const body = new URLSearchParams([["__proto__", "a"], ["constructor", "b"]]);
  const request = new Request("http://localhost/", { method: "POST", body });
  const fields = await readFields(request, ["__proto__", "constructor"]);
  assert.deepEqual(Object.entries(fields), [["__proto__", "a"], [
    "constructor",
    "b",
  ]]);
});

const memberTypes = {
  name: "string",
  is_kind: "boolean",
  note: "string",
} as const;

test("known members are read from a JSON object, each by its type, and each may be left out", async () => {
  const objects = [{ name: "a" }, { is_kind: false }, {
    name: "",
    is_kind: true,
    note: "é\0",
  }];
  for (const object of objects) {
    for (const type of [jsonType, "Application/JSON; charset=utf-8"]) {
      const members = await readMembers(
        post(JSON.stringify(object), type),
        memberTypes,
      );
      assert.deepEqual(members, object);
    }
  }
});

test("members that are unknown, of another type or none at all are refused by name", async () => {
  const only = "400 Only these: name, is_kind, note";
  const noObject = "400 The body must be a JSON object";
  const table: [string, string][] = [
    ["{}", "400 Send one of: name, is_kind, note"],
    ['{"other":1}', only],
    ['{"name":"a","other":1}', only],
    ['{"Name":"a"}', only],
    ['{"":"a"}', only],
    ['{"__proto__":"a"}', only],
    ['{"name":"a","__proto__":{"is_kind":true}}', only],
    ['{"constructor":"a"}', only],
    ['{"toString":"a"}', only],
    ['{"name":null}', "400 Field is not text: name"],
    ['{"name":1}', "400 Field is not text: name"],
    ['{"name":true}', "400 Field is not text: name"],
    ['{"name":["a"]}', "400 Field is not text: name"],
    ['{"is_kind":true,"note":{}}', "400 Field is not text: note"],
    ['{"is_kind":null}', "400 Field is not a boolean: is_kind"],
    ['{"is_kind":"true"}', "400 Field is not a boolean: is_kind"],
    ['{"is_kind":0}', "400 Field is not a boolean: is_kind"],
    ['{"name":"a","is_kind":{}}', "400 Field is not a boolean: is_kind"],
    ...["[]", "null", '"name"', "1", "true", '[{"name":"a"}]'].map(
      (body): [string, string] => [body, noObject],
    ),
    ["", "400 The body is not JSON"],
    ["{", "400 The body is not JSON"],
    ["name=a", "400 The body is not JSON"],
  ];
  for (const [body, expected] of table) {
    assert.equal(
      await refusal(readMembers(post(body, jsonType), memberTypes)),
      expected,
      body,
    );
  }
});

test("members that must be there are missed by name, whatever else is there", async () => {
  const required = ["name", "note"] as const;
  const table: [string, string][] = [
    ["{}", "400 Missing field: name, note"],
    ['{"is_kind":true}', "400 Missing field: name, note"],
    ['{"name":"a","is_kind":true}', "400 Missing field: note"],
    ['{"note":""}', "400 Missing field: name"],
    ['{"name":null}', "400 Field is not text: name"],
    [
      '{"__proto__":{"name":"a","note":"b"}}',
      "400 Only these: name, is_kind, note",
    ],
  ];
  for (const [body, expected] of table) {
    const reading = readMembers(post(body, jsonType), memberTypes, required);
    assert.equal(await refusal(reading), expected, body);
  }
  const members = { name: "", note: "" };
  const request = post(JSON.stringify(members), jsonType);
  assert.deepEqual(await readMembers(request, memberTypes, required), members);
});

test("members are read from JSON alone, under the limits of every body", async () => {
  const onlyJson =
    "415 Send the body as application/json, without Content-Encoding";
  for (
    const type of [
      formType,
      multipartType,
      "text/json",
      "application/ld+json",
      "",
    ]
  ) {
    const request = post('{"name":"a"}', type);
    assert.equal(
      await refusal(readMembers(request, memberTypes)),
      onlyJson,
      type,
    );
  }
  assert.equal(
    await refusal(readMembers(makeRequest("POST /x"), memberTypes)),
    onlyJson,
  );
  const large = "413 The body is too large";
  const huge = JSON.stringify({ name: "x".repeat(16 * 1024) });
  assert.equal(
    await refusal(readMembers(post(huge, jsonType), memberTypes)),
    large,
  );
  const latin = new Uint8Array([
    ...new TextEncoder().encode('{"name":"'),
    0xe9,
    0x22,
    0x7d,
  ]);
  const noUtf8 = "400 The body is not UTF-8";
  assert.equal(
    await refusal(readMembers(post(latin, jsonType), memberTypes)),
    noUtf8,
  );
});

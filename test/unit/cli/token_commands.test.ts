/**
 * The commands that make, check and show tokens: what is printed, what is
 * refused and in which words, and that nothing which nobody has checked looks
 * as if somebody had.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  decodeUnverified,
  encodeUnsecured,
  importKey,
  verify,
} from "../../../src/jwt/jwt.ts";
import { forge } from "../../support/forge.ts";
import { refusals } from "../../support/refusals.ts";
import { slowTest } from "../../support/slow_test.ts";
import { runOnejot, testSecret } from "../../support/server_process.ts";
import { withFolder } from "../../support/temp.ts";

const withSecret = { JWT_SECRET: testSecret };
const otherSecret = { JWT_SECRET: [...testSecret].reverse().join("") };

/** Runs `sign` with the secret; returns the token. */
async function signed(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runOnejot(
    ["sign", ...args],
    withSecret,
  );
  assert.equal(code, 0, stderr);
  return stdout.trimEnd();
}

function keyOfTests() {
  return importKey(new TextEncoder().encode(testSecret));
}

slowTest(
  "sign makes a token of JSON, of options, and of what is piped in",
  async () => {
    const rows: [string[], string, Record<string, unknown>][] = [
      [['{"sub":"ada"}'], "", { sub: "ada" }],
      [["--sub", "ada", "--claim", "admin=true", "--claim", "n=5"], "", {
        sub: "ada",
        admin: true,
        n: 5,
      }],
      [["--claim", "a=b=c", "--claim", 'list=["x"]', "--claim", "empty="], "", {
        a: "b=c",
        list: ["x"],
        empty: "",
      }],
      [
        [
          "--claim",
          "none=null",
          "--claim",
          'text="null"',
          "--claim",
          "__proto__=1",
        ],
        "",
        {
          none: null,
          text: "null",
          ["__proto__"]: 1,
        },
      ],
      [[], '{"sub":"piped",\n "x":null}\n', { sub: "piped", x: null }],
      [['{"sub":"ada"}', "--claim", "x=1"], "", { sub: "ada", x: 1 }],
    ];
    for (const [args, input, expected] of rows) {
      const { code, stdout, stderr } = await runOnejot(
        ["sign", ...args],
        withSecret,
        input,
      );
      assert.equal(code, 0, stderr);
      assert.match(
        stderr,
        /^This token never expires: --lifetime 15m makes one that does\.\n$/,
      );
      assert.deepEqual(
        await verify(stdout.trimEnd(), await keyOfTests()),
        expected,
      );
    }
  },
);

slowTest("sign gives a token the lifetime that is asked for", async () => {
  for (
    const [text, seconds] of [
      ["15m", 900],
      ["12h", 43_200],
      ["2d", 172_800],
      ["90", 90],
    ] as const
  ) {
    const { stdout, stderr } = await runOnejot(
      ["sign", "--sub", "a", "--lifetime", text],
      withSecret,
    );
    assert.equal(stderr, "");
    const { exp, iat } = await verify(stdout.trimEnd(), await keyOfTests());
    assert.equal(Number(exp) - Number(iat), seconds);
  }
});

slowTest(
  "sign refuses what makes no token, in one line that quotes no value",
  async () => {
    const rows: [string[], number, RegExp][] = [
      [
        ["marked"],
        1,
        /^The claims must be a JSON object, such as '\{"sub":"ada"\}'\.\n$/,
      ],
      [['["marked"]'], 1, /^The claims must be a JSON object/],
      [
        ['{"exp":"marked"}'],
        1,
        /^Cannot sign: exp is not what RFC 7519 allows\.\n$/,
      ],
      [
        ['{"exp":5}', "--lifetime", "1m"],
        1,
        /^Cannot sign: iat or exp is there\.\n$/,
      ],
      [
        ['{"sub":"marked"}', "--sub", "marked"],
        2,
        /^The claim "sub" is given twice\.\n$/,
      ],
      [["--claim", "marked"], 2, /^--claim needs NAME=VALUE behind it\.\n$/],
      [
        ["--lifetime", "marked"],
        2,
        /^--lifetime needs a time behind it: 15m, 12h, 30d, or seconds\.\n$/,
      ],
      [["--lifetime", "0"], 2, /^--lifetime needs a time behind it/],
      [
        ["--sub", "a", "--sub", "b"],
        2,
        /^--sub needs one value, and is given once\.\n$/,
      ],
      [["{}", "marked"], 2, /^Usage: onejot sign \[CLAIMS\]\n$/],
      [
        ["{}", "--issuer", "marked"],
        2,
        /^onejot sign takes no --issuer: see its --help\.\n$/,
      ],
      [
        ["{}", "--secret", "marked"],
        2,
        /^There is no option --secret; did you mean --secret-file\?/,
      ],
      [["{}", "--sub"], 2, /^--sub needs a value behind it/],
    ];
    for (const [args, expected, message] of rows) {
      const { code, stdout, stderr } = await runOnejot(
        ["sign", ...args],
        withSecret,
      );
      assert.equal(code, expected, stderr);
      assert.match(stderr, message);
      assert.ok(!stderr.includes("marked"), stderr);
      assert.equal(stdout, "");
    }
  },
);

slowTest(
  "sign refuses digits that a double does not hold, and says what to do",
  async () => {
    const refused = (name: string) =>
      `The claim "${name}" has a number that would be signed as another one: ` +
      "write it as a text, in double quotes.\n";
    const rows: [args: string[], input: string, name: string][] = [
      [['{"id":738529527931269425}'], "", "id"],
      [[], '{"id" : 738529527931269425}', "id"],
      [["--claim", "id=738529527931269425"], "", "id"],
      [["--claim", "id= -9007199254740993 "], "", "id"],
      [["{}", "--claim", 'a=[{"b":[1e400]}]'], "", "a"],
      [['{"exp":1e400}'], "", "exp"],
      [['{"a":0.1000000000000000055511151231257827}'], "", "a"],
      [['{"ok":1,"a":{"b":{"c":[1,2,1e-400]}}}'], "", "a"],
      // JSON.stringify writes 0.
      [['{"a":-0}'], "", "a"],
      [["--claim", "a=-0.0"], "", "a"],
      [['{"__proto__":9007199254740993}'], "", "__proto__"],
      [["--claim", "__proto__=[9007199254740993]"], "", "__proto__"],
      [['{"a":1,"a":9007199254740993}'], "", "a"],
      [['{"a\\u202e":9007199254740993}'], "", "a\\u202e"],
      [[], `{"a":${"9".repeat(8000)}}`, "a"],
    ];
    for (const [args, input, name] of rows) {
      assert.deepEqual(
        await runOnejot(["sign", ...args], withSecret, input),
        { code: 2, stdout: "", stderr: refused(name) },
      );
    }
  },
);

slowTest(
  "sign takes digits that a double holds, however they are written",
  async () => {
    const claims = '{"a":0.1,"b":1.10,"c":1e3,"d":[9007199254740992,5e-324],' +
      '"e":"738529527931269425","f":1,"f":738529527931269400,' +
      '"g":9007199254740993,"g":{"h":-1.5E+2}}';
    const token = await signed(claims, "--claim", "n=12.50");
    const [, payload = ""] = token.split(".");
    assert.equal(
      Buffer.from(payload, "base64url").toString(),
      '{"a":0.1,"b":1.1,"c":1000,"d":[9007199254740992,5e-324],' +
        '"e":"738529527931269425","f":738529527931269400,"g":{"h":-150},' +
        '"n":12.5}',
    );
    // No token has room for it, and so it is refused whatever its digits.
    const { code, stderr } = await runOnejot(
      ["sign"],
      withSecret,
      `{"a":${"[".repeat(20_000)}1e400${"]".repeat(20_000)}}`,
    );
    assert.equal(code, 1);
    assert.match(stderr, /^Cannot sign: .* more than 8192 characters\.\n$/);
  },
);

slowTest(
  "verify and decode show digits as they stand in a token, and which are read as others",
  async () => {
    const token = forge(
      '{"id":738529527931269425,"ver":1.0,"e":1e2,"z":-0,"user_id":5.0,' +
        '"n":{"big":[1e400,2,9007199254740993]},"exp":98765432100.50,' +
        '"__proto__":0.10000000000000000001}',
      '{"alg":"HS256","n":9007199254740993}',
      new TextEncoder().encode(testSecret),
    );
    const claims = `  "id": 738529527931269425,
  "ver": 1.0,
  "e": 1e2,
  "z": -0,
  "user_id": 5.0,
  "n": {
    "big": [
      1e400,
      2,
      9007199254740993
    ]
  },
  "exp": 98765432100.50,
  "__proto__": 0.10000000000000000001
}`;
    const verified = await runOnejot(["verify", token], withSecret);
    assert.deepEqual(verified, {
      code: 0,
      stdout: `{\n${claims}\n`,
      stderr: 'Many programs read another number in "id" and in 2 more.\n',
    });
    const json = await runOnejot(["decode", "--json", token], withSecret);
    const indented = claims.replace(/^/gm, "    ");
    assert.ok(
      json.stdout.includes(
        `"n": 9007199254740993\n    },\n    "claims": {\n${indented}\n`,
      ),
      json.stdout,
    );
    assert.equal(
      json.stderr,
      'Many programs read another number in "n" and in 3 more.\n',
    );
    const { stdout, stderr } = await runOnejot(["decode", token], withSecret);
    assert.equal(stderr, "");
    const [, members = ""] = stdout.replace(/, expires in .*/, "")
      .split("\nHeader\n");
    assert.deepEqual(members.replaceAll(/  +/g, " ").split("\n"), [
      ' alg "HS256"',
      " n 9007199254740993 Many programs read 9007199254740992.",
      "",
      "Claims",
      " id 738529527931269425 Many programs read 738529527931269400.",
      " ver 1.0",
      " e 1e2",
      " z -0",
      " user_id 5.0 onejot's user",
      ' n {"big":[1e400,2,9007199254740993]} Many programs read 2 other ' +
      "numbers in it, such as infinity.",
      " exp 98765432100.50 5099-10-02 10:15:00.500 UTC",
      " __proto__ 0.10000000000000000001 Many programs read 0.1.",
      "",
    ]);
    const plain = await runOnejot(
      ["verify", await signed('{"a":1e3}')],
      withSecret,
    );
    assert.deepEqual(plain, {
      code: 0,
      stdout: '{\n  "a": 1000\n}\n',
      stderr: "",
    });
  },
);

slowTest(
  "verify prints the claims of a good token, from an argument, a pipe or a header",
  async () => {
    const token = await signed('{"sub":"ada","iss":"me","aud":["x","y"]}');
    const args = ["verify", "--issuer", "me", "--audience", "y"];
    for (
      const [word, input] of [
        [token, ""],
        [`Bearer ${token}`, ""],
        ["", `${token}\n`],
      ] as const
    ) {
      const { code, stdout, stderr } = await runOnejot(
        [...args, ...(word === "" ? [] : [word])],
        withSecret,
        input,
      );
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(stdout), {
        sub: "ada",
        iss: "me",
        aud: ["x", "y"],
      });
    }
  },
);

slowTest(
  "verify says why a token is refused, and nothing of what it says",
  async () => {
    const now = Math.floor(Date.now() / 1000);
    const expired = await signed(
      JSON.stringify({ sub: "marked", exp: now - 60 }),
    );
    const good = await signed('{"sub":"marked"}');
    const rows: [string[], Record<string, string>, RegExp][] = [
      [[expired], withSecret, /^The token has expired \(exp\)\.\n$/],
      [[good], otherSecret, /^The signature does not match\.\n$/],
      [[`${good}A`], withSecret, /^The /],
      [
        [good, "--issuer", "x"],
        withSecret,
        /^The claim "iss" is missing: it must be "x"\.\n$/,
      ],
      [["marked"], withSecret, /^The token is not a JWS in compact form/],
      [
        [good],
        {},
        /^There is no secret: set JWT_SECRET, or give --secret-file FILE\.\n$/,
      ],
      [[good], { JWT_SECRET: "marked" }, /^JWT_SECRET has fewer than 32 bytes/],
    ];
    for (const [args, variables, message] of rows) {
      const { code, stdout, stderr } = await runOnejot(
        ["verify", ...args],
        variables,
      );
      assert.equal(code, 1, stderr);
      assert.match(stderr, message);
      assert.ok(!stderr.includes("marked"));
      assert.equal(stdout, "");
    }
    const late = await runOnejot(
      ["verify", expired, "--leeway", "300"],
      withSecret,
    );
    assert.equal(late.code, 0, late.stderr);
    const wrong = await runOnejot(
      ["verify", good, "--leeway", "301"],
      withSecret,
    );
    assert.deepEqual([wrong.code, wrong.stderr], [
      2,
      "--leeway needs seconds behind it: 0 to 300.\n",
    ]);
  },
);

slowTest(
  "verify and decode say which claim, algorithm or length a token is refused by",
  async () => {
    for (const [code, [row]] of Object.entries(refusals)) {
      if (row?.options === undefined) continue; // nothing asks for it here
      const variables = row.isKeyNamed
        ? { JWT_SECRETS: `2024:${testSecret}` }
        : withSecret;
      const verified = await runOnejot(
        ["verify", ...row.options],
        variables,
        row.token,
      );
      assert.deepEqual(verified, {
        code: 1,
        stdout: "",
        stderr: `${row.words}\n`,
      });
      if (!inDecode.includes(code)) continue;
      const decoded = await runOnejot(
        ["decode", ...row.options],
        variables,
        row.token,
      );
      assert.ok(
        decoded.stdout.includes(`\nAccepted now  no       ${row.words}\n`),
        decoded.stdout,
      );
    }
  },
);

/** The codes that are tried on `decode` as well, which has the same words. */
const inDecode = ["too_long", "algorithm", "missing_claim", "audience"];

slowTest("decode gives three verdicts, each on its own", async () => {
  const now = Math.floor(Date.now() / 1000);
  const good = await signed(JSON.stringify({ sub: "ada", exp: now + 900 }));
  const expired = await signed(JSON.stringify({ sub: "ada", exp: now - 900 }));
  const rows: [
    string,
    Record<string, string>,
    [string, string, string],
    number,
  ][] = [
    [good, withSecret, ["yes", "yes", "yes"], 0],
    [expired, withSecret, ["yes", "yes", "no"], 0],
    [good, otherSecret, ["yes", "no", "no"], 0],
    [expired, otherSecret, ["yes", "no", "no"], 0],
    [good, {}, ["yes", "unknown", "unknown"], 0],
    [encodeUnsecured({ sub: "ada" }), withSecret, ["yes", "no", "no"], 0],
    ["not a token", withSecret, ["no", "unknown", "no"], 1],
    [`${good}!`, withSecret, ["no", "unknown", "no"], 1],
    [`${good}=`, {}, ["no", "unknown", "no"], 1],
    [good.replace(/[^.]*$/, ""), withSecret, ["yes", "no", "no"], 0],
  ];
  for (const [token, variables, answers, expected] of rows) {
    const { code, stdout, stderr } = await runOnejot(
      ["decode", "--json"],
      variables,
      token,
    );
    assert.equal(code, expected, stderr);
    const { wellFormed, signature, accepted, parts } = JSON.parse(stdout);
    assert.deepEqual(
      [wellFormed.answer, signature.answer, accepted.answer],
      answers,
      token,
    );
    assert.deepEqual(
      parts,
      answers[0] === "yes" ? { ...decodeUnverified(token) } : null,
    );
    const shown = await runOnejot(["decode", token], variables);
    assert.equal(shown.code, expected);
    assert.match(
      shown.stdout,
      new RegExp(`^Well-formed +${answers[0]} .*\nSignature +${answers[1]} `),
    );
    assert.match(shown.stdout, new RegExp(`\nAccepted now +${answers[2]} `));
    const isMarked = shown.stdout.includes("\nClaims that nothing proves\n");
    assert.equal(
      isMarked,
      answers[0] === "yes" && answers[1] !== "yes",
      shown.stdout,
    );
    assert.ok(!shown.stdout.includes("\u001b"));
  }
});

slowTest(
  "decode tells times in words, and of a token without exp that it never expires",
  async () => {
    const now = Math.floor(Date.now() / 1000);
    const times = { iat: now - 7200, nbf: now + 130, exp: now + 930 };
    const { stdout } = await runOnejot([
      "decode",
      await signed(JSON.stringify(times)),
    ]);
    assert.match(stdout, /\n {2}iat .* UTC, issued 2 hours ago\n/);
    assert.match(stdout, /\n {2}nbf .* UTC, valid in 2 minutes\n/);
    assert.match(stdout, /\n {2}exp .* UTC, expires in 15 minutes\n/);
    const endless = await runOnejot(
      ["decode", await signed('{"sub":"ada"}')],
      withSecret,
    );
    assert.match(endless.stdout, /\n {2}no exp: it never expires\n$/);
    assert.match(endless.stdout, /\nAccepted now +yes /);
    const past = await runOnejot(["decode", await signed('{"exp":0}')]);
    assert.match(
      past.stdout,
      /\n {2}exp +0 +1970-01-01 00:00:00 UTC, expired [\d,]+ days ago\n/,
    );
  },
);

slowTest(
  "what a token holds cannot act on the terminal that shows it",
  async () => {
    const hostile = "\u001b[2J\u009b31m\u202e\u2028\u200b\ufeff";
    const token = await signed(
      JSON.stringify({ sub: hostile, [`n${hostile}`]: 1 }),
    );
    for (const args of [["decode"], ["decode", "--json"], ["verify"]]) {
      const { stdout } = await runOnejot([...args, token], withSecret);
      assert.doesNotMatch(stdout, /[^\P{C}\n]|[\u2028\u2029]/u, args.join(" "));
      assert.ok(
        stdout.includes("\\u001b[2J\\u009b31m\\u202e\\u2028\\u200b\\ufeff"),
      );
    }
  },
);

slowTest(
  "the secret comes from a file, which goes before the settings",
  async () => {
    await withFolder(async (folder) => {
      const file = join(folder, "secret");
      writeFileSync(file, `${testSecret}\n`);
      const token = await signed('{"sub":"ada"}');
      const { code, stderr } = await runOnejot([
        "verify",
        token,
        "--secret-file",
        file,
      ], otherSecret);
      // Deno's task lets onejot read nothing.
      const isAllowed = !("Deno" in globalThis);
      assert.equal(code, isAllowed ? 0 : 1, stderr);
      const missing = await runOnejot(
        ["verify", token, "--secret-file", join(folder, "no")],
        withSecret,
      );
      assert.equal(missing.code, 1);
      assert.match(
        missing.stderr,
        /^JWT_SECRET_FILE names a file that cannot be read/,
      );
    });
  },
);

slowTest("commands go together by pipes", async () => {
  const token = await signed("--sub", "ada", "--lifetime", "1h");
  const { stdout } = await runOnejot(["decode"], withSecret, `${token}\n`);
  assert.match(stdout, /\nAccepted now +yes /);
});

slowTest(
  "each command has its help, and a slip of the keys its suggestion",
  async () => {
    for (const name of ["sign", "verify", "decode"]) {
      const { code, stdout } = await runOnejot([name, "--help"]);
      assert.equal(code, 0);
      assert.match(
        stdout,
        new RegExp(
          `^Usage: onejot ${name} \\[[A-Z]+\\] \\[OPTIONS\\]\n\n.*\n\nOptions:\n`,
        ),
      );
      assert.match(stdout, /\n {2}--secret-file FILE +\S/);
    }
    const rows: [string[], RegExp][] = [
      [
        ["sgin"],
        /^There is no command "sgin"; did you mean sign\? onejot --help lists them\.\n$/,
      ],
      [["decdoe", "x"], /^There is no command "decdoe"; did you mean decode\?/],
      [
        ["user", "ad", "a@b.c"],
        /^There is no command "user ad"; did you mean user add\?/,
      ],
      [
        ["elephant"],
        /^There is no command "elephant": onejot --help lists them\.\n$/,
      ],
      [
        ["sign", "--lifetme", "1m"],
        /^There is no option --lifetme; did you mean --lifetime\?/,
      ],
      [
        ["eyJhbGciOiJub25lIn0.e30."],
        /^A token alone is no command: onejot decode TOKEN shows it\.\n$/,
      ],
      [["pa$$word-marked"], /^There is no such command: onejot --help\.\n$/],
    ];
    for (const [args, message] of rows) {
      const { code, stderr } = await runOnejot(args);
      assert.equal(code, 2);
      assert.match(stderr, message);
    }
  },
);

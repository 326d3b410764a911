/**
 * The conformance suite's command as a user meets it: what it prints, how it
 * ends, what its options do, and that it leaves no process behind.
 */

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { slowTest } from "../../support/slow_test.ts";
import { until } from "../../support/wait.ts";
import {
  type Folder,
  makeCase,
  makeToken,
  runSuite,
  startSuite,
  withCorpus,
} from "./suite_process.ts";

const claims = { sub: "ada", exp: 20_000_000_000 };
const good = {
  ...makeCase("a good token", {
    clause: "RFC 7519 7.2",
    level: "MUST",
    expect: "accept",
    claims,
  }),
  token: makeToken(JSON.stringify(claims)),
};
const bad = makeCase("no token at all", {
  code: "malformed",
  level: "MUST NOT",
});
const cases = [good, bad];

const acceptsEverything = `
export const verify = () => (${JSON.stringify(claims)});
export const sign = () => "a.b.c";`;
const refusesEverything = `
export const verify = () => { throw new Error("no"); };
export const sign = verify;`;
const answersWell = `
export const verify = (token) => {
  if (token.includes(".")) return ${JSON.stringify(claims)};
  throw new Error("no");
};
export const sign = verify;`;

slowTest(
  "a run without failures ends with exit code 0 and counts by level, clause and attack",
  async () => {
    await withCorpus(
      cases,
      answersWell,
      async ({ vectors, implementation }) => {
        const { code, stdout, stderr } = await runSuite(
          ...vectors,
          ...implementation,
        );
        assert.equal(stderr, "");
        assert.equal(
          stdout,
          `By level
  MUST        1 passed
  MUST NOT    1 passed

By clause
  RFC 7519 7.2    1 passed

By attack
  a test    2 passed

2 passed, 0 failed
`,
        );
        assert.equal(code, 0);
      },
    );
  },
);

slowTest(
  "an implementation that accepts everything has failed where a token must be refused",
  async () => {
    await withCorpus(
      cases,
      acceptsEverything,
      async ({ vectors, implementation }) => {
        const { code, stdout, lastLine } = await runSuite(
          ...vectors,
          ...implementation,
        );
        assert.deepEqual([code, lastLine], [1, "1 passed, 1 failed"]);
        assert.ok(stdout.includes(
          `Failures
  no token at all
    expected: refuse
    came:     {"claims":${JSON.stringify(claims)}} (not refused)
    why:      the reason of no token at all
`,
        ));
      },
    );
  },
);

slowTest(
  "an implementation that refuses everything has failed where a token must be accepted",
  async () => {
    await withCorpus(
      cases,
      refusesEverything,
      async ({ vectors, implementation }) => {
        const { code, stdout, lastLine } = await runSuite(
          ...vectors,
          ...implementation,
        );
        assert.deepEqual([code, lastLine], [1, "1 passed, 1 failed"]);
        assert.match(
          stdout,
          /^ {4}expected: accept: \{"sub":"ada","exp":20000000000\}$/m,
        );
        assert.match(
          stdout,
          /^ {4}came: {5}\{"refused":"Error"\} \(not accepted\)$/m,
        );
      },
    );
  },
);

slowTest(
  "what an implementation has no option for is skipped, and counted beside the others",
  async () => {
    const unsupported = `${answersWell}
import { Unsupported } from ${
      JSON.stringify(new URL("implementation.ts", import.meta.url).href)
    };
export { verifyOrNot as verify };
function verifyOrNot(token, secret, policy) {
  if ("typ" in policy) throw new Unsupported("typ");
  return known(token);
}`.replace("export const verify =", "const known =").replace(
      "sign = verify",
      "sign = known",
    );
    const withTyp = makeCase("a case with typ", { policy: { typ: "at+jwt" } });
    await withCorpus(
      [...cases, withTyp],
      unsupported,
      async ({ vectors, implementation }) => {
        const { code, stdout, lastLine } = await runSuite(
          ...vectors,
          ...implementation,
        );
        assert.deepEqual([code, lastLine], [
          0,
          "2 passed, 0 failed, 1 skipped",
        ]);
        assert.match(stdout, /^ {2}hardening {4}1 skipped$/m);
      },
    );
  },
);

slowTest(
  "codes are compared where --codes is given, and otherwise not",
  async () => {
    await withCorpus(
      cases,
      answersWell,
      async ({ vectors, implementation }) => {
        const { code, stdout, lastLine } = await runSuite(
          ...vectors,
          ...implementation,
          "--codes",
        );
        assert.deepEqual([code, lastLine], [1, "1 passed, 1 failed"]);
        assert.match(stdout, /^ {4}expected: refuse: malformed$/m);
        assert.match(
          stdout,
          /^ {4}came: {5}\{"refused":"Error"\} \(another code\)$/m,
        );
      },
    );
  },
);

slowTest(
  "onejot runs where no other is named, and its codes are always compared",
  async () => {
    const wrong = makeCase("another code", { code: "too_long" });
    await withCorpus([...cases, wrong], "", async ({ vectors }) => {
      const { code, stdout, lastLine } = await runSuite(...vectors);
      assert.deepEqual([code, lastLine], [1, "2 passed, 1 failed"]);
      assert.match(
        stdout,
        /^ {4}came: {5}\{"refused":"malformed"\} \(another code\)$/m,
      );
    });
  },
);

slowTest("onejot passes the whole corpus", async () => {
  const { code, stdout, lastLine } = await runSuite();
  assert.match(lastLine, /^\d{3,} passed, 0 failed$/, stdout);
  assert.equal(code, 0);
});

slowTest(
  "--only runs the cases that have the text in their id, clause or attack",
  async () => {
    const others = [
      makeCase("one", { attack: "alg none" }),
      makeCase("two", { clause: "RFC 7515 4.1.1" }),
      makeCase("three of none"),
      makeCase("four"),
    ];
    await withCorpus(
      others,
      refusesEverything,
      async ({ vectors, implementation }) => {
        const only = async (text: string) => {
          const { stdout } = await runSuite(
            ...vectors,
            ...implementation,
            "--json",
            "--only",
            text,
          );
          return JSON.parse(stdout).cases.map(({ id }: { id: string }) => id);
        };
        assert.deepEqual(await only("none"), ["one", "three of none"]);
        assert.deepEqual(await only("RFC 7515"), ["two"]);
      },
    );
  },
);

slowTest(
  "--json prints one document on standard output, and nothing else",
  async () => {
    const chatty =
      `${answersWell}\nconsole.log("hello"); console.info("hello");`;
    await withCorpus(cases, chatty, async ({ vectors, implementation }) => {
      const { code, stdout } = await runSuite(
        ...vectors,
        ...implementation,
        "--json",
      );
      assert.equal(code, 0);
      const counts = (passed: number) => ({
        passed,
        failed: 0,
        skipped: 0,
        disputed: 0,
      });
      assert.deepEqual(JSON.parse(stdout), {
        totals: counts(2),
        levels: { "MUST": counts(1), "MUST NOT": counts(1) },
        clauses: { "RFC 7519 7.2": counts(1) },
        attacks: { "a test": counts(2) },
        wycheproof: {},
        stopped: null,
        cases: [
          {
            id: "a good token",
            level: "MUST",
            clause: "RFC 7519 7.2",
            attack: "a test",
            outcome: "passed",
            expected: `accept: ${JSON.stringify(claims)}`,
            answer: { claims },
            came: `{"claims":${JSON.stringify(claims)}}`,
            why: "the reason of a good token",
          },
          {
            id: "no token at all",
            level: "MUST NOT",
            attack: "a test",
            outcome: "passed",
            expected: "refuse",
            answer: { refused: "Error" },
            came: '{"refused":"Error"}',
            why: "the reason of no token at all",
          },
        ],
      });
    });
  },
);

slowTest(
  "--command runs a program in any language that speaks JSON lines",
  async () => {
    const script = `while read -r line; do
  case "$line" in
    *no?token*) echo '{"refused":"malformed"}' ;;
    *) echo '{"claims":${JSON.stringify(claims)}}' ;;
  esac
done`;
    await withCorpus(cases, "", async ({ vectors, path }) => {
      const file = join(path, "program.sh");
      writeFileSync(file, script);
      const { code, lastLine } = await runSuite(
        ...vectors,
        "--command",
        `sh '${file}'`,
        "--codes",
      );
      assert.deepEqual([code, lastLine], [0, "2 passed, 0 failed"]);
    });
  },
);

slowTest(
  "a program is asked in ASCII, and each question stands on one line",
  async () => {
    const odd = makeCase("\u2028, \u2029, é, 😀 and\nmore");
    await withCorpus([odd], "", async ({ vectors, path }) => {
      const file = join(path, "questions");
      const command =
        `while read -r line; do printf '%s\\n' "$line" >> '${file}'; echo '{"refused":"no"}'; done`;
      const { lastLine } = await runSuite(...vectors, "--command", command);
      const lines = readFileSync(file, "utf8").trimEnd().split("\n");
      assert.equal(lastLine, "1 passed, 0 failed");
      assert.deepEqual(lines.slice(1).map((line) => JSON.parse(line).verify), [
        odd.id,
        odd.id,
      ]);
      assert.ok(lines.every((line) => /^[ -~]+$/.test(line)));
    });
  },
);

slowTest(
  "an answer that is none of the forms has failed, whatever it says",
  async () => {
    const forms = [
      "null",
      "[]",
      "{}",
      "true",
      '{"claims":{},"refused":"both"}',
      '{"refused":true}',
      '{"token":"a.b.c"}',
      '{"verdict":"refused"}',
      '"refused"',
      '{"refused":"no"',
      "",
    ];
    const asked = forms.map((_, index) => makeCase(`form ${index}`));
    const script = `while read -r line; do
  case "$line" in
${
      forms.map((form, index) => `    *'"form ${index}"'*) echo '${form}' ;;`)
        .join("\n")
    }
    *) echo '{"claims":{}}' ;;
  esac
done`;
    await withCorpus(asked, "", async ({ vectors, path }) => {
      const file = join(path, "program.sh");
      writeFileSync(file, script);
      const { stdout } = await runSuite(
        ...vectors,
        "--command",
        `sh '${file}'`,
        "--json",
      );
      const cases: { outcome: string; came: string }[] =
        JSON.parse(stdout).cases;
      const expected = forms.map((form) => {
        const isJson = form !== "" && form !== '{"refused":"no"';
        return `${
          isJson ? "an answer of no known form" : "a line that is no JSON"
        }: ${form}`;
      });
      assert.deepEqual(cases.map(({ came }) => came), expected);
      assert.ok(cases.every(({ outcome }) => outcome === "failed"));
    });
  },
);

const unstartable: readonly (readonly [
  string,
  (folder: Folder) => readonly string[],
  RegExp,
])[] = [
  [
    "is not there",
    () => ["--command", "onejot-has-no-such-program"],
    /ended with exit code 127\./,
  ],
  [
    "prints no JSON",
    () => ["--command", "while read -r line; do echo hi; done"],
    /no JSON: hi\./,
  ],
  [
    "ends",
    () => ["--command", "exit 3"],
    /the process ended with exit code 3\./,
  ],
  [
    "hangs",
    () => ["--command", "cat > /dev/null", "--deadline", "50"],
    /no answer within 200 ms\./,
  ],
  [
    "exports no sign",
    ({ implementation }) => implementation,
    /ended with exit code 1\./,
  ],
];

for (const [what, options, message] of unstartable) {
  slowTest(
    `the suite stops early, and everything has failed, if a program ${what} at once`,
    async () => {
      await withCorpus(cases, "export function verify() {}", async (folder) => {
        const { code, stdout, lastLine } = await runSuite(
          ...folder.vectors,
          ...options(folder),
        );
        assert.match(
          stdout,
          /^Stopped .+ The program does not answer a plain question: .+$/m,
        );
        assert.match(stdout, message);
        assert.deepEqual([code, lastLine], [1, "0 passed, 2 failed"]);
      });
    },
  );
}

slowTest(
  "a wrong call ends with exit code 2, says what to do, and runs nothing",
  async () => {
    await withCorpus(cases, answersWell, async ({ path, vectors }) => {
      const empty = join(path, "vectors", "..");
      const calls: readonly (readonly [readonly string[], RegExp])[] = [
        [["--verbose"], /--verbose/],
        [["file.ts"], /file\.ts/],
        [["--only"], /--only/],
        [["--deadline", "soon"], /^--deadline needs a number of milliseconds/],
        [["--deadline", "0"], /^--deadline needs a number of milliseconds/],
        [
          ["--implementation", join(path, "missing.ts")],
          /^There is no module .*missing\.ts/,
        ],
        [
          ["--implementation", "a.ts", "--command", "b"],
          /^Give --implementation or --command/,
        ],
        [["--command", " "], /^--command names no program/],
        [
          ["--vectors", join(path, "missing")],
          /^The directory .*missing cannot be read/,
        ],
        [["--vectors", empty], /^There are no cases in /],
        [[...vectors, "--only", "no such case"], /^No case has "no such case"/],
        [
          [...vectors, "--wycheproof", path],
          /json_web_signature_test\.json cannot be read/,
        ],
      ];
      for (const [args, message] of calls) {
        const { code, stdout, stderr } = await runSuite(...args);
        assert.match(stderr, message);
        assert.match(stderr, /\n--help lists the options\.\n$/);
        assert.deepEqual([code, stdout], [2, ""], args.join(" "));
      }
    });
  },
);

slowTest("--help names every option and ends with exit code 0", async () => {
  const { code, stdout } = await runSuite("--help");
  const options = [...stdout.matchAll(/^ {2}--([a-z]+) /gm)].map(([, name]) =>
    name
  );
  const source = readFileSync(new URL("options.ts", import.meta.url), "utf8");
  const read = [...source.matchAll(/^ {6}([a-z]+): \{ type: /gm)].map((
    [, name],
  ) => name);
  assert.equal(code, 0);
  assert.ok(read.length >= 9);
  assert.deepEqual(options.toSorted(), read.toSorted());
});

slowTest("what the program has started ends with it", async () => {
  await withCorpus(cases, "", async ({ path, vectors }) => {
    const file = join(path, "pid");
    const command = `sleep 600 & echo $! >> '${file}'; wait`;
    await runSuite(...vectors, "--command", command, "--deadline", "100");
    const started = readFileSync(file, "utf8").trim().split("\n").map(Number);
    assert.equal(started.length, 3);
    for (const pid of started) await untilEnded(pid);
  });
});

slowTest("a suite that is told to end takes its program with it", async () => {
  await withCorpus(cases, "", async ({ path, vectors }) => {
    const file = join(path, "pid");
    const suite = startSuite(
      ...vectors,
      "--command",
      `echo $$ > '${file}'; exec sleep 600`,
    );
    await until("the program runs", () => {
      return existsSync(file) && readFileSync(file, "utf8") !== "";
    });
    assert.equal(await suite.stop("SIGTERM"), 130);
    await untilEnded(Number(readFileSync(file, "utf8")));
  });
});

async function untilEnded(pid: number): Promise<void> {
  await until(`process ${pid} has ended`, () => !isRunning(pid));
}

function isRunning(pid: number): boolean {
  try {
    // Where there is no /proc, only the end of the suite itself is tested.
    const state =
      readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1) ?? "";
    // A process that has ended may wait for its parent.
    return !state.startsWith("Z");
  } catch {
    return false;
  }
}

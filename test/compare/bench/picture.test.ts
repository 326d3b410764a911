/**
 * The pictures of the benchmarks: well-formed, complete, in proportion, and
 * readable on white and on black. What they show here is made up.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { draw } from "./picture.ts";
import { makeRows, type Result } from "./result.ts";

const rates: Result = {
  question: "verify",
  runtime: "bun",
  unit: "operations per second",
  rows: makeRows([
    ["bare", [200_000]],
    [`slow & <old> "one"`, [50_000]],
    ["onejot", [160_000]],
    ["]]> &amp; another", [80_000]],
  ]),
};
const times: Result = {
  question: "start",
  runtime: "deno",
  unit: "milliseconds",
  rows: makeRows([["bare", [20]], ["onejot", [25]], ["slow", [80]]]),
};
const svg = draw({
  title: "Fast & <small>",
  note: "Longer is better.",
  groups: [{ heading: "Bun 1.2.3", result: rates }, {
    heading: "Deno 3.2.1",
    result: times,
  }],
  footer: Array(40).fill("name 1.2.3").join(", "),
});
const texts = [
  ...svg.matchAll(
    /<text class="([^"]*)" x="([^"]*)" y="([^"]*)">([^<]*)<\/text>/g,
  ),
]
  .map(([, kind = "", x, y, content = ""]) => {
    return { kind, x: Number(x), y: Number(y), content: unescapeXml(content) };
  });
const bars = [
  ...svg.matchAll(
    /<rect class="([^"]*)" x="([^"]*)" y="[^"]*" width="([^"]*)"/g,
  ),
]
  .map(([, kind = "", x, width]) => ({
    kind,
    x: Number(x),
    width: Number(width),
  }));

test("a picture is well-formed, whatever its contenders are called", () => {
  const open: string[] = [];
  const rest = svg.replace(
    /<(\/?)(\w+)((?: [\w:-]+="[^"<&]*")*)(\/?)>/g,
    (_, end, name, _2, own) => {
      if (end === "/") assert.equal(open.pop(), name);
      else if (own === "") open.push(name);
      return "";
    },
  );
  assert.deepEqual(open, []);
  assert.doesNotMatch(rest, /[<>]|&(?!(?:amp|lt|gt);)/);
  assert.match(
    svg,
    /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="800" height="\d+" /,
  );
});

test("a picture shows each row of each runtime with its ratio and its figure, the limit first", () => {
  const rows = texts.filter(({ kind }) => /^(?:name|end)/.test(kind)).map((
    { content },
  ) => content);
  // deno-fmt-ignore: a row a line
  assert.deepEqual(rows, [
    "bare", "1.00×", "200,000",
    "onejot", "0.80×", "160,000",
    "]]> &amp; another", "0.40×", "80,000",
    `slow & <old> "one"`, "0.25×", "50,000",
    "bare", "1.00×", "20.0 ms",
    "onejot", "1.25×", "25.0 ms",
    "slow", "4.00×", "80.0 ms",
  ]);
  assert.deepEqual(
    texts.filter(({ kind }) => kind === "heading").map(({ content }) =>
      content
    ),
    ["Bun 1.2.3", "Deno 3.2.1"],
  );
  assert.equal(
    texts.find(({ kind }) => kind === "title")?.content,
    "Fast & <small>",
  );
});

test("the bars of a picture are in proportion, and the longest of each runtime is as long", () => {
  const widths = bars.map(({ width }) => width);
  const longest = Math.max(...widths);
  const expected = [1, 0.8, 0.4, 0.25, 20 / 80, 25 / 80, 1].map((share) =>
    share * longest
  );
  assert.equal(widths.length, expected.length);
  for (const [index, width] of widths.entries()) {
    assert.ok(
      Math.abs(width - (expected[index] ?? NaN)) <= 0.1,
      `${index}: ${width}`,
    );
  }
  const limits = bars.filter(({ kind }) => kind === "limit").map((
    { x, width },
  ) => x + width);
  const lines = [...svg.matchAll(/<line class="line" x1="([^"]*)" x2="\1"/g)];
  assert.deepEqual(lines.map(([, x]) => Number(x)), limits);
});

test("onejot is marked in a picture by a colour of its bar and by bold text", () => {
  const own = texts.filter(({ kind }) => / own$/.test(kind)).map((
    { content },
  ) => content);
  assert.deepEqual(own, [
    "onejot",
    "0.80×",
    "160,000",
    "onejot",
    "1.25×",
    "25.0 ms",
  ]);
  assert.deepEqual(bars.map(({ kind }) => kind), [
    "limit",
    "bar own",
    "bar",
    "bar",
    "limit",
    "bar own",
    "bar",
  ]);
  assert.match(svg, /\.own \{ font-weight: 700; \}/);
});

test("nothing in a picture overlaps, leaves it, or is written in less than 12 px", () => {
  const height = Number(/ height="(\d+)"/.exec(svg)?.[1]);
  assert.ok(
    texts.every(({ x, y }) => x >= 0 && x <= 800 && y > 0 && y < height),
  );
  const lines = texts.filter(({ x }) => x === 0).map(({ y }) => y);
  for (const [index, y] of lines.slice(1).entries()) {
    assert.ok(y - (lines[index] ?? 0) >= 17);
  }
  assert.ok(texts.every(({ content }) => [...content].length <= 120));
  const ratios = texts.filter(({ kind, x }) =>
    kind.startsWith("end") && x < 800
  );
  for (const { x, width } of bars) {
    assert.ok(x + width + 40 < Math.min(...ratios.map(({ x }) => x)));
  }
  const sizes = [...svg.matchAll(/(\d+)px/g)].map(([, size]) => Number(size));
  assert.ok(sizes.length > 2 && sizes.every((size) => size >= 12));
});

test("a picture loads nothing, runs nothing, and has no background", () => {
  assert.doesNotMatch(
    svg,
    /<script|href|url\(|@import|@font-face|background|\son\w+=/,
  );
});

test("a picture has enough contrast in light and in dark", () => {
  const [light = "", dark = ""] = svg.split(
    "@media (prefers-color-scheme: dark)",
  );
  for (
    const [colors, backgrounds] of [[light, ["#ffffff"]], [dark, [
      "#0d1117",
      "#212830",
    ]]] as const
  ) {
    const rules = [
      ...colors.matchAll(/^(.*) \{.* ?(fill|stroke): (#[0-9a-f]{6});/gm),
    ];
    assert.ok(rules.length >= 7);
    for (const [, selector = "", , color = ""] of rules) {
      // WCAG 2.2, 1.4.11 and 1.4.3.
      const least = /bar|limit|line/.test(selector) ? 3 : 4.5;
      for (const background of backgrounds) {
        const found = contrast(color, background);
        assert.ok(
          found >= least,
          `${selector} on ${background}: ${found.toFixed(2)}`,
        );
      }
    }
  }
});

/** WCAG 2.2's contrast ratio. */
function contrast(one: string, other: string): number {
  const [dark = NaN, light = NaN] = [luminance(one), luminance(other)].sort((
    a,
    b,
  ) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [red = NaN, green = NaN, blue = NaN] = [1, 3, 5].map((index) => {
    const share = parseInt(color.slice(index, index + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function unescapeXml(content: string): string {
  return content.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll(
    "&amp;",
    "&",
  );
}

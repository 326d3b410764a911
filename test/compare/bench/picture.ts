/**
 * Draws the answer to one question as an SVG of horizontal bars, one group for
 * each runtime. A bar is as long as its row's ratio; what the rows are held
 * against is the first bar, in outline, and goes on as a broken line. onejot's
 * bars have a colour and their text is bold. No background, no script, no font
 * of its own, and colours for light and for dark.
 */

import type { Result, Row } from "./result.ts";

/** What a picture shows. */
export interface Picture {
  readonly title: string;
  /** How to read it, below the title. */
  readonly note: string;
  /** One for each runtime, with its heading. */
  readonly groups: readonly {
    readonly heading: string;
    readonly result: Result;
  }[];
  /** What it was measured with, at the bottom. */
  readonly footer: string;
}

/** Where the columns are, in pixels. */
interface Columns {
  readonly barLeft: number;
  readonly barRight: number;
  readonly ratioRight: number;
}

interface Font {
  readonly fontSize: number;
  readonly isBold: boolean;
}

const width = 800;
const rowHeight = 24;
const barHeight = 14;
const gap = 12;
const smallFont: Font = { fontSize: 12, isBold: false };

const style = `
text { font: 13px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328; }
.title { font-size: 17px; font-weight: 700; }
.heading, .own { font-weight: 700; }
.small { font-size: 12px; fill: #59636e; }
.end { text-anchor: end; }
.bar { fill: #818b98; }
.limit { fill: none; stroke: #59636e; }
.line { stroke: #1f2328; stroke-dasharray: 2 3; }
.bar.own { fill: #0969da; }
text.own { fill: #0550ae; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.small { fill: #9198a1; }
.bar { fill: #7d8590; }
.limit { stroke: #9198a1; }
.line { stroke: #e6edf3; }
.bar.own { fill: #4493f8; }
text.own { fill: #79c0ff; }
}
`;

/** The picture as SVG. */
export function draw({ title, note, groups, footer }: Picture): string {
  const columns = layOut(groups.map(({ result }) => result));
  const parts: string[] = [];
  let y = -2;
  const titleFont = { fontSize: 17, isBold: true };
  for (const line of wrap(title, titleFont)) {
    parts.push(text(0, y += 22, "title", line));
  }
  for (const line of wrap(note, smallFont)) {
    parts.push(text(0, y += 18, "small", line));
  }
  for (const { heading, result } of groups) {
    parts.push(text(0, y += 30, "heading", heading));
    parts.push(...drawRows(result, y += 6, columns));
    y += result.rows.length * rowHeight;
  }
  y += 6;
  for (const line of wrap(footer, smallFont)) {
    parts.push(text(0, y += 17, "small", line));
  }
  const height = y + 6;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">`,
    `<title id="title">${escapeXml(title)}</title>`,
    `<style>${style}</style>`,
    ...parts,
    "</svg>\n",
  ].join("\n");
}

/**
 * The row that the others are held against: the first one, if it is not onejot
 * itself.
 */
export function limitOf({ rows }: Result): Row | null {
  const [first] = rows;
  return first === undefined || isOwn(first) ? null : first;
}

/** Whether that is onejot, in one of its forms. */
export function isOwn({ name }: Row): boolean {
  return name.startsWith("onejot");
}

/** The limit, and after it the others, the best first. */
export function ranked(result: Result): Row[] {
  const limit = limitOf(result);
  const others = result.rows.filter((row) => row !== limit)
    .sort((one, other) =>
      (one.ratio - other.ratio) * (isLessBetter(result) ? 1 : -1)
    );
  return limit === null ? others : [limit, ...others];
}

/** Whether that is measured in what should be little: time, bytes, lines. */
export function isLessBetter({ unit }: Result): boolean {
  return !unit.endsWith("per second");
}

/** Two decimals, or three digits. */
export function formatRatio(ratio: number): string {
  return ratio < 10
    ? ratio.toFixed(2)
    : Number(ratio.toPrecision(3)).toLocaleString("en");
}

/** Three digits; of what is counted, such as bytes, all. */
export function formatFigure({ median }: Row, { unit }: Result): string {
  if (/^(?:bytes|lines|modules)/.test(unit)) return median.toLocaleString("en");
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.max(median, 1))));
  const figure = Number(median.toPrecision(median < 1 ? 2 : 3)).toLocaleString(
    "en",
    {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    },
  );
  return unit === "milliseconds" ? `${figure} ms` : figure;
}

/**
 * As wide as the longest name and the longest figure ask for; what is left is
 * for the bars.
 */
function layOut(results: readonly Result[]): Columns {
  const rows = results.flatMap((result) =>
    result.rows.map((row) => ({ row, result }))
  );
  const names = rows.map(({ row }) =>
    textWidth(row.name, { fontSize: 13, isBold: isOwn(row) })
  );
  const figures = rows.map(({ row, result }) => {
    return textWidth(formatFigure(row, result), { fontSize: 13, isBold: true });
  });
  const ratios = rows.map(({ row }) => {
    return textWidth(`${formatRatio(row.ratio)}×`, {
      fontSize: 13,
      isBold: true,
    });
  });
  const ratioRight = width - Math.max(...figures) - gap;
  const barRight = ratioRight - Math.max(...ratios) - gap;
  return { barLeft: Math.max(...names) + gap, barRight, ratioRight };
}

function drawRows(result: Result, top: number, columns: Columns): string[] {
  const { barLeft, barRight, ratioRight } = columns;
  const rows = ranked(result);
  const limit = limitOf(result);
  const scale = (barRight - barLeft) /
    Math.max(...rows.map(({ ratio }) => ratio));
  const parts = rows.flatMap((row, index) => {
    const own = isOwn(row) ? " own" : "";
    const middle = top + index * rowHeight + rowHeight / 2;
    const place = `x="${barLeft}" y="${middle - barHeight / 2}"`;
    const size = `width="${round(row.ratio * scale)}" height="${barHeight}"`;
    return [
      text(0, middle + 4.5, `name${own}`, row.name),
      `<rect class="${
        row === limit ? "limit" : `bar${own}`
      }" ${place} ${size}/>`,
      text(ratioRight, middle + 4.5, `end${own}`, `${formatRatio(row.ratio)}×`),
      text(width, middle + 4.5, `end${own}`, formatFigure(row, result)),
    ];
  });
  if (limit === null) return parts;
  const x = round(barLeft + limit.ratio * scale);
  const [begin, end] = [top + rowHeight - 5, top + rows.length * rowHeight - 3];
  return [
    ...parts,
    `<line class="line" x1="${x}" x2="${x}" y1="${begin}" y2="${end}"/>`,
  ];
}

/** Lines that are no wider than the picture, broken at spaces. */
function wrap(words: string, font: Font): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of words.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    const isTooLong = line !== "" && textWidth(longer, font) > width;
    if (isTooLong) lines.push(line);
    line = isTooLong ? word : longer;
  }
  return [...lines, line];
}

/** In pixels, in DejaVu Sans, which is the widest of the usual ones. */
function textWidth(words: string, { fontSize, isBold }: Font): number {
  return Math.ceil([...words].length * fontSize * (isBold ? 0.67 : 0.59));
}

function text(x: number, y: number, kind: string, content: string): string {
  return `<text class="${kind}" x="${x}" y="${y}">${escapeXml(content)}</text>`;
}

function escapeXml(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(
    ">",
    "&gt;",
  );
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

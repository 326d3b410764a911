/**
 * Counts the keywords of RFC 2119 in an RFC's own text, section by section, or
 * has them as they were counted; reads the lists of requirements; and names the
 * sections that have no rows, with the reason.
 */

const keyword =
  /\b(?:MUST NOT|MUST|SHALL NOT|SHALL|SHOULD NOT|SHOULD|NOT RECOMMENDED|RECOMMENDED|REQUIRED|MAY|OPTIONAL)\b/g;

/** The keywords of each section that has any, by the section's number. */
export function countKeywords(text: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [section, body] of sectionsOf(text)) {
    const count = body.match(keyword)?.length ?? 0;
    if (count > 0) counts[section] = (counts[section] ?? 0) + count;
  }
  return counts;
}

/**
 * The sections, each with its text in one line, so that no keyword is cut in
 * two.
 */
function sectionsOf(text: string): [string, string][] {
  const lines = text.split("\n").filter((line) =>
    !/^(?:RFC \d{4} |.*\[Page \d+\]$|\f)/.test(line)
  );
  const sections: [string, string][] = [["0", ""]];
  for (const line of lines) {
    const heading = /^(?:Appendix )?(\d+(?:\.\d+)*|[A-Z](?:\.\d+)*)\. {1,2}\S/
      .exec(line)?.[1];
    const isContents = /\.{3}|(?:\. ){3}/.test(line);
    const last = sections.at(-1);
    if (heading !== undefined && !isContents) sections.push([heading, ""]);
    else if (last !== undefined) last[1] += ` ${line.trim()}`;
  }
  return sections;
}

/**
 * The keywords of each section that has any, as they were counted in the whole
 * texts, which are seldom at hand. Those of the draft are in the sentences that
 * RFC 8725 does not have, or has otherwise.
 */
// deno-fmt-ignore
export const countedKeywords: Record<string, Record<string, number>> = {
  "RFC 4648": { "2": 10, "3.1": 1, "3.2": 1, "3.3": 3, "3.5": 2 },
  "RFC 7515": {
    "1.1": 11,
    "2": 2, "3": 1, "3.2": 2,
    "4": 5, "4.1.1": 2, "4.1.2": 5, "4.1.3": 1, "4.1.4": 2, "4.1.5": 7,
    "4.1.6": 4, "4.1.7": 1, "4.1.8": 1, "4.1.9": 4, "4.1.10": 4, "4.1.11": 8,
    "5.1": 1, "5.2": 7, "5.3": 1,
    "6": 2, "7.2.1": 10, "7.2.2": 1, "8": 3,
    "9.1.1": 1, "9.2.1": 1,
    "10.6": 1, "10.12": 8, "10.13": 2,
  },
  "RFC 7518": {
    "1.1": 11, "2": 1,
    "3.2": 2, "3.3": 1, "3.4": 2, "3.5": 1, "3.6": 7,
    "4.2": 1, "4.3": 1, "4.6": 3, "4.6.1.1": 4, "4.6.1.2": 2, "4.6.1.3": 2,
    "4.6.2": 4, "4.7": 2, "4.7.1.1": 2, "4.7.1.2": 2,
    "4.8": 3, "4.8.1.1": 4, "4.8.1.2": 3,
    "5.2.2.1": 1, "5.3": 2,
    "6.2.1": 2, "6.2.1.2": 1, "6.2.1.3": 1, "6.2.2": 1, "6.2.2.1": 1,
    "6.3.1": 1, "6.3.1.2": 1, "6.3.2": 4, "6.3.2.7": 4, "6.4": 1,
    "7.3.1": 1, "7.4.1": 1, "7.6.1": 1,
    "8.4": 2, "8.7": 1, "8.8": 1, "9": 1,
  },
  "RFC 7519": {
    "1.1": 11,
    "2": 2, "3": 1,
    "4": 3, "4.1.1": 1, "4.1.2": 2, "4.1.3": 4, "4.1.4": 5, "4.1.5": 5,
    "4.1.6": 2, "4.1.7": 3, "4.3": 1,
    "5.1": 3, "5.2": 4, "5.3": 2,
    "6": 1,
    "7.1": 3, "7.2": 2, "7.3": 1,
    "8": 8,
    "10.1.1": 1,
    "12": 1,
  },
  "RFC 8725": {
    "1.2": 11,
    "2.8": 1,
    "3.1": 5, "3.2": 7, "3.3": 3, "3.4": 1, "3.5": 2, "3.6": 1, "3.7": 1,
    "3.8": 4, "3.9": 3, "3.10": 1, "3.11": 5, "3.12": 2,
  },
  "8725-bis": {
    "3.1": 3, "3.2": 3, "3.3": 2, "3.4": 1, "3.5": 1, "3.9": 3, "3.10": 3,
    "3.11": 6, "3.13": 2, "3.14": 2, "3.15": 1,
  },
};

const exceptions: Record<string, readonly (readonly [RegExp, string])[]> = {
  "RFC 4648": [[/^2$/, "explains the keywords"]],
  "RFC 7515": [
    [/^1\.1$/, "explains the keywords"],
    [/^9\./, "is addressed to IANA and to those who register names there"],
  ],
  "RFC 7518": [
    [/^1\.1$/, "explains the keywords"],
    [/^2$/, "defines Base64urlUInt, which only keys of other algorithms hold"],
    [/^3\.[345]$/, "is about RSA and ECDSA, refused by their names: row 3.1c"],
    [
      /^[45]\b/,
      "is about encryption: five parts are refused by name, row RFC 7519 7.2e",
    ],
    [/^6\b/, "is about the JWK form of keys, which is never read from a token"],
    [/^7\b/, "is addressed to IANA and to those who register names there"],
    [
      /^8\.[478]$/,
      "is about AES-GCM, RSA and passwords, none of which is used",
    ],
    [/^9$/, "is about the internationalization of passwords for encryption"],
  ],
  "RFC 7519": [
    [/^1\.1$/, "explains the keywords"],
    [/^10\./, "is addressed to IANA and to those who register names there"],
  ],
  "RFC 8725": [[/^1\.2$/, "explains the keywords"]],
};

/** Why the table has no rows for a section, or null where it must have them. */
export function outOfScope(document: string, section: string): string | null {
  return exceptions[document]?.find(([pattern]) => pattern.test(section))
    ?.[1] ?? null;
}

/**
 * The sections of the rows of the lists of requirements, such as
 * `RFC 7519 4.1.1`, each as often as the lists name it.
 */
export function listedRequirements(markdown: string): string[] {
  let document = "";
  const found: string[] = [];
  for (const line of markdown.split("\n")) {
    document = /^## (RFC \d+)/.exec(line)?.[1] ??
      (line.startsWith("## ") ? "" : document);
    const cell = /^\| (\S.*?) \|/.exec(line)?.[1];
    if (cell === undefined || ["section", "source"].includes(cell)) continue;
    if (document === "" && !/^(?:RFC|OWASP) /.test(cell)) continue;
    // "7.2 (1-3)" and "6, 6.1" stand under the first.
    const [section = ""] = cell.split(/, | \(/);
    for (const name of sectionsNamed(section)) {
      found.push(document === "" ? name : `${document} ${name}`);
    }
  }
  return found;
}

/** One section, or all seven of the registered claims, which `4.1.x` names. */
function sectionsNamed(section: string): string[] {
  if (section !== "4.1.x") return [section];
  return [1, 2, 3, 4, 5, 6, 7].map((number) => `4.1.${number}`);
}

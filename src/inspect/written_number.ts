/**
 * Numbers as their digits stand in a JSON text. JavaScript reads each number as
 * a double (IEEE 754), as many other programs do, and a double holds 15 to 17
 * digits: 738529527931269425 becomes 738529527931269400, 1e400 infinity, and of
 * 1.0 and 1e2 the spelling is lost. Here the digits stay, and which numbers a
 * double changes can be told.
 */

/** A number, and what a double makes of it. */
export class WrittenNumber {
  /** As it stands: by RFC 8259 §6, so no more than digits and `+-.eE`. */
  readonly text: string;
  /** What a program reads that uses doubles. */
  readonly value: number;

  constructor(text: string, value: number) {
    this.text = text;
    this.value = value;
  }

  /**
   * Whether a double keeps the number: written again by a program that uses
   * doubles, it is the same one, if with other digits. 0.1, 1.10 and 1e3 are
   * kept; so is 738529527931269400, for which there is no double, because the
   * nearest one is written with these very digits.
   */
  get isKept(): boolean {
    return Number.isFinite(this.value) &&
      plainForm(this.text) === plainForm(JSON.stringify(this.value));
  }

  /** What JSON.stringify asks: the digits as they stand. */
  toJSON(): unknown {
    return typeof rawJson === "function" ? rawJson(this.text) : this.value;
  }
}

/**
 * JSON.rawJSON, of which TypeScript does not know. A browser from before 2025
 * may have neither this nor the source text that a reviver is given: there,
 * numbers are shown as doubles.
 */
const rawJson: unknown = Reflect.get(JSON, "rawJSON");

/**
 * Parses JSON as JSON.parse does, with a WrittenNumber for each number. Of
 * members of the same name the last one counts, with its digits.
 *
 * A reviver takes stack for each level, and the deepest token has some 3,060 of
 * them, for which there is room. A text that is nested further, which no token
 * has room for, is parsed without.
 *
 * @throws {SyntaxError} it is no JSON
 */
export function parseAsWritten(json: string): unknown {
  try {
    return JSON.parse(json, asWritten);
  } catch (error) {
    if (error instanceof RangeError) return JSON.parse(json);
    throw error;
  }
}

/** A reviver: `source` is the text of a value that is no object. */
function asWritten(
  _name: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown {
  if (typeof value !== "number") return value;
  return new WrittenNumber(context?.source ?? String(value), value);
}

/** The numbers in a value, at any depth. */
export function numbersIn(value: unknown): readonly WrittenNumber[] {
  const numbers: WrittenNumber[] = [];
  // What is within a value waits behind it: the nesting may be deep.
  const waiting = [value];
  for (const inner of waiting) {
    if (inner instanceof WrittenNumber) {
      numbers.push(inner);
    } else if (typeof inner === "object" && inner !== null) {
      for (const member of Object.values(inner)) waiting.push(member);
    }
  }
  return numbers;
}

/**
 * A sentence on the numbers in a value that many programs read as others; empty
 * where there are none.
 */
export function hintOnNumbers(value: unknown): string {
  const changed = numbersIn(value).filter((number) => !number.isKept);
  const [first] = changed;
  if (first === undefined) return "";
  const read = asRead(first.value);
  if (first === value) return `Many programs read ${read}.`;
  if (changed.length === 1) return `Many programs read ${read} in it.`;
  return `Many programs read ${changed.length} other numbers in it, such as ${read}.`;
}

/** How a program that uses doubles writes one. */
function asRead(value: number): string {
  if (Number.isFinite(value)) return JSON.stringify(value);
  return value < 0 ? "minus infinity" : "infinity";
}

const numberForm =
  /^-?(?<whole>\d+)(?:\.(?<fraction>\d+))?(?:[eE](?<exponent>[+-]?\d+))?$/;

/**
 * One text for each number, however it is written, without its sign, which a
 * double always keeps: the digits without the zeros at both ends, and a power
 * of ten.
 */
function plainForm(text: string): string {
  const { whole = "", fraction = "", exponent = "0" } =
    numberForm.exec(text)?.groups ?? {};
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  let end = digits.length;
  // Not by /0+$/, which takes a time that grows with the square of the zeros.
  while (digits[end - 1] === "0") end--;
  if (end === 0) return "0"; // whatever its exponent
  const power = Number(exponent) - fraction.length + digits.length - end;
  return `${digits.slice(0, end)}e${power}`;
}

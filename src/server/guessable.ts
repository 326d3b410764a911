/**
 * Whether a secret could be guessed by whoever knows how people make them up:
 * of words of examples, of rows of the keyboard, by counting up or down, by
 * saying the same thing again. A random text is none of that, and a passphrase
 * of random words is not either.
 */

/**
 * So many characters must say something new. The shortest secret has 32, and in
 * a random one nearly all of them do.
 */
const enough = 16;

/** Says whether too little of a text is more than its maker's habits. */
export function isGuessable(text: string): boolean {
  // What follows could only add to it.
  const start = text.slice(0, 1024).toLowerCase();
  return hasTooLittle(start) || hasTooLittle(withLetters(start));
}

/** "p4ssw0rd" is "password". */
function withLetters(text: string): string {
  const digits = "013457@$";
  const letters = "oieastas";
  return text.replace(/[013457@$]/g, (digit) => {
    return letters.charAt(digits.indexOf(digit));
  });
}

/**
 * Reads a text from its start and counts the characters that say something new.
 * A word of examples says nothing, nor does a part of four characters or more
 * that was there before, a character that goes on as those before it went, or
 * one that separates words. In a random text such things come about as well,
 * but not often: `test/unit/server/guessable.test.ts` tries 100,000 of each
 * kind.
 */
function hasTooLittle(text: string): boolean {
  let count = 0;
  let index = 0;
  while (index < text.length) {
    const known = wordLength(text, index) || repeatLength(text, index);
    if (known === 0 && isNew(text, index)) count += weightOf(text, index);
    if (count >= enough) return false;
    index += known || 1;
  }
  return true;
}

/** The length of the word of examples that begins here; 0 for none. */
function wordLength(text: string, index: number): number {
  const isInside = isLetter(text, index - 1);
  let longest = 0;
  for (const word of wordsByLetter.get(text.charAt(index)) ?? []) {
    if (word.length <= longest || !text.startsWith(word, index)) continue;
    // A short one is in many texts, and counts where it stands alone.
    const isAlone = !isInside && !isLetter(text, index + word.length);
    if (word.length > 3 || isAlone) longest = word.length;
  }
  return longest;
}

/** What people make up secrets of that they mean to replace. */
// deno-fmt-ignore: a list of words
const words: readonly string[] = [
  "a", "abc", "admin", "an", "and", "any", "api", "app", "at", "auth",
  "backend", "bar", "base64", "battery", "baz", "bit", "bits", "byte", "bytes",
  "change", "changeit", "changeme", "changethis", "characters", "chars",
  "company", "correct", "data", "database", "db", "default", "demo", "dev",
  "develop", "development", "do", "dolor", "dummy", "environment", "example",
  "examples", "fake", "fixme", "foo", "for", "go", "goes", "good", "great",
  "hash", "hello", "here", "hmac", "horse", "hs256", "in", "insecure", "insert",
  "internal", "ipsum", "is", "it", "json", "jwt", "key", "least", "length",
  "local", "localhost", "login", "long", "lorem", "me", "minimum", "mock",
  "must", "my", "never", "new", "no", "none", "not", "null", "of", "onejot",
  "only", "our", "own", "pass", "passphrase", "passwd", "password", "passwords",
  "placeholder", "please", "private", "prod", "production", "put", "random",
  "real", "replace", "replaceit", "replaceme", "root", "safe", "sample",
  "secret", "secure", "server", "service", "session", "set", "sha256", "sha512",
  "should", "sign", "signing", "some", "staging", "staple", "string", "strong",
  "super", "temp", "temporary", "test", "testing", "tests", "text", "that",
  "the", "this", "tmp", "to", "todo", "token", "top", "undefined", "unsafe",
  "use", "user", "valid", "value", "very", "web", "what", "which", "with",
  "world", "xxx", "you", "your",
];

/** The words by their first letter. */
const wordsByLetter: ReadonlyMap<string, readonly string[]> = Map.groupBy(
  words,
  (word) => word.charAt(0),
);

/**
 * The length of a part that begins here and was there before, which may reach
 * into itself, as in "abababab"; 0 where it has fewer than four characters.
 */
function repeatLength(text: string, index: number): number {
  let length = 0;
  for (let next = 4; index + next <= text.length; next++) {
    if (text.indexOf(text.slice(index, index + next)) === index) break;
    length = next;
  }
  return length;
}

/** One of thousands of characters says more than one of ninety. */
function weightOf(text: string, index: number): number {
  return text.charCodeAt(index) < 128 ? 1 : 2;
}

function isNew(text: string, index: number): boolean {
  if (/[-_ .:,]/.test(text.charAt(index))) return false;
  return !isCounted(text, index) && !isInRow(text, index);
}

/**
 * Whether a character goes on as two before it went: one up, one down or the
 * same. Every second, third or fourth character may count on its own, as in
 * 000102030405.
 */
function isCounted(text: string, index: number): boolean {
  for (let stride = 1; stride <= 4; stride++) {
    if (index < 2 * stride) return false;
    const last = text.charCodeAt(index - stride);
    const step = last - text.charCodeAt(index - 2 * stride);
    const isNext = text.charCodeAt(index) - last === step;
    if (isNext && Math.abs(step) <= 1) return true;
  }
  return false;
}

/** Whether a character and the two before it stand in a row on a keyboard. */
function isInRow(text: string, index: number): boolean {
  if (index < 2) return false;
  const [first = "", second = "", third = ""] = text.slice(index - 2);
  return rows.includes(first + second + third) ||
    rows.includes(third + second + first);
}

/** Across, and down and up again, on the keyboards of several languages. */
const rows = "1234567890 qwertyuiop asdfghjkl zxcvbnm qwertzuiop yxcvbnm " +
  "azertyuiop qsdfghjklm wxcvbn 1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p " +
  "1q2w3e4r5t6z7u8i9o0p 5t6y7u";

function isLetter(text: string, index: number): boolean {
  return /^[a-z]$/.test(text.charAt(index));
}

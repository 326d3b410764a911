/**
 * RFC 4648, base encodings: sections 3 to 5 and the vectors of section 10. The
 * specification that refers to it, of which it speaks, is RFC 7515: section 2
 * leaves the padding out.
 */

import type { ClauseRow } from "./coverage.ts";
import { application, producer } from "./reasons.ts";

const file = "jwt/base64url.ts";

export const rfc4648Clauses: readonly ClauseRow[] = [
  ["3.1", "MUST NOT", 1, "An encoder adds no line feeds.", file],
  [
    "3.2",
    "MUST",
    1,
    "Padding is written, unless the specification says otherwise.",
    file,
  ],
  [
    "3.3a",
    "MUST",
    1,
    "Text with characters outside the alphabet is rejected.",
    file,
  ],
  [
    "3.3b",
    "MAY",
    1,
    "A specification may have pad characters before the end ignored.",
    application(
      "RFC 7515 §2 allows no pad character at all; it is refused everywhere",
    ),
  ],
  [
    "3.3c",
    "MAY",
    1,
    "Pad characters in excess may be ignored.",
    application(
      "RFC 7515 §2 allows no pad character at all; it is refused everywhere",
    ),
  ],
  [
    "3.5a",
    "MUST",
    1,
    "An encoder sets the bits behind the last byte to zero.",
    file,
  ],
  [
    "3.5b",
    "MAY",
    1,
    "A decoder may reject bits behind the last byte that are not zero.",
    file,
  ],
  [
    "4a",
    "MUST",
    0,
    "Each 24 bits, from the left, become four characters of six bits.",
    file,
  ],
  [
    "4b",
    "MUST",
    0,
    "One byte left over becomes two characters, two bytes become three.",
    file,
  ],
  ["5a", "MUST", 0, "base64url writes the values 62 and 63 as - and _.", file],
  [
    "5b",
    "SHOULD NOT",
    0,
    "base64url is not called base64.",
    producer("the functions are called encodeBase64url and decodeBase64url"),
  ],
  [
    "10",
    "MUST",
    0,
    "The vectors hold in both directions, without their padding.",
    file,
  ],
];

/**
 * Runs inside a container, as text for `bun --eval`: tries to make a file in
 * each directory, and to open each file for writing, and prints where it was
 * refused and where not. /dev, /proc and /sys are the system's; files in the
 * volume, which is the server's, are left alone.
 */

import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  unlinkSync,
} from "node:fs";

const refused: string[] = [];
const written: string[] = [];
visit("/");
console.log(JSON.stringify({ refused, written }));

function visit(path: string): void {
  const status = lstatSync(path);
  if (status.isSymbolicLink()) return;
  const isDirectory = status.isDirectory();
  const file = isDirectory ? `${path}/probe` : path;
  try {
    closeSync(openSync(file, isDirectory ? "wx" : "r+"));
    if (isDirectory) unlinkSync(file);
    written.push(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : error;
    if (code === "EROFS" || code === "EACCES") refused.push(path);
    else written.push(`${path}: ${code}`);
  }
  if (!isDirectory || path === "/data") return;
  for (const name of namesIn(path)) {
    const inside = path === "/" ? `/${name}` : `${path}/${name}`;
    if (!["/dev", "/proc", "/sys"].includes(inside)) visit(inside);
  }
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return []; // it may not even look
  }
}

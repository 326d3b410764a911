/**
 * A copy of the project in a temporary folder, in which one mutant after the
 * other is tested. The project itself is never written to, and what happens to
 * it meanwhile changes nothing here. All copies are removed when this process
 * ends.
 */

import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { temporaryFolder } from "../../support/temp.ts";
import { type Run, runTests } from "./test_process.ts";

/**
 * The folders of the tests that concern the token, those that fail fast before
 * the others.
 */
const testFolders = ["unit/jwt", "spec/rfc", "spec/attack", "spec/vectors"];
/**
 * Not those that read what the sources' comments say, and those of the server.
 */
const otherTests = ["spec/rfc/coverage.test.ts", "spec/rfc/http.test.ts"];
const leftOut = ["node_modules", ".git", "mutation"];

export class Sandbox {
  /** The copy of `src/jwt`. */
  readonly sources: string;
  readonly #project: string;
  readonly #temporary: string;

  /** Copies the project that is in this folder. */
  constructor(original: string) {
    const folder = temporaryFolder();
    this.#temporary = join(folder, "tmp");
    this.#project = join(folder, "project");
    this.sources = join(this.#project, "src/jwt");
    mkdirSync(this.#temporary);
    const filter = (path: string) => !leftOut.includes(basename(path));
    cpSync(original, this.#project, { recursive: true, filter });
  }

  /** A copy of the copy, whatever has happened to the project since. */
  copy(): Sandbox {
    return new Sandbox(this.#project);
  }

  /** Runs the tests until one fails, for at most that many milliseconds. */
  test(limit: number): Promise<Run> {
    return this.#test(limit, "");
  }

  /**
   * Runs them with another text in one file of `src/jwt`, the tests of that
   * file first.
   */
  async testMutated(file: string, text: string, limit: number): Promise<Run> {
    const path = join(this.sources, file);
    const original = readFileSync(path);
    writeFileSync(path, text);
    try {
      return await this.#test(limit, file);
    } finally {
      writeFileSync(path, original);
    }
  }

  #test(limit: number, file: string): Promise<Run> {
    const own = `unit/jwt/${file.replace(/ts$/, "test.ts")}`;
    const paths = testFolders.flatMap((folder) => this.#testsIn(folder));
    const ordered = paths.toSorted((one, other) =>
      Number(other === own) - Number(one === own)
    );
    const files = ordered.map((path) => `./test/${path}`);
    return runTests({
      cwd: this.#project,
      files,
      temporary: this.#temporary,
      limit,
    });
  }

  #testsIn(folder: string): string[] {
    const path = join(this.#project, "test", folder);
    const names = existsSync(path) ? readdirSync(path).sort() : [];
    return names.filter((name) => name.endsWith(".test.ts"))
      .map((name) => `${folder}/${name}`)
      .filter((name) => !otherTests.includes(name));
  }
}

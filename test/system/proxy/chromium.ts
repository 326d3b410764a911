/**
 * Chromium as the checks here use it. What drives it is
 * test/system/browser/window.ts, with packages that may be missing where this
 * is compiled.
 */

import { spawnSync } from "node:child_process";
import { findChromium } from "../../compare/engines/programs.ts";
import { requirePackages } from "../../support/packages.ts";

/** Where hosts are on this machine: names, with * in them, and their ports. */
export type Hosts = Readonly<Record<string, number>>;

export interface Chromium {
  /** Opens a window of somebody new, without cookies and workers. */
  open(): Promise<Window>;
  close(): Promise<void>;
}

export interface Window {
  /** Goes to an address, and gives what is shown there. */
  visit(url: string): Promise<string>;
  /** Fills in the form that is shown and sends it; gives what is then shown. */
  submit(fields: Readonly<Record<string, string>>): Promise<string>;
  /** What an expression or its promise comes to, in the page that is shown. */
  run(expression: string): Promise<string>;
  /** The address that is shown. */
  address(): string;
  /** How many cookies there are, of all hosts. */
  countCookies(): Promise<number>;
  /** Forgets the cookies alone. */
  forgetCookies(): Promise<void>;
  close(): Promise<void>;
}

/** What test/system/browser/window.ts has. */
export interface WindowModule {
  startChromium(program: string, hosts: Hosts): Promise<Chromium>;
}

/** Starts Chromium for hosts that are on this machine. */
export type StartChromium = (hosts: Hosts) => Promise<Chromium>;

/**
 * Gets the driver, and installs it where it is missing.
 *
 * @throws Error if there is no Chromium, or no driver to be had.
 */
export async function chromiumStarter(): Promise<StartChromium> {
  const { path } = findChromium();
  // The driver looks up no PATH.
  const found = spawnSync("sh", ["-c", 'command -v "$0"', path]);
  const program = found.stdout.toString().trim();
  requirePackages(new URL("../browser/", import.meta.url));
  // No literal: compilers lack its package.
  const module = "../browser/window.ts";
  const { startChromium }: WindowModule = await import(module);
  return (hosts) => startChromium(program, hosts);
}

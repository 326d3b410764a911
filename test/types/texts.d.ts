/**
 * What tsc takes an import as text for, where the file is no module; Deno knows
 * by itself.
 */

declare module "*.css" {
  const text: string;
  export default text;
}

declare module "*.svg" {
  const text: string;
  export default text;
}

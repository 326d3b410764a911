/**
 * The version of onejot, as package.json and deno.json have it.
 */

/** By semantic versioning. */
export const version = "0.1.0";

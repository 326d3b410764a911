/** The version of onejot, as package.json and deno.json have it. */
export const version = "0.1.0";

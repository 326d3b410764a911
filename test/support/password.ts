/**
 * The password of every account that a test makes, unless it says otherwise.
 */
export const password = "correct horse battery staple";

/**
 * How a request without a good login is refused: the tutorial's status, or RFC 6750's, and the
 * challenge that RFC 6750 §3 and RFC 9110 §11.6.1 ask for.
 */
import { HttpError } from "../http/http.ts";
const challenge = 'Bearer realm="onejot"';
const wrongCredentials = "Wrong credentials";
/** Refuses a token, whatever is wrong with it. */
export function tokenIsInvalid(status) {
  const headers = { "www-authenticate": `${challenge}, error="invalid_token"` }; // RFC 6750 §3.1
  return new HttpError(status, "Token is invalid", headers);
}
/** Refuses a request that has no token. */
export function authIsRequired() {
  return new HttpError(401, "Auth required", { "www-authenticate": challenge });
}
/** Refuses an e-mail address and a password, without telling which of them is wrong. */
export function credentialsAreWrong(status) {
  const headers = status === 401 ? { "www-authenticate": challenge } : {}; // RFC 9110 §15.5.2
  return new HttpError(status, wrongCredentials, headers);
}
/** Says whether that is why a request was refused. */
export function areCredentialsWrong({ message }) {
  return message === wrongCredentials;
}

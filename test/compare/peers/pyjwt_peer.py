"""PyJWT behind the conformance suite's JSON lines, and the example of a program that speaks them.

Each line on standard input is a question, each line on standard output its answer, in the same
order; test/spec/vectors/README.md defines both. To run the suite on it:

    bun test/conformance.ts --command "/usr/bin/python3 test/compare/peers/pyjwt_peer.py"

To run it on another library, copy this file and change `verify`, `sign`, `verify_jws` and `mac`.
"""

import base64
import json
import math
import sys
from contextlib import contextmanager
from datetime import datetime
from unittest import mock

import jwt

ALGORITHMS = ["HS256"]  # PyJWT's documentation: never take this from the token
TAKES_SEVERAL_ISSUERS = tuple(int(part) for part in jwt.__version__.split(".")[:2]) >= (2, 10)


class Unsupported(Exception):
    """The question asks for something that PyJWT has no option for."""


def verify(token, secret, policy):
    """Returns the claims of a good token; raises a jwt.InvalidTokenError for a bad one."""
    for member in policy:
        if member not in ("issuer", "audience", "requiredClaims", "leewaySeconds", "now"):
            raise Unsupported(member)
    arguments = {"algorithms": ALGORITHMS}
    if "issuer" in policy:
        if isinstance(policy["issuer"], list) and not TAKES_SEVERAL_ISSUERS:
            raise Unsupported("several issuers")
        arguments["issuer"] = policy["issuer"]
    if "audience" in policy:
        arguments["audience"] = policy["audience"]
    if "requiredClaims" in policy:
        arguments["options"] = {"require": policy["requiredClaims"]}
    if "leewaySeconds" in policy:
        arguments["leeway"] = policy["leewaySeconds"]
    with clock_of(policy):
        return jwt.decode(token, secret, **arguments)


def sign(claims, secret, kid):
    """Returns a token for the claims."""
    headers = None if kid is None else {"kid": kid}
    return jwt.encode(claims, secret, algorithm="HS256", headers=headers)


def verify_jws(token, secret):
    """Returns the payload, whatever it is, of a good JWS."""
    return jwt.PyJWS().decode(token, secret, algorithms=ALGORITHMS)


def mac(message, secret):
    """Returns HMAC-SHA-256 of the message."""
    algorithm = jwt.get_algorithm_by_name("HS256")
    return algorithm.sign(message, algorithm.prepare_key(secret))


@contextmanager
def clock_of(policy):
    """PyJWT has no option for the time: its module's `datetime` is replaced for the duration."""
    if "now" not in policy:
        yield
        return
    now = policy["now"]
    if not isinstance(now, (int, float)) or not math.isfinite(now):
        raise Unsupported("now")  # a clock cannot show what is no number

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(now, tz)

    with mock.patch("jwt.api_jwt.datetime", Clock):
        yield


def answer(question):
    """Answers one question, as one line of JSON."""
    try:
        return json.dumps(ask(question))
    except Unsupported as error:
        return json.dumps({"unsupported": str(error)})
    except jwt.InvalidTokenError as error:  # the base of all refusals that PyJWT documents
        return json.dumps({"refused": type(error).__name__})
    except Exception as error:  # whatever else: nothing was accepted, but it is no refusal either
        return json.dumps({"misuse": type(error).__name__})


def ask(question):
    if "verify" in question:
        policy = decode_special(question.get("policy") or {})
        token = decode_special(question["verify"])
        return {"claims": writable(verify(token, secret_of(question), policy))}
    if "sign" in question:
        claims = decode_special(question["sign"])
        return {"token": sign(claims, secret_of(question), question.get("kid"))}
    if "verifyJws" in question:
        return {"payload": encode_bytes(verify_jws(question["verifyJws"], secret_of(question)))}
    return {"mac": encode_bytes(mac(decode_bytes(question["mac"]), secret_of(question)))}


def secret_of(question):
    """The one key's bytes; interop.ts gives a text instead, and for `sign` a kid."""
    if "secretText" in question:
        return question["secretText"]
    if isinstance(question["secret"], list):
        raise Unsupported("several keys")
    return decode_bytes(question["secret"])


def decode_special(value):
    """{"$": "NaN"} and the like stand for what JSON cannot hold; Python's undefined is None."""
    if isinstance(value, list):
        return [decode_special(member) for member in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"$"}:
        return None if value["$"] == "undefined" else float(value["$"])
    return {name: decode_special(member) for name, member in value.items()}


def writable(claims):
    """Numbers that JSON cannot hold become null, as JavaScript writes them."""
    return json.loads(json.dumps(claims), parse_constant=lambda name: None)


def decode_bytes(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encode_bytes(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


if __name__ == "__main__":
    for line in sys.stdin.buffer:
        print(answer(json.loads(line)), flush=True)

"""PyJWT behind JSON lines: one request a line on stdin, one answer a line on stdout.

{"sign": {...claims}, "secret": text, "kid": text or null}     -> {"token": text}
{"verify": token, "secret": text, "audience": text or null}    -> {"claims": {...}} or {"refused": name}
"""

import json
import sys

import jwt


def answer(request):
    secret = request["secret"]
    if "sign" in request:
        headers = None if request["kid"] is None else {"kid": request["kid"]}
        return {"token": jwt.encode(request["sign"], secret, algorithm="HS256", headers=headers)}
    try:
        claims = jwt.decode(
            request["verify"],
            secret,
            algorithms=["HS256"],  # its documentation: never take this from the token
            audience=request["audience"],
        )
    except jwt.InvalidTokenError as error:
        return {"refused": type(error).__name__}
    return {"claims": claims}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)

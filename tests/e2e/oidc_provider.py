"""A small real OpenID Connect provider for the tests: discovery, authorise, token, keys. It signs with RS256.

Who signs in is set by the test through `PUT /who`.
"""

from __future__ import annotations

import secrets
import sys
import time
from typing import Any
from urllib.parse import parse_qs, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "echo", "not-much-of-a-secret-but-long-enough"


def build(issuer: str) -> Starlette:
    """The provider at `issuer`."""
    key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
    who: dict[str, Any] = {}
    codes: dict[str, dict[str, Any]] = {}

    async def discovery(request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": issuer, "authorization_endpoint": f"{issuer}/authorize", "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/jwks", "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"], "code_challenge_methods_supported": ["S256"],
            }
        )  # fmt: skip

    async def authorize(request: Request) -> Response:
        asked = request.query_params
        code = secrets.token_urlsafe(16)
        codes[code] = {"nonce": asked.get("nonce"), **who}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def token(request: Request) -> Response:
        body = parse_qs((await request.body()).decode())
        told = codes.pop(body["code"][0], None)
        if told is None:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": issuer, "aud": CLIENT, "iat": now, "exp": now + 3600, **told}
        signed = jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)
        return JSONResponse(
            {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 3600, "id_token": signed}
        )

    async def jwks(request: Request) -> Response:
        return JSONResponse({"keys": [key.as_dict(private=False)]})

    async def set_who(request: Request) -> Response:
        who.clear()
        who.update(await request.json())
        return JSONResponse({})

    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", discovery),
            Route("/authorize", authorize),
            Route("/token", token, methods=["POST"]),
            Route("/jwks", jwks),
            Route("/who", set_who, methods=["PUT"]),
        ]
    )


if __name__ == "__main__":
    port = int(sys.argv[1])
    uvicorn.run(build(f"http://127.0.0.1:{port}"), host="127.0.0.1", port=port, log_level="warning")

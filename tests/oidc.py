"""A small OpenID provider over real HTTP: who signs in there, and what it says of them, is set by the test."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

CLIENT = "lightfast"
SECRET = "a secret of the client, long enough to sign with"


class OpenIDProvider:
    """`says` is what it tells of whoever signs in; `turns_back` has them cancel."""

    def __init__(self) -> None:
        self.says: dict[str, Any] = {}
        self.turns_back = False
        self.asked: list[dict[str, list[str]]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"provider": self}))
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> "OpenIDProvider":
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    provider: OpenIDProvider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        answer = {
            "/.well-known/openid-configuration": self._configuration,
            "/userinfo": lambda: self.provider.says,
            "/jwks": lambda: {"keys": []},
        }.get(parts.path)
        if answer:
            return self._json(answer())
        return self._send_back(parse_qs(parts.query))

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.provider.asked.append(sent)
        claims = {"iss": self.provider.url, "aud": CLIENT, "exp": 2**32, "iat": 1, **self.provider.says}
        token = jwt.encode(claims, SECRET, algorithm="HS256")
        self._json({"access_token": "let-me-in", "token_type": "Bearer", "id_token": token})

    def _configuration(self) -> dict[str, Any]:
        url = self.provider.url
        return {
            "issuer": url,
            "authorization_endpoint": f"{url}/authorize",
            "token_endpoint": f"{url}/token",
            "userinfo_endpoint": f"{url}/userinfo",
            "jwks_uri": f"{url}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def _send_back(self, asked: dict[str, list[str]]) -> None:
        found = {"error": "access_denied"} if self.provider.turns_back else {"code": "once"}
        self.send_response(302)
        self.send_header(
            "Location", f"{asked['redirect_uri'][0]}?{urlencode(found | {'state': asked['state'][0]})}"
        )
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _json(self, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Stay silent."""

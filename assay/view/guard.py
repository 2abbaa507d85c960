"""Who may ask: whoever has the token, by the address of this machine, and nobody that a page elsewhere sends."""

from __future__ import annotations

import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["POLICY", "TOKEN", "Guard"]

TOKEN = "token"  # in the address, and in forms
_NAMES = ("127.0.0.1", "localhost", "[::1]")  # by which a browser may ask for this machine
# Inline styles are plotly's; no script but our own and plotly's, and no address but this one.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Guard:
    """Lets requests through that name this machine and know the token; all others are 403, whatever they ask for.

    A page that is asked for with the token in its address is given a cookie, and the address without it.

    Args:
        app: what is guarded.
        token: the secret.
        port: of the server.
    """

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self.app, self._token, self._cookie = app, token, f"assay_view_{port}"
        self._hosts = {f"{name}:{port}" for name in _NAMES} | ({*_NAMES} if port == 80 else set())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return  # nothing here has web sockets
        await (self._refusal(scope) or self._first(scope) or self.app)(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if headers.get("host", "") not in self._hosts:
            return _forbidden("expected this machine as the host that is asked for")
        if "origin" in headers and headers["origin"] not in {f"http://{host}" for host in self._hosts}:
            return _forbidden("another page asks for this one")
        if not (self._in_address(scope) or self._is(self._in_cookie(headers))):
            return _forbidden("expected the address with its token, as the command printed it")
        return None

    def _first(self, scope: Scope) -> Response | None:
        """The answer to an address with the token: a cookie, and the address without."""
        if scope["method"] != "GET" or not self._in_address(scope):
            return None
        words = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        rest = urlencode({name: value for name, value in words.items() if name != TOKEN}, doseq=True)
        place = "/" + scope["path"].lstrip("/\\")  # two slashes would name another machine
        answer = RedirectResponse(f"{place}?{rest}" if rest else place, 303)
        answer.set_cookie(self._cookie, self._token, httponly=True, samesite="lax", path="/")
        return answer

    def _in_address(self, scope: Scope) -> bool:
        words = parse_qs(scope["query_string"].decode("latin-1"))
        return self._is("".join(words.get(TOKEN, [])))

    def _in_cookie(self, headers: Headers) -> str:
        try:
            found = SimpleCookie(headers.get("cookie", "")).get(self._cookie)
        except CookieError:
            return ""
        return found.value if found else ""

    def _is(self, given: str) -> bool:
        return secrets.compare_digest(given.encode("utf-8", "replace"), self._token.encode())


def _forbidden(why: str) -> Response:
    return PlainTextResponse(f"403: {why}\n", 403)


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return sent

"""What the portal does for links of a local storage, in its smallest form."""

from __future__ import annotations

import email.policy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pydantic import SecretStr

from fashion_gen.errors import LinkRefused, NotFound
from fashion_gen.storage import Storage, TokenPresigner

KEY = SecretStr("a key for links that is long enough")


@contextmanager
def served(storage: Storage) -> Iterator[TokenPresigner]:
    """Serve links to `storage` on a port of the system's choice; yields what signs them."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.storage = storage  # type: ignore[attr-defined]
    server.presigner = TokenPresigner(f"http://127.0.0.1:{server.server_port}/files", KEY)  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.presigner  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_PUT(self) -> None:
        size = int(self.headers["Content-Length"])
        body = self.rfile.read(size)
        self._store(self._token, body, self.headers["Content-Type"])

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        form = BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
        fields = {
            part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
            for part in form.iter_parts()
        }
        self._store(fields["token"].decode(), fields["file"], fields["Content-Type"].decode())

    def do_GET(self) -> None:
        try:
            grant = self.server.presigner.redeem(self._token, "GET")  # type: ignore[attr-defined]
            data = self.server.storage.get(grant.key)  # type: ignore[attr-defined]
        except LinkRefused as exc:
            self._answer(403, str(exc).encode())
        except NotFound as exc:
            self._answer(404, str(exc).encode())
        else:
            self._answer(200, data, {"Content-Disposition": grant.disposition} if grant.disposition else {})

    @property
    def _token(self) -> str:
        return self.path.removeprefix("/files/")

    def _store(self, token: str, body: bytes, content_type: str) -> None:
        redeem = self.server.presigner.redeem  # type: ignore[attr-defined]
        try:
            grant = redeem(token, self.command, content_type=content_type, size=len(body))
        except LinkRefused as exc:
            self._answer(403, str(exc).encode())
        else:
            self.server.storage.put(grant.key, body)  # type: ignore[attr-defined]
            self._answer(200, b"")

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Links are secrets: they are not logged."""

"""A network that fails on demand, between a client and a real server."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CHUNK = 65536


class FaultyProxy:
    """Passes bytes between its own port and `target`, until told otherwise. Changes count for open connections too."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.port: int = self._listener.getsockname()[1]
        self.silent = False  #: requests go nowhere, and no answer ever comes
        self.down = False  #: every connection is closed at once
        self.delay_s = 0.0  #: every piece of a request waits so long
        self.cut_requests = 0  #: how many more requests are cut after their first 100 kB
        self.cut_answers = 0  #: the same for answers
        self.cut_where = b""  #: a request with these bytes in one of its chunks is cut, each time
        self.garbles = False  #: a bit of every request is turned over behind its first 100 kB
        self.cuts = 0  #: how often a connection has been cut

    def accept(self) -> None:
        """Serve until `close`."""
        with suppress(OSError):  # raised when the listener is closed
            while True:
                client = self._listener.accept()[0]
                threading.Thread(target=self._join, args=(client,), daemon=True).start()

    def close(self) -> None:
        """Close every connection, and the port. May be repeated."""
        _shut(self._listener)
        self._listener.close()
        with self._lock:
            for end in self._ends:
                _shut(end)

    def _join(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._target)) as server:
            with self._lock:
                self._ends |= {client, server}
            back = threading.Thread(target=self._pump, args=(server, client, False), daemon=True)
            back.start()
            self._pump(client, server, True)
            back.join()
            with self._lock:
                self._ends -= {client, server}

    def _pump(self, source: socket.socket, sink: socket.socket, request: bool) -> None:
        passed = 0
        with suppress(OSError):
            while chunk := source.recv(CHUNK):
                passed += len(chunk)
                if self._cuts(chunk, passed, request):
                    self.cuts += 1
                    break
                if self.garbles and request and passed > 100_000:
                    chunk = bytes([chunk[0] ^ 1]) + chunk[1:]
                if request and self.delay_s:
                    time.sleep(self.delay_s)
                if not self.silent:
                    sink.sendall(chunk)
        for end in (source, sink):
            _shut(end)

    def _cuts(self, chunk: bytes, passed: int, request: bool) -> bool:
        if self.down or (request and self.cut_where and self.cut_where in chunk):
            return True
        left = "cut_requests" if request else "cut_answers"
        with self._lock:
            if passed < 100_000 or not getattr(self, left):
                return False
            setattr(self, left, getattr(self, left) - 1)
            return True


@contextmanager
def faulty(target: int) -> Iterator[FaultyProxy]:
    """A proxy before the port `target` of this machine."""
    proxy = FaultyProxy(target)
    thread = threading.Thread(target=proxy.accept)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join()


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)

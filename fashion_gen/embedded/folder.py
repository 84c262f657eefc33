"""The data folder: what lies where in it, and a lock so that two services never share one."""

from __future__ import annotations

import fcntl
import os
import secrets
import tempfile
from pathlib import Path
from typing import IO

from fashion_gen.errors import SetupError

LONGEST_SOCKET = 100  #: bytes; the system takes 107
PRIVATE = 0o700


class DataFolder:
    """One folder with everything that the embedded service keeps. Made, private, when it is not there.

    Raises:
        SetupError: it cannot be made or written, or another service uses it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        try:
            self.root.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            for folder in (self.logs, self.redis, self.files):
                folder.mkdir(mode=PRIVATE, exist_ok=True)
            self._lock = _locked(self.root / "lock", self._announcement)
        except OSError as exc:
            raise SetupError(
                f"The data folder {self.root} cannot be used ({exc.strerror}): set FASHION_GEN_UP__DATA to another."
            ) from exc

    @property
    def files(self) -> Path:
        return self.root / "files"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def redis(self) -> Path:
        return self.root / "redis"

    @property
    def database(self) -> str:
        return f"sqlite:///{self.root / 'fashion-gen.db'}"

    @property
    def socket(self) -> Path:
        """Redis' socket: in the folder, or in the system's temporary one where that path would be too long."""
        here = self.redis / "redis.sock"
        if len(os.fsencode(here)) <= LONGEST_SOCKET:
            return here
        inode = self.root.stat().st_ino
        private = Path(tempfile.gettempdir()) / f"fashion-gen-{os.getuid()}-{inode}"
        private.mkdir(mode=PRIVATE, exist_ok=True)
        if private.stat().st_uid != os.getuid():  # made by somebody else, who could read what goes through it
            raise SetupError(f"{private} belongs to another user: set FASHION_GEN_UP__DATA to a shorter path.")
        return private / "redis.sock"

    def link_key(self) -> str:
        """What signs links to local files: made once, kept for good, so that links outlive a restart."""
        path = self.root / "link-key"
        if not path.exists():
            handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(48))
        return path.read_text().strip()

    def announce(self, url: str) -> None:
        """Say where the service is found, to whoever tries to start a second one."""
        self._announcement.write_text(url)

    @property
    def _announcement(self) -> Path:
        return self.root / "url"

    def close(self) -> None:
        """Let another service use the folder."""
        self._announcement.unlink(missing_ok=True)
        self._lock.close()


def _locked(path: Path, announcement: Path) -> IO[str]:
    """Lock a file for as long as it is open; the system lets go of it when the process dies, however that happens."""
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        file.close()
        where = f" at {announcement.read_text()}" if announcement.exists() else ""
        raise SetupError(
            f"A service is running on {path.parent} already{where}: use it, or set FASHION_GEN_UP__DATA to another folder."
        ) from exc
    return file

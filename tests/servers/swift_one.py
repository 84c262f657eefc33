"""OpenStack Swift with its S3 interface in one process: python swift_one.py FOLDER ACCOUNT:USER SECRET

The access key is ACCOUNT:USER. Swift's own four servers (account, container, object, proxy) do all the work; this only
writes their configuration, joins them by a ring of one device, and prints the port once it listens. The folder needs a
file system with user attributes.
"""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()  # before anything else is imported

import ctypes
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

from eventlet import GreenPool, wsgi

KINDS = ("account", "container", "object")
PLAIN_FILTERS = ("catch_errors", "gatekeeper", "listing_formats", "bulk", "copy", "slo", "dlo", "symlink")
# By default Swift gives up on its own parts after 0.5 s, and a list of files on a new one after 1 s: on a loaded machine,
# which is no fault, files would then be missing from lists.
PATIENT = {"conn_timeout": "60", "node_timeout": "60", "container_update_timeout": "60"}
SWIFT_CONF = """\
[swift-hash]
swift_hash_path_prefix = a
swift_hash_path_suffix = b
[storage-policy:0]
name = gold
default = yes
"""
PROXY_CONF = """\
[DEFAULT]
swift_dir = {folder}
[pipeline:main]
pipeline = catch_errors gatekeeper listing_formats bulk s3api tempauth copy slo dlo versioned_writes symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
conn_timeout = 60
node_timeout = 60
error_suppression_limit = 1000
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{user} = {secret} .admin
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_object_versioning = true
"""


def main(folder: Path, access_key: str, secret: str) -> None:
    """Serve until killed."""
    # End with whoever started this, even if that is killed (prctl(2), PR_SET_PDEATHSIG).
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    settings, devices = folder / "etc", folder / "srv"
    settings.mkdir(parents=True)
    (devices / "d1").mkdir(parents=True)
    use_configuration(settings)
    sockets = {kind: eventlet.listen(("127.0.0.1", 0)) for kind in KINDS}
    for kind, socket in sockets.items():
        build_ring(kind, socket.getsockname()[1], settings)
    for kind, socket in sockets.items():
        serve(socket, inner_server(kind, settings, devices))
    door = eventlet.listen(("127.0.0.1", 0), backlog=512)
    serve(door, proxy(settings, access_key, secret))
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    print(door.getsockname()[1], flush=True)  # read by whoever started this
    while True:
        eventlet.sleep(3600)


def use_configuration(settings: Path) -> None:
    """Point Swift, which looks into /etc at import, to our folder."""
    path = settings / "swift.conf"
    path.write_text(SWIFT_CONF)
    from swift.common.utils import config

    config.SWIFT_CONF_FILE = str(path)
    from swift.common import storage_policy, utils

    utils.SWIFT_CONF_FILE = str(path)
    storage_policy.reload_storage_policies()


def build_ring(kind: str, port: int, settings: Path) -> None:
    """One device, one copy."""
    from swift.common.ring import RingBuilder

    address = {"ip": "127.0.0.1", "port": port, "replication_ip": "127.0.0.1", "replication_port": port}
    builder = RingBuilder(4, 1, 1)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "weight": 1.0, "device": "d1", "meta": "", **address})
    builder.rebalance()
    builder.get_ring().save(str(settings / f"{kind}.ring.gz"))


def inner_server(kind: str, settings: Path, devices: Path) -> Any:
    """The WSGI application of one of the three servers behind the proxy."""
    from swift.account.server import app_factory as account
    from swift.container.server import app_factory as container
    from swift.obj.server import app_factory as objects

    factory = {"account": account, "container": container, "object": objects}[kind]
    return factory(
        {"__file__": "none"},
        swift_dir=str(settings),
        devices=str(devices),
        mount_check="false",
        disable_fallocate="true",
        fallocate_reserve="0",
        log_level="ERROR",
        **PATIENT,
    )


def proxy(settings: Path, access_key: str, secret: str) -> Any:
    """The WSGI application that speaks S3."""
    from swift.common.wsgi import loadapp

    account, _, user = access_key.partition(":")
    filters = "".join(f"[filter:{name}]\nuse = egg:swift#{name}\n" for name in PLAIN_FILTERS)
    path = settings / "proxy.conf"
    path.write_text(PROXY_CONF.format(folder=settings, account=account, user=user, secret=secret) + filters)
    return loadapp(str(path))


def serve(socket: Any, application: Any) -> None:
    """Answer on a socket in the background."""
    from swift.common.wsgi import SwiftHttpProtocol

    eventlet.spawn(
        wsgi.server,
        socket,
        application,
        logging.getLogger("swift_one"),
        protocol=SwiftHttpProtocol,
        custom_pool=GreenPool(500),
        log_output=False,
        capitalize_response_headers=False,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:4])

"""Ceph's S3 gateway with everything beneath it in memory: python radosgw_one.py FOLDER ACCESS_KEY SECRET

For Debian's packages: apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common. Starts one
monitor, one object store and the gateway as children, prints the gateway's port once it answers, and ends them with
itself. No systemd, no authentication between the parts.
"""

from __future__ import annotations

import ctypes
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path

PROGRAMS = ("radosgw", "radosgw-admin", "ceph-mon", "ceph-osd", "ceph", "monmaptool")
CEPH_CONF = """\
[global]
fsid = {fsid}
mon host = v2:127.0.0.1:{mon_port}
mon initial members = a
auth cluster required = none
auth service required = none
auth client required = none
# The gateway waits for ever for a secure connection to a monitor without authentication.
ms mon client mode = crc
ms mon cluster mode = crc
ms mon service mode = crc
ms cluster mode = crc
ms service mode = crc
ms client mode = crc
run dir = {folder}
admin socket =
log file = {folder}/$name.log
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd crush update on start = false
osd objectstore = memstore
memstore device bytes = 1073741824
mon allow pool size one = true
mon warn on pool no redundancy = false
[mon.a]
mon data = {folder}/mon.a
[osd.0]
osd data = {folder}/osd.0
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:{port}
rgw data = {folder}/rgw
"""
PATIENCE = 120.0  # seconds


def main(folder: Path, access_key: str, secret: str) -> None:
    """Serve until killed."""
    die_with_parent()
    fsid, mon_port, port = str(uuid.uuid4()), free_port(), free_port()
    for name in ("mon.a", "osd.0", "rgw"):
        (folder / name).mkdir(parents=True)
    conf = folder / "ceph.conf"
    conf.write_text(CEPH_CONF.format(fsid=fsid, mon_port=mon_port, port=port, folder=folder))
    ceph = Ceph(conf)
    monmap = folder / "monmap"
    ceph.run("monmaptool", "--create", "--addv", "a", f"[v2:127.0.0.1:{mon_port}]", "--fsid", fsid, str(monmap))
    ceph.run("ceph-mon", "--mkfs", "-i", "a", "--monmap", str(monmap))
    ceph.start("ceph-mon", "-f", "-i", "a")
    osd = str(uuid.uuid4())
    ceph.run("ceph", "osd", "new", osd)
    ceph.run("ceph", "osd", "crush", "add", "osd.0", "1.0", "root=default", "host=here")
    ceph.run("ceph-osd", "--mkfs", "-i", "0", "--osd-uuid", osd)
    ceph.start("ceph-osd", "-f", "-i", "0")
    keys = ("--access-key", access_key, "--secret", secret)
    ceph.run("radosgw-admin", "user", "create", "--uid", "tester", "--display-name", "Tester", *keys)
    ceph.start("radosgw", "-f", "-n", "client.rgw")
    wait_for(port, folder)
    print(port, flush=True)  # read by whoever started this
    ceph.wait()


class Ceph:
    """Its programs with one configuration; what was started ends with this process, also when that is killed."""

    def __init__(self, conf: Path) -> None:
        self._conf = conf
        self._running: list[subprocess.Popen[bytes]] = []
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

    def run(self, program: str, *arguments: str) -> None:
        """Run a program to its end, which has to be a good one."""
        subprocess.run(
            [program, "-c", str(self._conf), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=PATIENCE,
            preexec_fn=die_with_parent,
        )

    def start(self, program: str, *arguments: str) -> None:
        """Run a program beside this one."""
        command = [program, "-c", str(self._conf), *arguments]
        self._running.append(
            subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent)
        )

    def wait(self) -> None:
        """Until the gateway ends."""
        self._running[-1].wait()


def die_with_parent() -> None:
    """Ask Linux to kill this process when its parent dies (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def free_port() -> int:
    """A port of the system's choice. Ceph cannot choose for itself."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_for(port: int, folder: Path) -> None:
    """Until something listens there."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit(f"radosgw does not listen after {PATIENCE:.0f} s: look into the logs in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:4])

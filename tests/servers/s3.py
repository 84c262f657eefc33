"""Starting the S3-compatible servers, and a bucket in them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from fashion_gen.storage.s3 import S3Location, S3Storage
from servers.radosgw_one import PROGRAMS

HERE = Path(__file__).parent
ACCESS_KEY = "test:tester"
SECRET = "a-secret-that-nobody-may-print"
BUCKET = "looks"


@contextmanager
def swift(folder: Path) -> Iterator[S3Location]:
    """A bucket in OpenStack Swift, which the test extra brings along."""
    if importlib.util.find_spec("swift") is None:
        pytest.skip("OpenStack Swift is not installed: pip install swift")
    if not takes_attributes(folder):
        pytest.skip(f"Swift needs a file system with user attributes, which {folder} is not on")
    with launched(HERE / "swift_one.py", folder) as location:
        yield location


@contextmanager
def radosgw(folder: Path) -> Iterator[S3Location]:
    """A bucket in Ceph's gateway, where Debian's packages are installed."""
    absent = [program for program in PROGRAMS if shutil.which(program) is None]
    if absent:
        pytest.skip(f"{absent[0]} is not installed: apt-get install radosgw ceph-mon ceph-osd ceph-common")
    with launched(HERE / "radosgw_one.py", folder) as location:
        yield location


@contextmanager
def launched(script: Path, folder: Path) -> Iterator[S3Location]:
    """Start a launcher, which prints its port once it serves, and make the bucket."""
    log = folder / "log"
    command = [sys.executable, "-W", "ignore", str(script), str(folder / "data"), ACCESS_KEY, SECRET]
    with log.open("wb") as errors, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().decode().strip()
            assert port, f"{script.name} did not start: {log.read_text()}"
            location = S3Location(
                BUCKET,
                endpoint=f"http://127.0.0.1:{port}",
                access_key=SecretStr(ACCESS_KEY),
                secret_key=SecretStr(SECRET),
                read_timeout=60,  # a loaded machine is no fault
            )
            S3Storage(location).client.create_bucket(Bucket=BUCKET)
            yield location
        finally:
            process.terminate()


def takes_attributes(folder: Path) -> bool:
    """Whether files there may have user attributes (tmpfs of older kernels and some overlays refuse)."""
    probe = folder / f"probe-{uuid4().hex}"
    probe.touch()
    try:
        os.setxattr(probe, "user.probe", b"1")
    except OSError:
        return False
    finally:
        probe.unlink()
    return True

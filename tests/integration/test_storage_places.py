"""From settings to a bucket that works: wiring, `fashion-gen check`, and a seller's own bucket."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from fashion_gen import settings, wiring
from fashion_gen.cli import app
from fashion_gen.errors import InputError, SetupError
from fashion_gen.settings import StorageSettings
from fashion_gen.storage import LocalStorage, TokenPresigner, probe
from fashion_gen.storage.destination import open_destination
from fashion_gen.storage.s3 import S3Location, S3Presigner, S3Storage
from servers import s3

SHORT = timedelta(minutes=10)


def chosen(location: S3Location, **more: object) -> StorageSettings:
    given = {
        "backend": "s3",
        "bucket": location.bucket,
        "endpoint": location.endpoint,
        "access_key": location.access_key,
        "secret_key": location.secret_key,
    }
    return StorageSettings.model_validate({**given, **more})


def test_without_settings_files_lie_in_the_folder_of_results() -> None:
    storage = wiring.open_storage(StorageSettings())
    assert isinstance(storage, LocalStorage)
    assert storage.root == Path("out")


def test_settings_open_the_bucket(swift: S3Location) -> None:
    storage = wiring.open_storage(chosen(swift, prefix="/wired/looks/"))
    storage.put("a.png", b"1")
    assert S3Storage(swift).get("wired/looks/a.png") == b"1"


def test_s3_without_a_bucket_names_the_setting() -> None:
    with pytest.raises(SetupError, match="FASHION_GEN_STORAGE__BUCKET"):
        wiring.open_storage(StorageSettings(backend="s3"))


def test_links_of_a_folder_need_a_key_and_those_of_a_bucket_do_not(swift: S3Location) -> None:
    with pytest.raises(SetupError, match="FASHION_GEN_STORAGE__LINK_KEY"):
        wiring.open_presigner(StorageSettings(), portal_url="http://portal/files")
    folder = StorageSettings(link_key=SecretStr("k" * 32))
    assert isinstance(wiring.open_presigner(folder, portal_url="http://portal/files"), TokenPresigner)
    assert isinstance(wiring.open_presigner(chosen(swift), portal_url="http://portal/files"), S3Presigner)


def test_links_lead_to_the_address_that_browsers_reach(swift: S3Location) -> None:
    presigner = wiring.open_presigner(
        chosen(swift, public_endpoint="https://files.example.com"), portal_url="http://portal/files"
    )
    assert presigner.get("a.png", lifetime=SHORT).url.startswith("https://files.example.com/looks/a.png?")


def test_check_says_that_the_bucket_can_be_used(swift: S3Location, monkeypatch: pytest.MonkeyPatch) -> None:
    (finding,) = checked(swift, monkeypatch)
    assert finding["ok"]
    assert finding["told"] == "can be listed, read and written"
    assert S3Storage(swift).keys("fashion-gen-probe/") == ()


def test_check_names_the_cure_of_a_bucket_that_cannot_be_used(
    swift: S3Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    (finding,) = checked(replace(swift, secret_key=SecretStr("wrong-secret")), monkeypatch)
    assert not finding["ok"]
    assert "check the access key and the secret key" in finding["told"]


@pytest.mark.parametrize(("server", "told"), [("swift", "has no rules"), ("ceph", "forgets old photos")])
def test_migrating_gives_the_bucket_its_rules_where_its_server_has_such(
    server: str, told: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(request.getfixturevalue(server), monkeypatch)
    assert told in migrated(tmp_path, monkeypatch)


def test_migrating_goes_on_where_the_bucket_does_not_take_rules(
    swift: S3Location, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(replace(swift, secret_key=SecretStr("wrong-secret")), monkeypatch)
    output = migrated(tmp_path, monkeypatch)
    assert "only our sweep deletes them" in output
    assert "check the access key and the secret key" in output
    assert "wrong-secret" not in output


def test_migrating_says_nothing_of_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert migrated(tmp_path, monkeypatch) == "The database is up to date."


def migrated(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What `fashion-gen migrate` prints."""
    monkeypatch.setenv("FASHION_GEN_JOBS__DATABASE", f"sqlite:///{folder}/jobs.db")
    result = CliRunner().invoke(app, ["migrate"])
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def use(location: S3Location, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the settings name this bucket."""
    assert location.access_key
    assert location.secret_key
    environment = {
        "BACKEND": "s3",
        "BUCKET": location.bucket,
        "ENDPOINT": location.endpoint or "",
        "ACCESS_KEY": location.access_key.get_secret_value(),
        "SECRET_KEY": location.secret_key.get_secret_value(),
    }
    for name, value in environment.items():
        monkeypatch.setenv(f"FASHION_GEN_STORAGE__{name}", value)


def checked(location: S3Location, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What `fashion-gen check --json` finds about the bucket; no secret is in all that it prints."""
    assert location.access_key
    assert location.secret_key
    secret = location.secret_key.get_secret_value()
    use(location, monkeypatch)
    result = CliRunner().invoke(app, ["check", "--json"])
    assert secret not in result.output
    assert s3.ACCESS_KEY not in result.output
    told = json.loads(result.stdout)
    assert told["settings"]["FASHION_GEN_STORAGE__SECRET_KEY"] == "**********"
    return [finding for finding in told["findings"] if finding["what"] == "bucket looks"]


def test_settings_never_print_their_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCESS_KEY", "SECRET_KEY", "LINK_KEY"):
        monkeypatch.setenv(f"FASHION_GEN_STORAGE__{name}", "hush-hush")
    loaded = settings.load()
    assert "hush-hush" not in f"{loaded!r} {loaded} {settings.in_force(loaded)} {loaded.model_dump_json()}"


def test_boto3_is_loaded_only_for_a_bucket() -> None:
    script = (
        "import sys; from fashion_gen import wiring; from fashion_gen.settings import StorageSettings; "
        "wiring.open_storage(StorageSettings()); import fashion_gen.storage; sys.exit('boto3' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_a_sellers_own_bucket_takes_results(swift: S3Location) -> None:
    with pytest.raises(InputError, match="begins with https"):
        open_destination(swift)
    destination = open_destination(replace(swift, prefix="from-fashion-gen"), allow_private=True)
    probe(destination)
    assert destination.keys() == ()
    destination.put("job-1/look-01.png", b"1")
    assert S3Storage(swift).get("from-fashion-gen/job-1/look-01.png") == b"1"


def test_a_sellers_bucket_is_never_opened_with_our_own_keys() -> None:
    with pytest.raises(InputError, match="give the access key"):
        open_destination(S3Location("theirs"))


@pytest.mark.parametrize(
    ("endpoint", "cure"),
    [
        ("http://8.8.8.8", "begins with https"),
        ("https://127.0.0.1:9000", "public internet"),
        ("https://10.1.2.3", "public internet"),
        ("https://169.254.169.254", "public internet"),
        ("https://[::1]", "public internet"),
        ("https://[::ffff:10.1.2.3]", "public internet"),
        ("https://a..b", "check its name"),
    ],
)
def test_a_sellers_bucket_cannot_be_within_our_own_network(swift: S3Location, endpoint: str, cure: str) -> None:
    with pytest.raises(InputError, match=cure):
        open_destination(replace(swift, endpoint=endpoint))


def test_a_bucket_whose_name_stands_before_the_host_is_looked_up_with_it(swift: S3Location) -> None:
    public = replace(swift, endpoint="https://1.1", bucket="127.0")  # 1.0.0.1 in short
    assert open_destination(public)
    with pytest.raises(InputError, match="public internet"):
        open_destination(replace(public, path_style=False))  # 127.0.1.1


def test_a_public_endpoint_is_opened_without_asking_it(swift: S3Location) -> None:
    assert open_destination(replace(swift, endpoint="https://8.8.8.8")).location.bucket == "looks"

"""`fashion-gen migrate` and `fashion-gen seller`: what an operator does once, where the service is not embedded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from fashion_gen.cli import terminal
from fashion_gen.errors import BackendUnavailable

if TYPE_CHECKING:
    from fashion_gen.jobs import Store

SCOPES = ("read", "write", "admin")  #: everything that a key may be allowed
EXAMPLES = """Examples:

fashion-gen migrate

fashion-gen seller "Ada's shirts" """


def migrate() -> None:
    """Bring the service's database up to date. Harmless when it is; several at once wait for each other."""
    from fashion_gen import settings

    try:
        from fashion_gen import jobs
    except ModuleNotFoundError as exc:
        raise BackendUnavailable(f"{exc.name} is missing: pip install 'fashion-gen[service]'.") from exc
    jobs.migrate(settings.load().jobs.database.get_secret_value())
    terminal.say("The database is up to date.")


def seller(name: Annotated[str, typer.Argument(metavar="NAME", help="The seller's name.")]) -> None:
    """Open an account for a seller and print its first API key, which is shown this once."""
    from fashion_gen import wiring

    with wiring.open_store() as store:
        seller_id, token = open_account(store, name)
    terminal.say(f"Seller {seller_id}. API key, shown this once: {token}")


def open_account(store: Store, name: str) -> tuple[str, str]:
    """Add a seller; return its id and the token of its first key."""
    account = store.sellers.add(name)
    return account.id, store.keys.issue(account.id, "first key", scopes=SCOPES).token

"""`fashion-gen migrate` and `fashion-gen seller`: what an operator does once, where the service is not embedded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from fashion_gen.cli import terminal
from fashion_gen.errors import BackendUnavailable, SetupError

if TYPE_CHECKING:
    from fashion_gen.jobs import Store
    from fashion_gen.settings import Settings

SCOPES = ("read", "write", "admin")  #: everything that a key may be allowed
_RULES = "The bucket forgets old photos and unfinished uploads by itself."
_NO_RULES = "The bucket's server has no rules for old photos: our sweep deletes them."
EXAMPLES = """Examples:

fashion-gen migrate

fashion-gen seller "Ada's shirts" """


def migrate() -> None:
    """Bring the service's database up to date, and the rules by which its bucket forgets old photos.

    Harmless when they are; several at once wait for each other.
    """
    from fashion_gen import settings

    bring_up_to_date(settings.load())
    terminal.say("The database is up to date.")


def bring_up_to_date(chosen: Settings) -> None:
    """As `migrate`. A bucket without rules of its own is no error: the sweep of the io worker deletes what is old.

    Raises:
        BackendUnavailable: the service is not installed.
        DatabaseUnavailable: the database does not answer.
    """
    try:
        from fashion_gen import jobs
    except ModuleNotFoundError as exc:
        raise BackendUnavailable(f"{exc.name} is missing: pip install 'fashion-gen[service]'.") from exc
    from fashion_gen import wiring

    jobs.migrate(chosen.jobs.database.get_secret_value())
    try:
        kept = wiring.set_lifecycle(chosen.storage)
    except SetupError as exc:
        terminal.tell(f"The bucket's own rules for old photos were not set, so only our sweep deletes them. {exc}")
    else:
        if kept is not None:
            terminal.say(_RULES if kept else _NO_RULES)


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

"""`fashion-gen destination`: a seller's own bucket, set by the operator. The API has the same for sellers (/v1/destination)."""

from __future__ import annotations

from typing import Annotated

import typer
from pydantic import SecretStr

from fashion_gen.cli import terminal

EXAMPLES = """Examples:

fashion-gen destination set sel_0199f3c2... shop-looks --endpoint https://s3.example.com --prefix fashion-gen

fashion-gen destination show sel_0199f3c2...

fashion-gen destination remove sel_0199f3c2..."""

app = typer.Typer(help="A seller's own bucket, which looks that pass are copied to.", no_args_is_help=True)

Seller = Annotated[str, typer.Argument(metavar="SELLER", help="The seller's id.")]


@app.command("set")
def put(
    seller: Seller,
    bucket: Annotated[str, typer.Argument(metavar="BUCKET", help="Its name.")],
    endpoint: Annotated[str | None, typer.Option(help="Address of the S3 server; Amazon's without it.")] = None,
    region: Annotated[str, typer.Option(help="Region of the bucket.")] = "us-east-1",
    prefix: Annotated[str, typer.Option(help="What every key begins with.")] = "",
    path_style: Annotated[
        bool, typer.Option("--path-style/--host-style", help="Address it as host/bucket, or as bucket.host.")
    ] = True,
) -> None:
    """Try a bucket and have looks that pass copied there. Asks for its keys: a command line is seen by others."""
    from fashion_gen import wiring

    access_key = SecretStr(typer.prompt("Access key"))
    secret_key = SecretStr(typer.prompt("Secret key", hide_input=True))
    buckets = wiring.open_buckets()  # tells first what is not installed
    from fashion_gen.jobs.destinations import Place

    with wiring.open_store() as store:
        store.sellers.get(seller)
        place = Place(bucket, endpoint, region, prefix, path_style)
        standing = store.destinations.set(seller, place, buckets.admit(place, access_key, secret_key))
        store.audit.note(seller, "operator", "destination.set", standing.destination.id)
    terminal.say(f"Looks of {seller} that pass are copied to {bucket} from now on.")


@app.command()
def show(seller: Seller) -> None:
    """Show the bucket and how far it has come."""
    from fashion_gen import wiring

    with wiring.open_store() as store:
        standing = store.destinations.get(seller)
    row = standing.destination
    place = f"{row.bucket}/{row.prefix}".rstrip("/") + (f" at {row.endpoint}" if row.endpoint else "")
    last = f"{row.copied_at:%Y-%m-%d %H:%M} UTC" if row.copied_at else "none yet"
    terminal.say(f"{place}: {standing.waiting} looks wait; the last one arrived: {last}.")
    if row.reason:
        terminal.say(f"{row.failures} attempts failed, next one at {row.available_at:%H:%M} UTC: {row.reason}")


@app.command()
def remove(seller: Seller) -> None:
    """Copy nothing more and forget the keys; what was copied stays in the bucket."""
    from fashion_gen import wiring

    with wiring.open_store() as store:
        store.destinations.remove(seller)
        store.audit.note(seller, "operator", "destination.remove", seller)
    terminal.say(f"Nothing more is copied for {seller}.")

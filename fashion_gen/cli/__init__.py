"""The command line. A file per command; `app` puts them together."""

from fashion_gen.cli.app import app, main

__all__ = ["app", "main"]

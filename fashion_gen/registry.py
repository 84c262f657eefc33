"""Names to back-ends: `name -> "module:Class"`, imported only when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from fashion_gen.errors import BackendUnavailable, NotFound


def resolve(noun: str, name: str, known: Mapping[str, str]) -> Any:
    """Import and return what `known[name]` points at ("package.module:Attribute").

    Raises:
        NotFound: `name` is not in `known`.
        BackendUnavailable: the module needs a library that is not installed.
    """
    if name not in known:
        raise NotFound(noun, name, known)
    module, _, attribute = known[name].partition(":")
    try:
        return getattr(import_module(module), attribute)
    except ModuleNotFoundError as exc:
        if exc.name is None or exc.name.startswith("fashion_gen"):
            raise
        raise BackendUnavailable(f'The {noun} "{name}" needs the package {exc.name}: pip install {exc.name}.') from exc

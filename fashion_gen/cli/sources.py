"""Which photos a command is given: files by name, and the photos in folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from fashion_gen.cli import terminal
from fashion_gen.errors import UnreadablePhoto

#: How photos end; what ends otherwise in a folder is no photo. A file that is given by name is tried whatever its end.
ENDINGS = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".avif", ".heic", ".heif", ".tif", ".tiff"})
MOST_NAMED = 3


def photos_in(paths: Sequence[Path], *, leave: Callable[[Path], bool] = lambda _path: False) -> list[Path]:
    """The paths with folders expanded to the photos in them, sorted; what is skipped there is told, hidden files are not.

    `leave` says which files of a folder are not meant, e.g. the sheet of an earlier run.

    Raises UnreadablePhoto: a folder cannot be read or holds no photo.
    """
    return [photo for path in paths for photo in (_inside(path, leave) if path.is_dir() else [path])]


def _inside(folder: Path, leave: Callable[[Path], bool]) -> list[Path]:
    try:
        entries = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as exc:
        raise UnreadablePhoto(f"{folder} cannot be read ({exc.strerror}): check its permissions.") from exc
    found = [path for path in entries if path.suffix.lower() in ENDINGS and not path.is_dir() and not leave(path)]
    _tell_skipped(folder, [path.name for path in entries if path not in found and not leave(path)])
    if not found:
        raise UnreadablePhoto(
            f"There are no photos in the folder {folder}: give one that holds JPEG, PNG or WebP files."
        )
    return found


def _tell_skipped(folder: Path, names: Sequence[str]) -> None:
    if names:
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        are = "which are no photos" if len(names) > 1 else "which is no photo"
        terminal.tell(f"{folder}: skipped {', '.join(names[:MOST_NAMED])}{more}, {are}.")

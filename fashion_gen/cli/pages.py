"""The pages of a preflight sheet as files: drawn photo by photo, written page by page."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image

from fashion_gen import images
from fashion_gen.cli.check import output_folder
from fashion_gen.errors import InvalidBrief, StorageUnavailable
from fashion_gen.sheets import preflight_sheet
from fashion_gen.sheets.preflight_sheet import Seen

FORMATS = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png", ".webp": "webp"}
QUALITY = 90


class Pages:
    """Writes FILE.jpg, or FILE-01.jpg, FILE-02.jpg ... where the photos take several pages."""

    def __init__(self, file: Path) -> None:
        """Raises InvalidBrief: the name does not end as a picture. StorageUnavailable: its folder cannot be written."""
        if file.suffix.lower() not in FORMATS:
            raise InvalidBrief(f"A sheet cannot be written as {file.name}: let its name end with .jpg, .png or .webp.")
        finding = output_folder(file.parent)
        if not finding.ok:
            raise StorageUnavailable(finding.told)
        self._file = file
        self._photos = 1
        self._done = 0
        self._panels: list[Image.Image] = []
        self._parts: dict[str, None] = {}  # an ordered set
        self.written: list[Path] = []

    def is_page(self, path: Path) -> bool:
        """Whether a file is, or would be, a page of this sheet."""
        name = rf"{re.escape(self._file.stem)}(-\d{{2,}})?{re.escape(self._file.suffix)}"
        return path.parent.resolve() == self._file.parent.resolve() and re.fullmatch(name, path.name) is not None

    def expect(self, photos: int) -> None:
        """Say how many photos come, before the first of them."""
        self._photos = photos

    def add(self, seen: Seen) -> Path:
        """Draw one photo, write the page that it fills, and return that page's path."""
        page = self._page(self._done // preflight_sheet.MOST_PANELS + 1)
        self._panels.append(preflight_sheet.panel(seen))
        self._parts |= dict.fromkeys(seen.parts)
        self._done += 1
        if len(self._panels) == preflight_sheet.MOST_PANELS or self._done == self._photos:
            self._write(page)
        return page

    def _page(self, number: int) -> Path:
        if preflight_sheet.pages(self._photos) == 1:
            return self._file
        return self._file.with_name(f"{self._file.stem}-{number:02d}{self._file.suffix}")

    def _write(self, page: Path) -> None:
        first = self._done - len(self._panels) + 1
        sheet = preflight_sheet.draw(self._panels, first=first, of=self._photos, parts=self._parts)
        try:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_bytes(images.encode(sheet, FORMATS[page.suffix.lower()], quality=QUALITY))
        except OSError as exc:
            raise StorageUnavailable(f"{page} cannot be written ({exc.strerror}): give another --sheet.") from exc
        self.written.append(page)
        self._panels.clear()
        self._parts.clear()

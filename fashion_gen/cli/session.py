"""One run of `fashion-gen render`: photos one after the other, each opened, dressed and written."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from fashion_gen import album, images
from fashion_gen.cli.interrupt import uninterrupted
from fashion_gen.cli.reports import Report
from fashion_gen.errors import FashionGenError, SetupError
from fashion_gen.records import Brief, Mask, Stroke
from fashion_gen.storage import Storage
from fashion_gen.studio import Studio

INTERRUPTED = 130


class Session:
    """Renders photos with one brief. A photo that is at fault does not stop the others; a broken set-up does."""

    def __init__(
        self,
        brief: Brief,
        storage: Storage,
        *,
        open_studio: Callable[[], Studio],
        report: Report,
        mask: Mask | None = None,
        strokes: Sequence[Stroke] = (),
    ) -> None:
        self._brief = brief
        self._storage = storage
        self._open_studio = open_studio
        self._report = report
        self._mask = mask
        self._strokes = strokes
        self._studio: Studio | None = None
        self._taken: list[str] = []

    def run(self, sources: Sequence[Path]) -> int:
        """Return the exit code: that of the worst that happened to a photo.

        Raises SetupError: no other photo would fare better.
        """
        worst = 0
        try:
            for source in sources:
                worst = max(worst, self._tried(source))
        except KeyboardInterrupt:
            worst = INTERRUPTED
            self._report.stopped(len(self._taken), len(sources))
        finally:
            self._report.finished()
            if self._studio is not None:
                self._studio.__exit__(None, None, None)
        return worst

    def _tried(self, source: Path) -> int:
        try:
            return self._rendered(source)
        except SetupError:
            raise
        except FashionGenError as exc:
            self._report.failed(source, exc)
            return exc.exit_code

    def _rendered(self, source: Path) -> int:
        """Return 0, or 1 where a look failed its checks."""
        start = time.perf_counter()
        photo = images.open_photo(source)
        with self._report.working(photo.name) as progress:
            studio, load_seconds = self._opened(progress)
            progress("garment", 0, 1)
            extracting = time.perf_counter()
            worn = studio.extract(photo, self._brief, mask=self._mask, strokes=self._strokes)
            garment_seconds = time.perf_counter() - extracting
            looks = studio.dress(worn, self._brief, progress=progress)
            progress("write", 0, 1)
            seconds = {"load": load_seconds, "garment": garment_seconds, "total": time.perf_counter() - start}
            with uninterrupted():
                place = album.place_for(self._storage, photo.name, photo.sha256, self._taken)
                result = album.write(
                    self._storage,
                    worn,
                    looks,
                    self._brief,
                    seconds=seconds,
                    folder=place,
                    version=studio.parts.version,
                )
                self._taken.append(place)
        self._report.rendered(source, place, worn, looks, result)
        return 0 if all(look.inspection.passed for look in looks) else 1

    def _opened(self, progress: Callable[[str, int, int], None]) -> tuple[Studio, float]:
        """The studio, and the seconds that opening it took now: weights are loaded for the first photo."""
        if self._studio is not None:
            return self._studio, 0.0
        progress("load", 0, 1)
        start = time.perf_counter()
        self._studio = self._open_studio()
        return self._studio, time.perf_counter() - start

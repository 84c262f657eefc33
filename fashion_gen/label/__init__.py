"""The marks that say what a picture is: written into every file, read back from any file."""

from fashion_gen.label.reading import LabelReport, read, verify
from fashion_gen.label.writing import Mark, SourceType, encode, packet, pixels_digest

__all__ = ["LabelReport", "Mark", "SourceType", "encode", "packet", "pixels_digest", "read", "verify"]

"""Reading labels back, from files of ours and of anybody."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from PIL import ExifTags, Image

from fashion_gen import images
from fashion_gen.label import aigc
from fashion_gen.label.writing import DIGEST_PREFIX, NS_AIGC, NS_IPTC_EXT, NS_RDF, NS_XMP, SourceType, pixels_digest
from fashion_gen.records import Problem

MAX_PACKET = 64 * 1024

# The wrapper is there so that scanners find packets in files of any structure (ISO 16684-1, 7.3.2): also a second one.
_WRAPPER = b"<?xpacket begin="
_OURS = tuple(kind.uri for kind in SourceType)


@dataclass(frozen=True, slots=True)
class LabelReport:
    """What a file says about itself, and what is wrong with that."""

    xmp: bool  #: a readable XMP packet is there
    source_type: str | None = None  #: the IPTC digital source type, a URI
    aigc: Mapping[str, str] | None = None  #: the seven fields of the AIGC label
    producer: str | None = None  #: the tool that says it made the file
    pixels_intact: bool | None = None  #: None: not checked, or the label holds no digest
    problems: tuple[Problem, ...] = ()

    @property
    def labelled(self) -> bool:
        """Whether the file says, in both vocabularies, that it was generated."""
        return self.source_type in _OURS and self.aigc is not None

    @property
    def intact(self) -> bool:
        """Whether the file is labelled as we label and nothing speaks against it."""
        return self.labelled and self.pixels_intact is True and not self.problems


def read(data: bytes) -> LabelReport:
    """Read the labels of a picture file.

    Raises UnreadablePhoto (or PhotoTooLarge) where the bytes are not a picture; anything wrong with the labels
    themselves is a problem in the report.
    """
    with images.opened(data, "The picture") as image:
        if image.format == "PNG":
            image.load()  # Other tools append their chunks behind the pixels.
        packet = _packet(image)
        elsewhere = tuple(_labels_outside_xmp(image))
    if packet is None and not elsewhere:
        return LabelReport(False, problems=(_NO_LABEL,))
    root = None if packet is None else _parse(packet)
    problems = [] if packet is None or root is not None else [_BROKEN_PACKET]
    labels = (*_values(root, NS_AIGC, "AIGC"), *elsewhere)
    fields = aigc.parse(labels[0]) if labels else None
    problems += _label_problems(labels, fields)
    problems += [_SEVERAL_PACKETS] if data.count(_WRAPPER) > 1 else []
    source_types = _values(root, NS_IPTC_EXT, "DigitalSourceType")
    problems += [] if source_types and source_types[0] in _OURS else [_NO_SOURCE_TYPE]
    return LabelReport(
        xmp=root is not None,
        source_type=source_types[0] if source_types else None,
        aigc=fields,
        producer=next(iter(_values(root, NS_XMP, "CreatorTool")), None),
        problems=tuple(problems),
    )


def verify(data: bytes) -> LabelReport:
    """Read the labels and compare the pixels with the digest in them. Raises as `read` does.

    A metadata label can be written by anybody: it shows that pixels were changed, not who made them. For JPEG, WebP and
    AVIF the digest is of the pixels as our own decoder reads them.
    """
    report = read(data)
    code = "" if report.aigc is None else report.aigc["ReservedCode1"]
    if not code.startswith(DIGEST_PREFIX):
        return report
    intact = pixels_digest(images.decode(data)) == code.removeprefix(DIGEST_PREFIX)
    problems = report.problems if intact else (*report.problems, _PIXELS_CHANGED)
    return replace(report, pixels_intact=intact, problems=problems)


def _packet(image: Image.Image) -> bytes | None:
    xmp = image.info.get("xmp")
    return xmp.encode() if isinstance(xmp, str) else xmp


def _labels_outside_xmp(image: Image.Image) -> Iterator[str]:
    """Yield AIGC labels in the two other places that GB 45438 annex B names, without their `{"AIGC": ...}` wrapper."""
    comment = image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment, b"")
    raw = comment.encode() if isinstance(comment, str) else bytes(comment)
    for text in (image.info.get("AIGC"), raw.replace(b"\0", b"").decode("utf-8", "ignore")):
        if isinstance(text, str) and (start := text.find("{")) >= 0 and '"Label"' in text:
            inner = re.fullmatch(r'\{\s*"AIGC"\s*:\s*(\{.*\})\s*\}\s*', text[start:], re.DOTALL)
            yield inner[1] if inner else text[start:]


def _parse(packet: bytes) -> Element | None:
    if len(packet) > MAX_PACKET:
        return None
    try:
        root: Any = ElementTree.fromstring(packet.strip(b"\0 \r\n\t"), forbid_dtd=True)
    except (ParseError, ValueError, LookupError):  # defusedxml's refusals are ValueErrors
        return None
    return root  # type: ignore[no-any-return]


def _values(root: Element | None, namespace: str, name: str) -> tuple[str, ...]:
    """Every value of a property, whether it was written as an element, a reference or an attribute."""
    tag = f"{{{namespace}}}{name}"
    found: list[str] = []
    for element in () if root is None else root.iter():
        if tag in element.attrib:
            found.append(element.attrib[tag])
        if element.tag == tag:
            found.append(element.get(f"{{{NS_RDF}}}resource") or (element.text or "").strip())
    return tuple(found)


def _label_problems(labels: tuple[str, ...], fields: Mapping[str, str] | None) -> list[Problem]:
    if not labels:
        return [_NO_AIGC]
    problems = [_DUPLICATE_AIGC] if len(labels) > 1 else []
    return problems if fields else [*problems, _BROKEN_AIGC]


_RENDER = "Use the file as it was rendered."
_NO_LABEL = Problem(
    "no_label", "The file carries no label.", "Use the file as it was rendered: resizing tools drop labels."
)
_NO_AIGC = Problem("no_aigc", "The AIGC label is missing.", _RENDER)
_NO_SOURCE_TYPE = Problem("no_source_type", "No IPTC digital source type says that it was generated.", _RENDER)
_BROKEN_AIGC = Problem("broken_aigc", "The AIGC label is not the seven strings that GB 45438 asks for.", _RENDER)
_DUPLICATE_AIGC = Problem("duplicate_aigc", "The file carries several AIGC labels, one is allowed.", _RENDER)
_BROKEN_PACKET = Problem("broken_xmp", "The XMP packet is broken, over 64 kB or holds a DTD.", _RENDER)
_SEVERAL_PACKETS = Problem("several_xmp", "The file carries several XMP packets.", _RENDER)
_PIXELS_CHANGED = Problem("pixels_changed", "The pixels were changed after the file was labelled.", _RENDER)

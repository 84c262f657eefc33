"""Writing the label: an XMP packet (ISO 16684-1) inside the picture."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from fashion_gen import images
from fashion_gen.label import aigc

NS_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
NS_XMP = "http://ns.adobe.com/xap/1.0/"
NS_IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
NS_AIGC = "http://www.tc260.org.cn/ns/AIGC/1.0/"

SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
DIGEST_PREFIX = "pixels-sha256:"


class SourceType(StrEnum):
    """IPTC digital source types of a generated picture (cv.iptc.org/newscodes/digitalsourcetype).

    A true garment on a generated person is a composite by IPTC's definition, but Google Merchant Center takes only
    `trainedAlgorithmicMedia` ("all AI-generated images must contain" it), so that is what XMP says by default.
    """

    TRAINED = "trainedAlgorithmicMedia"
    COMPOSITE = "compositeWithTrainedAlgorithmicMedia"

    @property
    def uri(self) -> str:
        return SOURCE_TYPES + self.value


@dataclass(frozen=True, slots=True)
class Mark:
    """What a label says. The same mark on the same pixels gives the same bytes."""

    look_id: str  #: unique id of the look: ASCII without spaces, quotes and backslashes
    produced_by: str = (
        "fashion-gen"  #: code of the producer, e.g. the 27 characters of TC260-PG-20252A; same characters
    )
    tool: str = "fashion-gen"
    version: str = ""
    source_type: SourceType = SourceType.TRAINED
    created: datetime | None = None  #: left out by default, so that a repeated brief repeats its bytes


def encode(pixels: NDArray[np.uint8], format: str, *, mark: Mark, quality: int = 95) -> bytes:
    """Write pixels as `images.encode` does, with the label inside.

    The label holds a digest of the pixels as they are read back, so that `verify` can tell whether they were changed.
    """
    stored = pixels
    if format != "png":  # The digest must be in the file before it is written: encoding twice gives the same pixels.
        stored = images.decode(images.encode(pixels, format, quality=quality))
    return images.encode(pixels, format, quality=quality, xmp=packet(mark, digest=pixels_digest(stored)))


def pixels_digest(pixels: NDArray[np.uint8]) -> str:
    """SHA-256 of the shape and the values of (H, W[, C]) uint8 pixels, as 64 hexadecimal digits."""
    shape = "x".join(map(str, pixels.shape))
    return hashlib.sha256(shape.encode() + b":" + np.ascontiguousarray(pixels).tobytes()).hexdigest()


def packet(mark: Mark, *, digest: str = "") -> bytes:
    """Return an XMP packet in UTF-8: IPTC source type and AI system, creator tool, AIGC label with the digest.

    Raises SetupError where `mark.produced_by` or `mark.look_id` holds characters that the AIGC label does not allow.
    """
    label = aigc.write(mark.produced_by, mark.look_id, DIGEST_PREFIX + digest if digest else "")
    properties = {
        "xmp:CreatorTool": f"{mark.tool} {mark.version}".strip(),
        "xmp:CreateDate": mark.created.isoformat() if mark.created else "",
        "Iptc4xmpExt:DigitalSourceType": mark.source_type.uri,
        "Iptc4xmpExt:AISystemUsed": mark.tool,
        "Iptc4xmpExt:AISystemVersionUsed": mark.version,
        "TC260:AIGC": label,
    }
    lines = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in properties.items() if value)
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF xmlns:rdf="{NS_RDF}"><rdf:Description rdf:about="" xmlns:xmp="{NS_XMP}"'
        f' xmlns:Iptc4xmpExt="{NS_IPTC_EXT}" xmlns:TC260="{NS_AIGC}">{lines}</rdf:Description></rdf:RDF></x:xmpmeta>'
        '<?xpacket end="w"?>'
    ).encode()

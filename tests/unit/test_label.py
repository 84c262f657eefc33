"""Labels: what is written, what is read back, and what is noticed."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, PngImagePlugin

from fashion_gen import images, label
from fashion_gen.errors import InputError, SetupError, UnreadablePhoto
from fashion_gen.label import aigc
from fashion_gen.label.reading import MAX_PACKET

PIXELS = np.random.default_rng(3).integers(0, 256, (64, 48, 3), dtype=np.uint8)
MARK = label.Mark("4f1c-0001", produced_by="001191110102MAD55U9H0F10002", version="0.1.0")
PACKET = label.packet(MARK)


def codes(report: label.LabelReport) -> set[str]:
    return {problem.code for problem in report.problems}


def png(xmp: bytes | None = None, texts: dict[str, str] | None = None) -> bytes:
    """A PNG with any packet and any text chunks."""
    info = PngImagePlugin.PngInfo()
    if xmp is not None:
        info.add_itxt("XML:com.adobe.xmp", xmp.decode())
    for key, text in (texts or {}).items():
        info.add_text(key, text)
    out = io.BytesIO()
    Image.fromarray(PIXELS).save(out, "PNG", pnginfo=info)
    return out.getvalue()


@pytest.mark.parametrize("format", images.SUFFIXES)
@pytest.mark.parametrize("quality", [75, 95])
def test_a_written_label_is_read_back_and_intact(format: str, quality: int) -> None:
    data = label.encode(PIXELS, format, mark=MARK, quality=quality)
    report = label.verify(data)
    assert report.intact
    assert report.problems == ()
    assert report.xmp
    assert report.source_type == "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    assert report.producer == "fashion-gen 0.1.0"
    assert report.aigc is not None
    assert tuple(report.aigc) == aigc.FIELDS
    assert report.aigc["Label"] == "1"
    assert report.aigc["ProduceID"] == report.aigc["PropagateID"] == "4f1c-0001"
    assert report.aigc["ContentProducer"] == report.aigc["ContentPropagator"] == MARK.produced_by
    assert b"TC260:AIGC" in data
    assert b"rainedAlgorithmicMedia" in data


@pytest.mark.parametrize("format", images.SUFFIXES)
def test_labels_do_not_change_the_pixels_and_repeat_their_bytes(format: str) -> None:
    labelled = label.encode(PIXELS, format, mark=MARK)
    assert np.array_equal(images.decode(labelled), images.decode(images.encode(PIXELS, format)))
    assert labelled == label.encode(PIXELS.copy(), format, mark=MARK)


@pytest.mark.parametrize("format", images.SUFFIXES)
def test_changed_pixels_under_an_old_label_are_noticed(format: str) -> None:
    labelled = label.encode(PIXELS, format, mark=MARK)
    with Image.open(io.BytesIO(labelled)) as image:
        image.load()
        packet = image.info["xmp"]
    changed = PIXELS.copy()
    changed[:8, :8] ^= 255
    report = label.verify(images.encode(changed, format, xmp=packet))
    assert report.pixels_intact is False
    assert codes(report) == {"pixels_changed"}
    assert report.labelled
    assert not report.intact


def test_reading_alone_does_not_judge_the_pixels() -> None:
    report = label.read(label.encode(PIXELS, "png", mark=MARK))
    assert report.pixels_intact is None
    assert report.labelled
    assert not report.intact


def test_a_label_without_digest_leaves_the_pixels_unjudged() -> None:
    assert label.verify(png(PACKET)).pixels_intact is None


def test_an_unlabelled_file_says_so() -> None:
    report = label.verify(images.encode(PIXELS, "jpeg"))
    assert not report.xmp
    assert codes(report) == {"no_label"}


def test_resaving_elsewhere_loses_the_label_and_is_noticed() -> None:
    with Image.open(io.BytesIO(label.encode(PIXELS, "jpeg", mark=MARK))) as image:
        out = io.BytesIO()
        image.resize((24, 32)).save(out, "PNG")
    assert codes(label.verify(out.getvalue())) == {"no_label"}


def test_the_composite_source_type_and_a_date_can_be_asked_for() -> None:
    when = datetime(2026, 11, 22, 9, tzinfo=UTC)
    mark = label.Mark("x", source_type=label.SourceType.COMPOSITE, created=when)
    data = label.encode(PIXELS, "png", mark=mark)
    assert label.verify(data).intact
    assert str(label.read(data).source_type).endswith("compositeWithTrainedAlgorithmicMedia")
    assert b"<xmp:CreateDate>2026-11-22T09:00:00+00:00<" in data


@pytest.mark.parametrize("bad", ["with space", 'quo"te', "back\\slash", "服装厂", "bell\a"])
def test_values_outside_the_standards_charset_are_refused(bad: str) -> None:
    with pytest.raises(SetupError, match="use a code instead of a name"):
        label.packet(label.Mark("x", produced_by=bad))
    with pytest.raises(SetupError, match="ProduceID"):
        label.packet(label.Mark(bad))


def test_other_texts_of_a_mark_are_escaped() -> None:
    data = png(label.packet(label.Mark("<&>", tool="A&B <tool>")))
    report = label.read(data)
    assert report.producer == "A&B <tool>"
    assert report.aigc is not None
    assert report.aigc["ProduceID"] == "<&>"


def test_two_labels_in_one_packet_are_reported() -> None:
    tag = PACKET[PACKET.index(b"<TC260:AIGC>") : PACKET.index(b"</TC260:AIGC>")] + b"</TC260:AIGC>"
    assert codes(label.read(png(PACKET.replace(tag, tag + tag)))) == {"duplicate_aigc"}


def test_a_second_label_in_a_text_chunk_or_exif_is_reported() -> None:
    text = json.dumps({"AIGC": json.loads(aigc.write("me", "1"))})
    assert codes(label.read(png(PACKET, {"AIGC": text}))) == {"duplicate_aigc"}
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = b"ASCII\0\0\0" + text.encode()
    out = io.BytesIO()
    Image.fromarray(PIXELS).save(out, "JPEG", xmp=PACKET, exif=exif)
    assert codes(label.read(out.getvalue())) == {"duplicate_aigc"}


def test_a_label_of_another_maker_outside_xmp_is_read() -> None:
    report = label.read(png(texts={"AIGC": aigc.write("other", "7")}))
    assert report.aigc is not None
    assert report.aigc["ContentProducer"] == "other"
    assert codes(report) == {"no_source_type"}
    assert not report.xmp


def test_a_label_behind_the_pixels_is_found() -> None:
    data = png(PACKET)
    start = data.index(b"iTXt") - 4
    length = int.from_bytes(data[start : start + 4], "big") + 12
    chunk = data[start : start + length]
    moved = data.replace(chunk, b"")
    end = moved.index(b"IEND") - 4
    assert label.read(moved[:end] + chunk + moved[end:]).labelled


def test_two_packets_are_reported() -> None:
    assert "several_xmp" in codes(label.read(png(PACKET) + PACKET))


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[" * 5000,
        "[1]",
        '{"Label":"1"}',
        aigc.write("a", "b").replace('"1"', "1", 1),
        aigc.write("a", "b").replace("a", "a b"),
        json.dumps(dict(reversed(json.loads(aigc.write("a", "b")).items()))),
    ],
)
def test_labels_that_the_standard_does_not_know_are_reported(text: str) -> None:
    tag = PACKET[PACKET.index(b"<TC260:AIGC>") + 12 : PACKET.index(b"</TC260:AIGC>")]
    report = label.read(png(PACKET.replace(tag, text.encode())))
    assert codes(report) == {"broken_aigc"}
    assert report.aigc is None
    assert not report.labelled


def test_missing_parts_of_the_label_are_reported() -> None:
    bare = PACKET.replace(b"TC260:AIGC", b"TC260:Other").replace(b"DigitalSourceType>", b"Other>")
    assert codes(label.read(png(bare))) == {"no_aigc", "no_source_type"}
    camera = PACKET.replace(b"trainedAlgorithmicMedia", b"digitalCapture")
    assert codes(label.read(png(camera))) == {"no_source_type"}


def test_properties_written_as_attributes_or_references_are_read() -> None:
    packet = PACKET.replace(
        b"<Iptc4xmpExt:DigitalSourceType>"
        + label.SourceType.TRAINED.uri.encode()
        + b"</Iptc4xmpExt:DigitalSourceType>",
        b'<Iptc4xmpExt:DigitalSourceType rdf:resource="' + label.SourceType.TRAINED.uri.encode() + b'"/>',
    ).replace(b'rdf:about=""', b'rdf:about="" xmp:CreatorTool="Camera"', 1)
    report = label.read(png(packet))
    assert report.source_type == label.SourceType.TRAINED.uri
    assert report.producer == "Camera"


ENTITY = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    "packet",
    [
        ENTITY + b'<x:xmpmeta xmlns:x="adobe:ns:meta/">&a;&b;</x:xmpmeta>',
        b"<x:xmpmeta>",
        b"junk",
        b"<a>" * 20_000,
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        PACKET + b" " * MAX_PACKET,
    ],
)
def test_hostile_and_broken_packets_are_not_read(packet: bytes) -> None:
    report = label.read(png(packet))
    assert "broken_xmp" in codes(report)
    assert not report.xmp
    assert report.source_type is None


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_are_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadablePhoto):
        label.read(data)


LABELLED = {format: label.encode(PIXELS, format, mark=MARK) for format in images.SUFFIXES}


@settings(max_examples=250, deadline=None)
@given(
    format=st.sampled_from(sorted(LABELLED)),
    edits=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=6)), min_size=1, max_size=5),
    keep=st.floats(0.2, 1),
)
def test_damaged_files_are_read_or_refused(format: str, edits: list[tuple[float, bytes]], keep: float) -> None:
    data = bytearray(LABELLED[format])
    for at, junk in edits:
        start = int(at * len(data))
        data[start : start + len(junk)] = junk
    with suppress(InputError):
        label.verify(bytes(data[: int(len(data) * keep**0.2)]))


@settings(max_examples=100, deadline=None)
@given(text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=300))
def test_any_text_as_packet_is_read(text: str) -> None:
    assert not label.read(png(text.encode() or b" ")).labelled

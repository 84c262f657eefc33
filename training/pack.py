"""Pack what the people renderer needs from the CC0 body data into one file.

    python -m training.pack [SOURCE] [TARGET]      default: ../shared/body -> training/.cache/body.npz

The source is MakeHuman's hm08 base mesh with its targets, rig, hair and skins (all CC0, see its MANIFEST.csv). Everything becomes
plain arrays in centimetres (X to the wearer's left, which is the viewer's right, Y up, Z to the front), so that the
machine that renders needs numpy only. `load` gives a frozen value; nothing happens on import.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training import subdivide

SOURCE = Path(__file__).resolve().parents[2] / "shared" / "body"
TARGET = Path(__file__).resolve().parent / ".cache" / "body.npz"

CM = 10.0  # the source is in decimetres
TARGET_UNIT = 1e-3  # targets are stored as int16 thousandths of a decimetre
TEXTURE_SIDE = 512
SKIN_SIDE = 768
HAIR = ("afro01", "bob01", "bob02", "braid01", "long01", "ponytail01", "short01", "short02", "short03", "short04")
BROWS = ("eyebrow001", "eyebrow006", "eyebrow009")
SHOES = ("shoes02", "shoes04")
EYES = ("brownlight", "green", "blue", "grey", "bluegreen", "lightblue")
DETAIL_FOLDERS = [
    "cheek",
    "chin",
    "ears",
    "eyebrows",
    "eyes",
    "forehead",
    "head",
    "mouth",
    "neck",
    "nose",
    "stomach",
    "torso",
    "hip",
    "buttocks",
    "legs",
    "arms",
    "hands",
    "feet",
    "pelvis",
]
EXPRESSIONS = [
    "mouth-corner-puller",
    "mouth-part-later",
    "mouth-elevation",
    "mouth-compression",
    "mouth-retraction",
    "eyebrows-left-up",
    "eyebrows-right-up",
    "eyebrows-left-down",
    "eyebrows-right-down",
    "eye-left-slit",
    "eye-right-slit",
    "eye-left-opened-up",
    "eye-right-opened-up",
]
SKIN_FILES = {
    "young-f-1": "young_lightskinned_female_diffuse2.jpg",
    "young-f-2": "young_lightskinned_female_diffuse3.jpg",
    "young-m-1": "young_lightskinned_male_diffuse.jpg",
    "young-m-2": "young_lightskinned_male_diffuse2.jpg",
    "young-m-3": "young_lightskinned_male_diffuse3.jpg",
    "middle-f-1": "middleage_lightskinned_female_diffuse2.jpg",
    "middle-m-1": "middleage_lightskinned_male_diffuse.jpg",
    "middle-m-2": "middleage_lightskinned_male_diffuse2.jpg",
    "old-f-1": "old_lightskinned_female_diffuse_512.jpg",
    "old-f-2": "old_lightskinned_female_diffuse2_512.jpg",
    "old-m-1": "old_lightskinned_male_diffuse_512.jpg",
    "old-m-2": "old_lightskinned_male_diffuse2_512.jpg",
    "young-f-d": "young_darkskinned_female_diffuse_512.jpg",
    "young-m-d": "young_darkskinned_male_diffuse.jpg",
    "middle-f-d": "middleage_darkskinned_female_diffuse_512.jpg",
    "middle-m-d": "middleage_darkskinned_male_diffuse.jpg",
    "old-f-d": "old_darkskinned_female_diffuse_512.jpg",
    "old-m-d": "old_darkskinned_male_diffuse.jpg",
}


@dataclass(frozen=True, eq=False)
class Part:
    """A triangle mesh with texture coordinates; `source` says which vertex of its shape each rendered vertex is."""

    triangles: NDArray[np.int32]  #: (T, 3) into the rendered vertices
    source: NDArray[np.int32]  #: (N,) into the vertices of the shape
    uv: NDArray[np.float32]  #: (N, 2), v downwards as in pictures


@dataclass(frozen=True, eq=False)
class Fitted:
    """A mesh that hangs on the body: each vertex is a mix of three body vertices plus a scaled offset."""

    part: Part
    anchors: NDArray[np.int32]  #: (V, 3)
    weights: NDArray[np.float32]  #: (V, 3)
    offsets: NDArray[np.float32]  #: (V, 3)
    scales: NDArray[np.float32]  #: (3, 3) rows x, y, z: two body vertices and their distance in the reference body


@dataclass(frozen=True, eq=False)
class Shell:
    """A subdivided helper surface: its vertices are fixed mixes of body vertices (compressed sparse rows)."""

    triangles: NDArray[np.int32]
    starts: NDArray[np.int32]
    indices: NDArray[np.int32]
    weights: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class BodyData:
    """Everything the renderer reads, decoded."""

    vertices: NDArray[np.float32]  #: (19158, 3) cm, body and helpers
    targets: dict[str, tuple[NDArray[np.int32], NDArray[np.float32]]]  #: name -> indices, (n, 3) cm
    bones: tuple[str, ...]  #: parents before children
    parents: NDArray[np.int32]  #: (B,), -1 at the root
    heads: dict[str, NDArray[np.int32]]  #: bone -> vertices whose mean is the head
    tails: dict[str, NDArray[np.int32]]
    weight_starts: NDArray[np.int32]  #: rows of the skinning matrix, one per vertex
    weight_bones: NDArray[np.int32]
    weight_values: NDArray[np.float32]
    body: Part
    shells: dict[str, Shell]
    fitted: dict[str, Fitted]
    textures: dict[str, NDArray[np.uint8]]  #: name -> (H, W, 4) of hair, brows, lashes, eyes, shoes
    skins: dict[str, NDArray[np.uint8]]  #: name -> (H, W, 3)
    groups: dict[str, NDArray[np.int32]]  #: vertex sets: "eye-l", "eye-r", "hair", "body"


def read_obj(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64], list[list[tuple[int, int]]], list[str]]:
    """Vertices, texture coordinates, faces as lists of (vertex, texture) and the group of each face."""
    v: list[list[float]] = []
    vt: list[list[float]] = []
    faces: list[list[tuple[int, int]]] = []
    groups: list[str] = []
    group = ""
    for line in path.read_text(errors="ignore").splitlines():
        w = line.split()
        if not w:
            continue
        if w[0] == "v":
            v.append([float(x) for x in w[1:4]])
        elif w[0] == "vt":
            vt.append([float(x) for x in w[1:3]])
        elif w[0] == "g":
            group = w[1] if len(w) > 1 else ""
        elif w[0] == "f":
            corners = [x.split("/") for x in w[1:]]
            faces.append([(int(c[0]) - 1, int(c[1]) - 1 if len(c) > 1 and c[1] else 0) for c in corners])
            groups.append(group)
    return np.array(v), np.array(vt or [[0.0, 0.0]]), faces, groups


def make_part(faces: list[list[tuple[int, int]]], uv: NDArray[np.float64]) -> Part:
    """Triangulate and give every (vertex, texture) pair its own rendered vertex."""
    index: dict[tuple[int, int], int] = {}
    triangles = []
    for face in faces:
        corner = [index.setdefault(c, len(index)) for c in face]
        triangles += [(corner[0], corner[k], corner[k + 1]) for k in range(1, len(corner) - 1) if len({*corner}) > 2]
    pairs = np.array(list(index), np.int32)
    coords = uv[pairs[:, 1]].astype(np.float32)
    coords[:, 1] = 1 - coords[:, 1]
    tri = np.array(triangles, np.int32)
    solid = (tri[:, 0] != tri[:, 1]) & (tri[:, 1] != tri[:, 2]) & (tri[:, 0] != tri[:, 2])
    return Part(tri[solid], pairs[:, 0], coords)


def read_target(path: Path) -> tuple[NDArray[np.uint16], NDArray[np.int16]]:
    with gzip.open(path, "rt", errors="ignore") as lines:
        rows = [line.split() for line in lines if line.strip() and line[0] != "#"]
    index = np.array([int(r[0]) for r in rows], np.uint16)
    offset = np.array([[float(x) for x in r[1:4]] for r in rows]).reshape(-1, 3)
    return index, np.round(offset / TARGET_UNIT).astype(np.int16)


SUFFIX = ".target.gz"


def target_files(source: Path) -> dict[str, Path]:
    """Our name -> file. The three geometry sources are only letters here: a, b, c in the order of their files."""
    out = _macro_files(source / "targets" / "macrodetails") | _cup_files(source / "targets" / "breast")
    for folder in DETAIL_FOLDERS:
        for path in sorted((source / "targets" / folder).glob(f"*{SUFFIX}")):
            out[f"{folder}/{path.name.removesuffix(SUFFIX)}"] = path
    units = sorted(p for p in (source / "targets" / "expression" / "units").iterdir() if p.is_dir())[-1]
    for name in EXPRESSIONS:
        out[f"expression/{name}"] = units / f"{name}{SUFFIX}"
    return {k: p for k, p in out.items() if p.exists()}


def _macro_files(folder: Path) -> dict[str, Path]:
    figure = "-female-young"
    words = sorted(p.name.removesuffix(figure + SUFFIX) for p in folder.glob(f"*{figure}{SUFFIX}"))
    letters = dict(zip(words, "abc", strict=True))
    out = {}
    for path in sorted(folder.rglob(f"*{SUFFIX}")):
        name = str(path.relative_to(folder)).removesuffix(SUFFIX)
        first, _, rest = name.partition("-")
        out[f"macro/{letters[first]}-{rest}" if first in letters else f"macro/{name}"] = path
    return out


def _cup_files(folder: Path) -> dict[str, Path]:
    out = {}
    for age in ("young", "old"):
        for weight in ("average", "max", "min"):
            for cup in ("min", "max"):
                name = f"female-{age}-averagemuscle-{weight}weight-{cup}cup-averagefirmness{SUFFIX}"
                out[f"breast/{age}-{weight}-{cup}"] = folder / name
    return out


def read_mhclo(path: Path) -> dict[str, Any]:
    """The fitting file of a mesh: anchors, weights, offsets, scales and the mesh's file name."""
    out: dict[str, Any] = {"rows": [], "scales": np.tile(np.array([0.0, 0.0, 1.0], np.float32), (3, 1))}
    mode = ""
    for line in path.read_text(errors="ignore").splitlines():
        w = line.split()
        if not w or w[0].startswith("#"):
            continue
        if w[0] in ("verts", "delete_verts", "weights"):
            mode = w[0]
        elif w[0] in ("x_scale", "y_scale", "z_scale"):
            out["scales"]["xyz".index(w[0][0])] = [int(w[1]), int(w[2]), float(w[3]) * CM]
        elif w[0] == "obj_file":
            out["obj"] = w[1]
        elif mode == "verts" and re.match(r"^-?\d", w[0]):
            out["rows"].append(_anchor_row(w))
    return out


def _anchor_row(words: list[str]) -> list[float]:
    if len(words) == 1:
        return [float(words[0]), 0, 1, 1, 0, 0, 0, 0, 0]
    row = [float(x) for x in words[:9]]
    return row + [0.0] * (9 - len(row))


def read_fitted(folder: Path) -> Fitted:
    clo = read_mhclo(next(folder.glob("*.mhclo")))
    v, uv, faces, _ = read_obj(folder / clo["obj"])
    rows = np.array(clo["rows"])[: len(v)]
    return Fitted(
        make_part(faces, uv),
        rows[:, :3].astype(np.int32),
        rows[:, 3:6].astype(np.float32),
        (rows[:, 6:9] * CM).astype(np.float32),
        clo["scales"],
    )


def picture(path: Path, side: int) -> NDArray[np.uint8]:
    """The picture at most `side` wide, (H, W, 4), colour bled under the transparent parts so that filtering stays clean."""
    import cv2
    from PIL import Image

    im = Image.open(path).convert("RGBA")
    if im.width > side:
        im = im.resize((side, side * im.height // im.width), Image.Resampling.LANCZOS)
    a = np.asarray(im).copy()
    solid = (a[..., 3:] > 40).astype(np.float32)
    blur = cv2.GaussianBlur(a[..., :3] * solid, (0, 0), 9)
    norm = cv2.GaussianBlur(solid, (0, 0), 9)[..., None]
    a[..., :3] = np.where(solid > 0, a[..., :3], np.clip(blur / np.maximum(norm, 1e-3), 0, 255)).astype(np.uint8)
    return a


def _encode(image: NDArray[np.uint8], fmt: str) -> NDArray[np.uint8]:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, fmt, quality=92)
    return np.frombuffer(buffer.getvalue(), np.uint8)


def _decode(data: NDArray[np.uint8]) -> NDArray[np.uint8]:
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(data.tobytes())))


def pack(source: Path, target: Path) -> None:
    """Write `target` from the folder `source`."""
    out: dict[str, NDArray[Any]] = {}
    v, uv, faces, groups = read_obj(source / "base.obj")
    out["vertices"] = (v * CM).astype(np.float32)
    _put_part(out, "body", make_part([f for f, g in zip(faces, groups, strict=True) if g == "body"], uv))
    for name, group, levels in (
        ("tights", "helper-tights", 1),
        ("skirt", "helper-skirt", 2),
        ("hair", "helper-hair", 2),
    ):
        quads = [[c[0] for c in f] for f, g in zip(faces, groups, strict=True) if g == group]
        shell = subdivide.catmull_clark(quads, len(v), levels)
        for key in ("triangles", "starts", "indices", "weights"):
            out[f"shell/{name}/{key}"] = getattr(shell, key)
    for name in ("helper-l-eye", "helper-r-eye", "helper-hair", "helper-skirt", "helper-tights", "body"):
        out[f"group/{name}"] = np.unique(
            [c[0] for f, g in zip(faces, groups, strict=True) if g == name for c in f]
        ).astype(np.int32)
    _put_targets(out, source)
    _put_rig(out, source, len(v))
    _put_meshes(out, source)
    target.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(target, **out)


def _put_part(out: dict[str, NDArray[Any]], name: str, part: Part) -> None:
    out[f"part/{name}/triangles"], out[f"part/{name}/source"], out[f"part/{name}/uv"] = (
        part.triangles,
        part.source,
        part.uv,
    )


def _put_targets(out: dict[str, NDArray[Any]], source: Path) -> None:
    names, counts, indices, offsets = [], [], [], []
    for name, path in target_files(source).items():
        index, offset = read_target(path)
        names.append(name)
        counts.append(len(index))
        indices.append(index)
        offsets.append(offset)
    out["target/names"] = np.array(names)
    out["target/starts"] = np.r_[0, np.cumsum(counts)].astype(np.int64)
    # Differences of sorted indices and one array per axis: both squeeze far better.
    out["target/steps"] = np.concatenate([np.diff(i.astype(np.int32), prepend=0).astype(np.int16) for i in indices])
    for axis in range(3):
        out[f"target/{'xyz'[axis]}"] = np.concatenate([o[:, axis] for o in offsets])


def _put_rig(out: dict[str, NDArray[Any]], source: Path, count: int) -> None:
    rig = json.loads((source / "rigs" / "default.mhskel").read_text())
    weights = json.loads((source / "rigs" / "default_weights.mhw").read_text())["weights"]
    bones = _parents_first(rig["bones"])
    rows: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    for b, name in enumerate(bones):
        for vertex, w in weights.get(name, []):
            rows[vertex].append((b, w))
    rows = [r or [(0, 1.0)] for r in rows]
    total = [sum(w for _, w in r) for r in rows]
    out["rig/bones"] = np.array(bones)
    out["rig/parents"] = np.array([bones.index(p) if (p := rig["bones"][b]["parent"]) else -1 for b in bones], np.int32)
    for end in ("head", "tail"):
        joints = [rig["joints"][rig["bones"][b][end]] for b in bones]
        out[f"rig/{end}s"] = np.concatenate(joints).astype(np.int32)
        out[f"rig/{end}_starts"] = np.r_[0, np.cumsum([len(j) for j in joints])].astype(np.int32)
    out["rig/starts"] = np.r_[0, np.cumsum([len(r) for r in rows])].astype(np.int32)
    out["rig/index"] = np.array([b for r in rows for b, _ in r], np.int32)
    out["rig/value"] = np.array([w / t for r, t in zip(rows, total, strict=True) for _, w in r], np.float32)


def _parents_first(bones: dict[str, Any]) -> list[str]:
    order: list[str] = []
    while len(order) < len(bones):
        order += [b for b in bones if b not in order and (bones[b]["parent"] is None or bones[b]["parent"] in order)]
    return order


def _put_meshes(out: dict[str, NDArray[Any]], source: Path) -> None:
    folders = {f"hair/{h}": source / "hair" / h for h in HAIR}
    folders |= {f"brow/{b}": source / "eyebrows" / b for b in BROWS}
    folders |= {f"shoes/{s}": source / "clothes" / s for s in SHOES}
    folders |= {"lashes": source / "eyelashes" / "eyelashes01", "eyes": source / "eyes" / "high-poly"}
    for name, folder in folders.items():
        fitted = read_fitted(folder)
        _put_part(out, name, fitted.part)
        for key in ("anchors", "weights", "offsets", "scales"):
            out[f"fit/{name}/{key}"] = getattr(fitted, key)
    pictures = {f"hair/{h}": next((source / "hair" / h).glob("*_diffuse.png")) for h in HAIR}
    pictures |= {f"brow/{b}": source / "eyebrows" / f"{b}.png" for b in BROWS}
    pictures |= {f"shoes/{s}": next((source / "clothes" / s).glob("*_diffuse.png")) for s in SHOES}
    pictures |= {"lashes": source / "eyelashes" / "eyelashes01.png"}
    pictures |= {f"eye/{e}": source / "eyes" / f"{e}_eye.png" for e in EYES}
    for name, path in pictures.items():
        side = 256 if name.startswith("eye/") else TEXTURE_SIDE
        out[f"texture/{name}"] = _encode(picture(path, side), "png")
    for name, file in SKIN_FILES.items():
        out[f"skin/{name}"] = _encode(picture(source / "skins" / file, SKIN_SIDE)[..., :3], "jpeg")


def load(path: Path = TARGET) -> BodyData:
    """Decode the packed file."""
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: make it with `python -m training.pack`.")
    with np.load(path) as z:
        data = {k: z[k] for k in z.files}
    bones = tuple(str(b) for b in data["rig/bones"])
    names = [k[len("fit/") : -len("/anchors")] for k in data if k.startswith("fit/") and k.endswith("/anchors")]
    return BodyData(
        vertices=data["vertices"],
        targets=_targets(data),
        bones=bones,
        parents=data["rig/parents"],
        heads=dict(zip(bones, np.split(data["rig/heads"], data["rig/head_starts"][1:-1]), strict=True)),
        tails=dict(zip(bones, np.split(data["rig/tails"], data["rig/tail_starts"][1:-1]), strict=True)),
        weight_starts=data["rig/starts"],
        weight_bones=data["rig/index"],
        weight_values=data["rig/value"],
        body=_part(data, "body"),
        shells={
            n: Shell(*(data[f"shell/{n}/{k}"] for k in ("triangles", "starts", "indices", "weights")))
            for n in ("tights", "skirt", "hair")
        },
        fitted={
            n: Fitted(_part(data, n), *(data[f"fit/{n}/{k}"] for k in ("anchors", "weights", "offsets", "scales")))
            for n in names
        },
        textures={k[len("texture/") :]: _decode(data[k]) for k in data if k.startswith("texture/")},
        skins={k[len("skin/") :]: _decode(data[k]) for k in data if k.startswith("skin/")},
        groups={k[len("group/") :]: data[k] for k in data if k.startswith("group/")},
    )


def _part(data: dict[str, NDArray[Any]], name: str) -> Part:
    return Part(data[f"part/{name}/triangles"], data[f"part/{name}/source"], data[f"part/{name}/uv"])


def _targets(data: dict[str, NDArray[Any]]) -> dict[str, tuple[NDArray[np.int32], NDArray[np.float32]]]:
    starts = data["target/starts"]
    offsets = np.stack([data[f"target/{a}"] for a in "xyz"], 1).astype(np.float32) * np.float32(TARGET_UNIT * CM)
    out = {}
    for k, name in enumerate(data["target/names"]):
        rows = slice(starts[k], starts[k + 1])
        out[str(name)] = (np.cumsum(data["target/steps"][rows].astype(np.int32), dtype=np.int32), offsets[rows])
    return out


def main(argv: list[str]) -> None:
    source = Path(argv[0]) if argv else SOURCE
    target = Path(argv[1]) if len(argv) > 1 else TARGET
    pack(source, target)
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])

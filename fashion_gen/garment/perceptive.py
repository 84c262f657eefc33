"""The cut-out that the perception net leads: the net says where the garment is, the picture says where its edge runs.

The net's map is 128 pixels long, too coarse for a hem. It joins the guesses of `classical.py` as one more, and each
mask is judged by how well its outline agrees with the picture and its area with the net. On people and dummies the parts
of the body are told as well, and only the asked garment is taken.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from fashion_gen.garment import classical, proposals
from fashion_gen.garment.cutout import cutout_matte, is_cutout
from fashion_gen.garment.perception import BODY, PerceptionNet, Seen, open_net
from fashion_gen.garment.saliency import Lab, to_lab
from fashion_gen.garment.scale import at_most
from fashion_gen.garment.segmenter import Segmenter
from fashion_gen.records import Category, Mask, Matte, Photo, Picture, Points

LEAST = 0.01  #: share of the picture that the net must hold for garment
SURE, IMPROBABLE = 0.9, 0.08
LEAST_SKIN = 60  #: pixels of 400 from which the wearer's colours are taken
ALIKE = 10.0  #: Lab units
NOT_CLOTH = (*BODY, "hair", "shoes")


@dataclass(frozen=True, slots=True)
class PerceptiveSegmenter(Segmenter):
    """The perception net with OpenCV.

    Raises:
        BackendUnavailable: the net cannot be loaded.
    """

    net: PerceptionNet = field(default_factory=lambda: open_net())
    name: str = "perception"

    def see(self, photo: Photo) -> Seen:
        return self.net.see(photo.rgb)

    def segment(self, photo: Photo) -> Matte:
        """See `Segmenter.segment`. About a second on one core, whatever the size of the photo."""
        if photo.alpha is not None and is_cutout(photo):
            return cutout_matte(photo.alpha)
        seen = self.see(photo)
        if float((seen.matte > 0.5).mean()) < LEAST:
            return np.zeros(photo.rgb.shape[:2], np.float32)
        small = at_most(photo.rgb, classical.FIND_SIZE)
        best = classical.find(small, expected=grown(seen.matte, small))
        edge = at_most(photo.rgb, classical.EDGE_SIZE)
        return soft(proposals.follow(edge, best.mask), photo.rgb)


@dataclass(frozen=True, slots=True)
class Sighted(Segmenter):
    """A back-end that only cuts out, with the net beside it that tells the rest.

    Raises:
        BackendUnavailable: the net cannot be loaded.
    """

    cutter: Segmenter
    net: PerceptionNet = field(default_factory=lambda: open_net())

    @property
    def name(self) -> str:  # type: ignore[override]
        """That of the back-end that cuts out."""
        return self.cutter.name

    def see(self, photo: Photo) -> Seen:
        return self.net.see(photo.rgb)

    def segment(self, photo: Photo) -> Matte:
        return self.cutter.segment(photo)

    def sharpen(self, photo: Photo, coarse: Matte) -> Matte:
        return self.cutter.sharpen(photo, coarse)


def garment_on(seen: Seen, rgb: Picture, category: Category) -> Matte:
    """(H, W) coarse matte of the garment of a category on a dressed person or dummy, without what lies before it."""
    edge = at_most(rgb, classical.EDGE_SIZE)
    likely, others = grown(_of(seen, category), edge), grown(seen.part(*_others(category)), edge)
    bare, clothed = mistaken(to_lab(edge), likely, grown(seen.part(*BODY), edge), grown(seen.part("hair"), edge))
    likely = np.where(bare, np.minimum(likely, 0.3), np.where(clothed, np.maximum(likely, 0.7), likely))
    return soft(_settled(edge, likely, (others > 0.6) & ~clothed), rgb)


def covered_by(seen: Seen, matte: Matte) -> dict[str, float]:
    """Hands and hair that lie before a garment: the share of its area, by part."""
    h, w = seen.parts.shape[1:]
    garment = cv2.resize(matte, (w, h), interpolation=cv2.INTER_AREA) > 0.5
    if not garment.any():
        return {}
    reach = max(3, round(0.12 * max(h, w)) | 1)
    closed = cv2.morphologyEx(garment.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8)) > 0
    before = closed & ~garment
    return {part: float((before & (seen.part(part) > 0.5)).sum() / garment.sum()) for part in ("hands", "hair")}


def _of(seen: Seen, category: Category) -> Matte:
    """(h, w) probability of the garment of a category, of the parts' size, from the parts and the matte."""
    if category in (Category.DRESS, Category.JUMPSUIT):
        likely = seen.part("one-piece", "upper", "lower")
    elif category.covers_top:
        likely = seen.part("upper", "one-piece")
    else:
        likely = seen.part("lower")
    if float((likely > 0.5).mean()) < LEAST:
        # No such part: the picture is too close for a person to be seen in it, or something else is worn. What stands
        # out holds arms and other clothes, too, but the net is surest of the garment.
        return np.asarray(seen.matte**classical.SURE, np.float32)
    h, w = seen.matte.shape
    likely = np.clip(cv2.resize(likely, (w, h), interpolation=cv2.INTER_LINEAR), 0, 1)
    if proposals.soft_overlap(likely > 0.5, seen.matte) > 0.6:  # both speak of the same garment; the matte is finer
        likely = (likely + seen.matte) / 2
    return np.asarray(likely, np.float32)


def _others(category: Category) -> tuple[str, ...]:
    """Parts that are surely not the garment of a category: the wearer, and what is worn above or below it."""
    if category in (Category.DRESS, Category.JUMPSUIT):
        return NOT_CLOTH
    return (*NOT_CLOTH, "lower" if category.covers_top else "upper")


def mistaken(lab: Lab, likely: Matte, body: Matte, hair: Matte) -> tuple[Mask, Mask]:
    """(h, w) what the net takes for garment but has the colour of this very person's skin, and the other way round.

    No colour is skin's by itself: it is that of the pixels which are surely this person's. Nothing is returned for
    garments of about that colour.

    Args:
        likely: (h, w) odds of the garment.
        body: (h, w) odds of bare skin.
        hair: (h, w) odds of hair, whose colour says nothing.
    """
    nothing = np.zeros(body.shape, bool), np.zeros(body.shape, bool)
    skin = (body > 0.8) & (likely < 0.5)
    core = cv2.erode((likely > SURE).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    if skin.sum() < LEAST_SKIN or core.sum() < LEAST_SKIN:
        return nothing
    tones, tone_shares = _main_colours(lab[skin], 3)
    cloth, shares = _main_colours(lab[core], 5)
    # The net errs either way, so that each may hold some of the other: a colour of both is theirs who have more of it.
    alike = _distance(cloth, tones) < ALIKE
    more = shares[:, None] > tone_shares[None]
    not_cloth, not_skin = (alike & ~more).any(axis=1), (alike & more).any(axis=0)
    if shares[not_cloth].sum() > 0.35 or tone_shares[not_skin].sum() > 0.35:
        return nothing
    to_skin, to_cloth = (
        _distance(lab.reshape(-1, 3).astype(np.float64), colours).min(axis=1).reshape(body.shape)
        for colours in (tones[~not_skin], cloth[~not_cloth])
    )
    bare = (to_skin < 1.4 * ALIKE) & (to_cloth > 1.2 * to_skin) & (likely > 0.3)
    near_hair = cv2.dilate(hair, np.ones((15, 15), np.uint8)) > 0.3  # whose dark is no dark cloth's
    clothed = (to_cloth < ALIKE) & (to_skin > 2 * to_cloth) & (body > 0.3) & ~near_hair & (likely > IMPROBABLE)
    return _without_specks(bare), _without_specks(clothed)


def _without_specks(mask: Mask) -> Mask:
    return np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)) > 0)


def _main_colours(pixels: Lab, count: int) -> tuple[Points, Points]:
    """(k, 3) the colours that make up more than a twentieth of (n, 3) Lab pixels, and their (k,) shares."""
    cv2.setRNGSeed(0)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.5)
    values = np.ascontiguousarray(pixels, np.float32)
    _, label, centres = cv2.kmeans(values, count, np.zeros(0), stop, 1, cv2.KMEANS_PP_CENTERS)
    share = np.bincount(label.ravel(), minlength=count) / len(pixels)
    return centres[share > 0.05].astype(np.float64), share[share > 0.05]


def _distance(a: Points, b: Points) -> Points:
    """(n, m) Lab distances, lightness counted less: skin and cloth are in light and in shade."""
    weight = np.array([0.5, 1.0, 1.0])
    return np.asarray(np.linalg.norm((a[:, None] - b[None]) * weight, axis=2))


def _settled(rgb: Picture, likely: Matte, others: Mask) -> Mask:
    """GrabCut where the net is unsure, and what it takes for skin, hair, shoes or another garment left out."""
    state = np.where(likely > 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    state[cv2.erode((likely > SURE).astype(np.uint8), kernel) > 0] = cv2.GC_FGD
    state[cv2.dilate((likely > IMPROBABLE).astype(np.uint8), kernel) == 0] = cv2.GC_BGD
    state[others] = cv2.GC_BGD
    if not (state == cv2.GC_FGD).any() or not (state == cv2.GC_BGD).any():
        return np.asarray(likely > 0.5)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    cv2.grabCut(np.ascontiguousarray(rgb), state, None, *models, 2, cv2.GC_INIT_WITH_MASK)
    found = cv2.morphologyEx((state & 1).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return _pieces_of(found > 0, likely)


def _pieces_of(mask: Mask, likely: Matte) -> Mask:
    """Without the crumbs: pieces under a twentieth of the largest, or that the net does not believe in."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    if count <= 2:
        return mask
    areas = stats[1:, cv2.CC_STAT_AREA]
    kept = [i + 1 for i, area in enumerate(areas) if area > 0.05 * areas.max() and likely[labels == i + 1].mean() > 0.4]
    return np.isin(labels, kept)


def grown(values: Matte, picture: Picture) -> Matte:
    """A small map at the size of a picture."""
    size = picture.shape[1], picture.shape[0]
    return np.asarray(np.clip(cv2.resize(values, size, interpolation=cv2.INTER_CUBIC), 0, 1), np.float32)


def soft(mask: Mask, rgb: Picture) -> Matte:
    """A small mask at the size of the photo, with a soft edge."""
    smooth = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.7)
    matte = cv2.resize(smooth, rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(matte, 0, 1), np.float32)

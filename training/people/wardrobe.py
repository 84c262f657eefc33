"""Draws of garments, fabrics and colours."""

from __future__ import annotations

import numpy as np

from training.people.cloth import RGB, Cloth, Fabric


def sample_colour(rng: np.random.Generator) -> RGB:
    """Colours that clothes have: whites, blacks, greys, navies, earths, and saturated ones."""
    kind = rng.random()
    if kind < 0.2:
        v = rng.uniform(225, 250)
        c = np.array([v, v - rng.uniform(0, 6), v - rng.uniform(0, 14)])
    elif kind < 0.38:
        c = rng.uniform(18, 50) + rng.uniform(-4, 8, 3)
    elif kind < 0.5:
        c = rng.uniform(90, 190) + rng.uniform(-8, 8, 3)
    else:
        import colorsys

        hue = rng.random()
        # Neon greens and cyans are rare in wardrobes.
        calm = 0.6 if 0.2 < hue < 0.55 else 0.9
        c = np.array(colorsys.hsv_to_rgb(hue, rng.beta(2, 2.2) * calm, rng.uniform(0.2, 0.88))) * 255
    r, g, b = np.clip(c, 8, 250).astype(int)
    return int(r), int(g), int(b)


def sample_fabric(rng: np.random.Generator, category: str) -> Fabric:
    denim = category in ("trousers", "shorts", "skirt", "outerwear", "jumpsuit")
    kinds = [
        "solid",
        "stripes-h",
        "stripes-v",
        "check",
        "dots",
        "floral",
        "blobs",
        "letters",
        "logo",
        "denim",
        "knit",
        "heather",
        "block",
    ]
    p = np.array([34, 8, 4, 6, 4, 6, 4, 3, 12, 0, 6, 6, 2.0])
    if denim:
        p[8], p[9], p[12] = 1, 16, 0
    pattern = str(rng.choice(kinds, p=p / p.sum()))
    colour, second = sample_colour(rng), sample_colour(rng)
    if pattern == "denim":
        v = rng.uniform(0.25, 1.0)
        colour = (int(40 + 70 * v), int(58 + 82 * v), int(92 + 88 * v))
    scale = float(rng.uniform(1.2, 7.0)) if pattern != "logo" else float(rng.uniform(3, 9))
    return Fabric(pattern, colour, second, scale, float(rng.choice([0, 0, 0.6])), int(rng.integers(10**6)))


def sample_garment(rng: np.random.Generator, masculine: float) -> Cloth:
    names = ["top", "outerwear", "dress", "jumpsuit", "trousers", "shorts", "skirt"]
    p = np.array([0.36, 0.14, 0.18 * (1.15 - masculine), 0.05, 0.13, 0.07, 0.10 * (1.15 - masculine)])
    category = str(rng.choice(names, p=p / p.sum()))
    fabric = sample_fabric(rng, category)
    loose = float(rng.beta(1.3, 2.0))
    u = rng.uniform
    if category in ("top", "outerwear"):
        outer = category == "outerwear"
        sleeve = float(
            rng.choice(
                [0.0, u(0.18, 0.45), u(0.5, 0.8), u(0.92, 1.02)],
                p=[0.0, 0.05, 0.1, 0.85] if outer else [0.14, 0.46, 0.1, 0.3],
            )
        )
        return Cloth(
            category,
            fabric,
            sleeve=sleeve,
            neck=str(
                rng.choice(
                    ["crew", "v", "scoop", "boat", "turtle", "collar"],
                    p=[0.2, 0.2, 0, 0, 0.1, 0.5] if outer else [0.42, 0.16, 0.1, 0.07, 0.08, 0.17],
                )
            ),
            hem=float(u(0.16, 0.4) if outer else u(0.08, 0.32)),
            ease=float((2.5 if outer else 0.8) + 6.5 * loose),
            hang=float(u(0.3, 1.0)),
            flare=float(max(0, rng.normal(0.1, 0.3))),
            sleeve_ease=float((2.0 if outer else 1.0) + 4.5 * loose * u(0.5, 1.2)),
            sleeve_flare=float(max(0, rng.normal(0, 1.6))),
            opening=str(rng.choice(["open", "zip", "buttons"]))
            if outer
            else str(rng.choice(["none", "buttons"], p=[0.85, 0.15])),
            folds=float(u(0.6, 1.5)),
        )
    if category == "dress":
        return Cloth(
            category,
            fabric,
            sleeve=float(rng.choice([0.0, u(0.18, 0.4), u(0.5, 0.8), 0.98], p=[0.4, 0.3, 0.1, 0.2])),
            neck=str(rng.choice(["crew", "v", "scoop", "boat", "collar"], p=[0.25, 0.3, 0.25, 0.1, 0.1])),
            hem=float(u(0.42, 0.97)),
            ease=float(0.8 + 4.0 * loose),
            hang=float(u(0.0, 0.8)),
            flare=float(u(0, 3.0)),
            sleeve_ease=float(u(1.0, 4.0)),
            sleeve_flare=float(max(0, rng.normal(0, 2))),
            folds=float(u(0.7, 1.5)),
        )
    if category == "skirt":
        return Cloth(
            category,
            fabric,
            hem=float(u(0.4, 0.97)),
            ease=float(u(0.8, 2.0)),
            hang=float(u(0.4, 1)),
            flare=float(u(-0.3, 3.2)),
            folds=float(u(0.6, 1.5)),
        )
    if category == "jumpsuit":
        return Cloth(
            category,
            fabric,
            sleeve=float(rng.choice([0.0, 0.35, 0.98])),
            neck=str(rng.choice(["crew", "v", "collar"])),
            hem=float(u(0.75, 0.98)),
            ease=float(u(1, 4)),
            leg_ease=float(u(1, 3)),
            leg_hem=float(u(6, 14)),
            opening=str(rng.choice(["none", "zip", "buttons"])),
            folds=float(u(0.8, 1.4)),
        )
    short = category == "shorts"
    return Cloth(
        category,
        fabric,
        hem=float(u(0.22, 0.5) if short else u(0.8, 0.99)),
        leg_ease=float(0.6 + 3.0 * loose),
        leg_hem=float(u(10, 15) if short else u(6, 9) + 9 * loose),
        rise=float(u(-3, 1)),
        folds=float(u(0.6, 1.4)),
    )

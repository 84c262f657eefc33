"""Who wears it: casting plans with exact quotas, the Monk scale in Lab, and the companion clothes.

`cast` is what a brief asks for; `plan` is the quota planner behind it; `coverage` reports what a cast shows.
"""

from fashion_gen.casting.call import cast, constraints
from fashion_gen.casting.looks import HAIR_COLOURS, HAIR_STYLES
from fashion_gen.casting.outfits import style
from fashion_gen.casting.planner import Constraints, Measure, plan
from fashion_gen.casting.report import Coverage, coverage
from fashion_gen.casting.tones import balance, measure_tone, monk_lab, nearest_tone
from fashion_gen.monk import tone_rgb

__all__ = [
    "HAIR_COLOURS",
    "HAIR_STYLES",
    "Constraints",
    "Coverage",
    "Measure",
    "balance",
    "cast",
    "constraints",
    "coverage",
    "measure_tone",
    "monk_lab",
    "nearest_tone",
    "plan",
    "style",
    "tone_rgb",
]

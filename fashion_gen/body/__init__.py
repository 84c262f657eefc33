"""Bodies: measurements and a pose in, keypoints, depth, part map and the dressed mannequin out."""

from fashion_gen.body.closeup import head_view
from fashion_gen.body.figure import Figure, Section, build_figure
from fashion_gen.body.kinematics import LIMITS, PosedBody, pose_body
from fashion_gen.body.mannequin import Mannequin, draw_mannequin
from fashion_gen.body.parts import SKIN, Part
from fashion_gen.body.view import KEYPOINTS, default_view, keypoints

__all__ = [
    "KEYPOINTS",
    "LIMITS",
    "SKIN",
    "Figure",
    "Mannequin",
    "Part",
    "PosedBody",
    "Section",
    "build_figure",
    "default_view",
    "draw_mannequin",
    "head_view",
    "keypoints",
    "pose_body",
]

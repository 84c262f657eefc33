"""The inspection: numbers about one written look, measured from its decoded pixels, and the verdict on them."""

from fashion_gen.quality.inspect import Asked, Limits, inspect
from fashion_gen.quality.judge import FaceDetector, Judge, PoseJudge

__all__ = ["Asked", "FaceDetector", "Judge", "Limits", "PoseJudge", "inspect"]

"""Poses: fitted to a garment, drawn as skeletons, found in pictures."""

from fashion_gen.pose.beside import beside
from fashion_gen.pose.estimator import DetectedPose, PoseEstimator
from fashion_gen.pose.estimators import installed, open_estimator
from fashion_gen.pose.faces import Face, FaceDetector
from fashion_gen.pose.hood import HOOD_LAID, hood_hides_face, lay_hood
from fashion_gen.pose.skeleton import draw_skeleton
from fashion_gen.pose.solve import choose

__all__ = [
    "HOOD_LAID",
    "DetectedPose",
    "Face",
    "FaceDetector",
    "PoseEstimator",
    "beside",
    "choose",
    "draw_skeleton",
    "hood_hides_face",
    "installed",
    "lay_hood",
    "open_estimator",
]

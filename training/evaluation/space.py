"""A fixed feature space, and the distances in it.

The space is the averaged last feature map of a MobileNetV2 (`nsfw_mobilenet_v2.onnx` of ../shared/weights), a net that none of ours
was trained with. KID is the unbiased squared maximum mean discrepancy under the cubic polynomial kernel (Binkowski et al., ICLR
2018, arXiv 1801.01401); with another net than Inception its values compare runs of this table and nothing else.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray

from fashion_gen.records import Picture

Features = NDArray[np.float64]


class Space:
    """The net of the folder `weights`, cut before its dense layers."""

    def __init__(self, weights: Path) -> None:
        model = onnx.load(str(weights / "nsfw_mobilenet_v2.onnx"))
        # What is flattened before the dense layers is the last map of features, (1, 7, 7, D).
        last = [node.input[0] for node in model.graph.node if node.op_type == "Reshape"][-1]
        model.graph.output.append(onnx.helper.make_empty_tensor_value_info(last))
        options = ort.SessionOptions()
        options.log_severity_level = 3
        self._net = ort.InferenceSession(model.SerializeToString(), options)
        self._name = last

    def of(self, picture: Picture) -> Features:
        """(D,) of an (H, W, 3) picture, whole, on a square."""
        small = cv2.resize(picture, (224, 224), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        (found,) = self._net.run([self._name], {"rgb01": small.transpose(2, 0, 1)[None]})
        return np.asarray(found, np.float64)[0].mean(axis=(0, 1))


def distance(a: Features, b: Features) -> float:
    """1 minus the cosine, 0 for the same picture."""
    return float(1 - a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-9))


def kid(ours: Features, theirs: Features) -> float:
    """Unbiased KID of (N, D) against (M, D) features."""
    scale = 1 / ours.shape[1]

    def kernel(a: Features, b: Features) -> Features:
        return np.asarray((a @ b.T * scale + 1) ** 3)

    def within(a: Features) -> float:
        k = kernel(a, a)
        return float((k.sum() - np.trace(k)) / (len(a) * (len(a) - 1)))

    return within(ours) + within(theirs) - 2 * float(kernel(ours, theirs).mean())

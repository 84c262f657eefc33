"""The garment warp: sleeves and legs turned into an asked pose, the rest left as it was photographed."""

from fashion_gen.pose.fit.asked import STRETCH, Fit, bend_to
from fashion_gen.pose.fit.cloth import canvas_warp

__all__ = ["STRETCH", "Fit", "bend_to", "canvas_warp"]

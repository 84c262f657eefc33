"""Write the trained net as ONNX: answers as probabilities, weights in half precision.

python -m training.perception.export --run run --to fashion_gen/garment/perception.onnx
"""

from __future__ import annotations

import argparse
import io
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from fashion_gen.garment.perception import SIZE, WEIGHTS
from training.perception.net import PerceptionNet

OUTPUTS = ("matte", "parts", "landmarks", "present", "kind", "category", "several")
LARGE = 256  #: numbers; smaller tensors stay in single precision


class Sure(nn.Module):
    """The net with probabilities instead of logits."""

    def __init__(self, net: PerceptionNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, picture: Tensor) -> tuple[Tensor, ...]:
        told = self.net(picture)
        places = told.landmarks.flatten(2).softmax(-1).reshape(told.landmarks.shape)
        return (
            told.matte.sigmoid(),
            told.parts.softmax(1),
            places,
            told.present.sigmoid(),
            told.kind.softmax(1),
            told.category.softmax(1),
            told.several.sigmoid(),
        )


def export(net: PerceptionNet, path: Path) -> None:
    """Write `net` to `path`."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter by tracing is old, and all that a net of convolutions needs
        torch.onnx.export(
            Sure(net).eval(),
            (torch.zeros(1, 3, SIZE, SIZE),),
            buffer,
            input_names=["picture"],
            output_names=list(OUTPUTS),
            opset_version=17,
            dynamo=False,
        )
    model = onnx.load_from_string(buffer.getvalue())
    halved(model)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def halved(model: onnx.ModelProto) -> None:
    """Store large weights in 16 bits, each behind a cast; onnxruntime folds the casts when it loads the file."""
    graph, casts = model.graph, []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < LARGE:
            continue
        name = tensor.name
        values = numpy_helper.to_array(tensor).astype(np.float16)
        tensor.CopyFrom(numpy_helper.from_array(values, f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend([*casts, *nodes])


def main() -> None:
    """Export the running average of a training."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True, help="holds perception.pt")
    parser.add_argument("--to", type=Path, default=WEIGHTS)
    asked = parser.parse_args()
    net = PerceptionNet()
    net.load_state_dict(torch.load(asked.run / "perception.pt", weights_only=True)["stepper"]["average"])
    export(net, asked.to)
    print(f"{asked.to}: {asked.to.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

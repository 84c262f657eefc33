"""The perception net: its layers, its losses, a few real steps, and the exported file beside torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from fashion_gen.garment.perception import CATEGORIES, KINDS, PARTS, PerceptionNet, letterbox
from training.optimise import Stepper
from training.perception import flat
from training.perception.export import export
from training.perception.losses import losses, overlap, read, total
from training.perception.net import PerceptionNet as Net
from training.perception.train import batch_of, learning

pytestmark = pytest.mark.slow
SIZE = 64


def batch(count: int = 3) -> object:
    samples = [flat.draw(np.random.default_rng(seed), SIZE, None, None) for seed in range(count)]
    return batch_of(samples, [-1] * count)


def test_every_question_is_answered_at_its_size() -> None:
    told = Net().eval()(read(batch().pictures))
    assert told.matte.shape == (3, 1, SIZE // 2, SIZE // 2)
    assert told.parts.shape == (3, len(PARTS), SIZE // 4, SIZE // 4)
    assert told.landmarks.shape[2:] == (SIZE // 4, SIZE // 4)
    assert told.kind.shape == (3, len(KINDS))
    assert told.category.shape == (3, len(CATEGORIES))


def test_every_tensor_of_the_backbone_has_a_name_in_efficientnet_lite0() -> None:
    backbone = Net().backbone
    theirs = dict(backbone._their_names())
    ours = backbone.state_dict()
    assert set(ours) <= set(theirs)
    stored = {theirs[name]: torch.full_like(value, 2) for name, value in ours.items()}
    backbone.load_imagenet(stored)
    assert all((value == 2).all() for value in backbone.state_dict().values())


def test_steps_on_a_few_pictures_bring_the_loss_down_and_leave_the_first_layers_alone() -> None:
    torch.manual_seed(0)
    net = learning(Net())
    stem = net.backbone.stem[0].weight.clone()
    stepper, one = Stepper(net, rate=2e-3), batch()
    before = float(total(losses(net(read(one.pictures)), one)).detach())
    for _ in range(8):
        stepper.step(total(losses(net(read(one.pictures)), one)), 1.0)
    after = float(total(losses(net(read(one.pictures)), one)).detach())
    assert after < 0.8 * before
    assert torch.equal(stem, net.backbone.stem[0].weight)


def test_what_is_unknown_is_not_asked() -> None:
    net = Net().eval()
    one = batch()
    unknown = one._replace(kind=torch.full_like(one.kind, -1), category=torch.full_like(one.category, -1))
    told = losses(net(read(unknown.pictures)), unknown)
    assert told["kind"].item() == told["category"].item() == 0.0


def test_the_overlap_of_a_perfect_answer_is_one() -> None:
    net = Net().eval()
    one = batch()
    told = net(read(one.pictures))
    truth = torch.nn.functional.avg_pool2d(one.matte[:, None].float() / 255, 2)
    assert torch.allclose(overlap(told._replace(matte=truth - 0.5), one), torch.ones(3))


def test_the_exported_net_answers_as_torch_does(tmp_path: Path) -> None:
    torch.manual_seed(1)
    net = Net().eval()
    path = tmp_path / "net.onnx"
    export(net, path)
    assert path.stat().st_size < 12_000_000
    rgb = flat.draw(np.random.default_rng(5), 200, None, None).picture
    square, _ = letterbox(rgb)
    with torch.no_grad():
        told = net(read(torch.from_numpy(square).permute(2, 0, 1)[None]))
    seen = PerceptionNet(path).see(rgb)
    assert np.allclose(seen.matte, told.matte.sigmoid()[0, 0].numpy(), atol=0.02)
    assert np.allclose(seen.parts, told.parts.softmax(1)[0].numpy(), atol=0.02)
    assert np.allclose(list(seen.categories.values()), told.category.softmax(1)[0].numpy(), atol=0.02)

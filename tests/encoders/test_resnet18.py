"""ResNet-18: counts, names, and one channel with weights."""

import numpy as np

from tests.encoders.weight_files import drawn, network, written
from ultraseg.encoders import ResNet18


def test_counts():
    # torchvision's, less fc: 11,689,512 - 513,000
    model = network(ResNet18)
    trained = sum(np.prod(weight.shape) for weight in model.trainable_weights)
    assert (trained, model.count_params() - trained) == (11_176_512, 9_600)
    grey = network(ResNet18, channels=1, depth=1)
    assert network(ResNet18, depth=1).count_params() - grey.count_params() == 2 * 7 * 7 * 64


def test_one_channel_with_weights_is_its_copy_in_colours(tmp_path):
    weights = written(tmp_path / "weights.safetensors", drawn(network(ResNet18, depth=3)))
    grey = np.random.default_rng(0).random((1, 64, 32, 1), np.float32)
    found = network(ResNet18, channels=1, depth=3, weights=weights).predict_on_batch(grey)
    wanted = network(ResNet18, depth=3, weights=weights).predict_on_batch(np.repeat(grey, 3, -1))
    for one, other in zip(found[1:], wanted[1:], strict=True):
        assert np.abs(one - other).max() < 1e-5 * np.abs(other).max()

"""Programs: a reset model equals a fresh one, and what shares a program shares its compiled step."""

import random

import keras
import numpy as np
import pytest

from tests.drawn import ready
from ultraseg import pipeline, runtime
from ultraseg.program import Program


def train(program, cache, seed, epochs=2, rate=0.05, reset=True):
    if reset:
        program.reset(seed)
    losses = []
    for epoch in range(epochs):
        batches = pipeline.training(cache, range(12), classes=1, batch=4, augment=[], seed=seed, epoch=epoch)
        losses.append(program.epoch(batches, np.full(3, rate, np.float32)))
    return losses, program.state()


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return ready(tmp_path_factory.mktemp("program"))


@pytest.mark.parametrize(
    ("optimizer", "precision"), [("sgd", "float32"), ("adam", "float32"), ("adam", "mixed_float16")]
)
def test_reset_equals_fresh(drawn, optimizer, precision):
    """Losses, weights, statistics, dropout's seeds and the optimizer's memory: all to the last bit.

    The one that is reset has diverged before, which leaves a scaled loss's state far from its start.
    """
    trial, _, cache = drawn
    trial = {**trial, "optimizer": load_optimizer(optimizer), "precision": precision}
    runtime.settle(0, "strict")
    used = Program(trial)
    train(used, cache, seed=1, rate=1e6)
    reset = train(used, cache, seed=7)
    keras.utils.set_random_seed(7)
    fresh = train(Program(trial), cache, seed=7, reset=False)
    assert reset[0] == fresh[0]
    assert all(np.array_equal(a, b) for a, b in zip(reset[1], fresh[1], strict=True))


def load_optimizer(name):
    from ultraseg import catalogue

    return catalogue.resolve("optimizers", name)


def test_a_seed_that_comes_again_is_not_drawn_again(drawn, monkeypatch):
    """Its weights, dropout's seeds and Python's generator are those of the first time, and no model is built."""
    program = Program(drawn[0])
    program.reset(7)
    first, generator = program.state(), random.getstate()
    program.reset(8)
    assert not all(np.array_equal(a, b) for a, b in zip(first, program.state(), strict=True))
    monkeypatch.setattr(program, "_build", None)
    program.reset(7)
    assert all(np.array_equal(a, b) for a, b in zip(first, program.state(), strict=True))
    assert random.getstate() == generator


def test_few_first_weights_are_kept(drawn, monkeypatch):
    program = Program(drawn[0])
    monkeypatch.setattr("ultraseg.program.KEPT", 2.5 * sum(array.nbytes for array in weights_of(program)))
    for seed in range(4):
        program.reset(seed)
    assert list(program._drawn) == [2, 3]


def weights_of(program):
    return program.state()[: -len(program.model.optimizer.variables)]


def test_reset_does_not_trace_again(drawn):
    trial, _, cache = drawn
    program = Program(trial)
    train(program, cache, seed=1)
    traced = program.model.train_function
    train(program, cache, seed=2, rate=0.01)
    assert program.model.train_function is traced


def test_seeds_give_different_weights(drawn):
    trial, _, cache = drawn
    program = Program(trial)
    assert train(program, cache, seed=1)[0] != train(program, cache, seed=2)[0]


def test_rate_reaches_the_optimizer(drawn):
    """Plain gradient descent at rate 0 leaves the weights where they were."""
    trial, _, cache = drawn
    program = Program({**trial, "optimizer": {"sgd": {**trial["optimizer"]["sgd"], "momentum": 0.0}}})
    program.reset(3)
    before = [w.numpy() for w in program.model.trainable_weights]
    train(program, cache, seed=3, rate=0.0)
    assert all(np.array_equal(a, w) for a, w in zip(before, program.model.trainable_weights, strict=True))


def test_sizes_are_those_of_the_copies(drawn):
    program = Program({**drawn[0], "optimizer": load_optimizer("adam"), "precision": "mixed_float16"})
    copies = program.model.get_weights(), program.state()
    assert program.sizes() == tuple(sum(array.nbytes for array in arrays) for arrays in copies)


def test_state_of_another_program_is_refused(drawn):
    trial = drawn[0]
    other = Program({**trial, "model": {"UNet": {**trial["model"]["UNet"], "width": 3}}})
    with pytest.raises(ValueError, match="belongs to another"):
        Program(trial).restore(other.state())


def test_masks_of_another_size_are_refused(drawn):
    trial = drawn[0]
    with pytest.raises(ValueError, match=r"predicts 16x16 pixels but the masks are 8x8; set data.mask_size"):
        Program({**trial, "data": {**trial["data"], "mask_size": [8, 8]}})


@pytest.fixture(scope="module")
def apart(drawn):
    """A program of two channels that do not depend on each other, under an overlap loss."""
    trial = drawn[0]
    loss = {"dice": {"smooth": 1.0, "over": "image"}}
    return Program({**trial, "classes": 2, "independent": True, "loss": loss})


def test_independent_channels_have_a_loss_each(apart):
    # one image of 16 x 16: the first channel whole and found, the second empty and wholly marked
    truth = np.zeros((1, 16, 16, 2), np.float32)
    truth[..., 0] = 1
    losses = keras.ops.convert_to_numpy(apart.loss(truth, np.full(truth.shape, 30.0, np.float32)))
    # Dice with 1 added to both sides: (2 * 256 + 1) / (2 * 256 + 1) and 1 / (256 + 1)
    assert losses.shape == (2,) and losses == pytest.approx([0, 1 - 1 / 257], abs=1e-6)


def test_independent_channels_train_on_the_mean_of_their_losses(apart, drawn):
    _, _, cache = drawn
    apart.reset(3)
    truth = np.stack([cache.masks[:4], 255 - cache.masks[:4]], axis=-1) / np.float32(255)
    apart.model.optimizer.learning_rate = 0.0
    logits = keras.ops.convert_to_numpy(apart.model(cache.images[:4], training=True))
    wanted = keras.ops.convert_to_numpy(apart.loss(truth, logits))
    assert wanted.shape == (8,)
    apart.reset(3)
    apart.model.optimizer.learning_rate = 0.0
    assert float(apart.model.train_on_batch(cache.images[:4], truth)) == pytest.approx(wanted.mean(), rel=1e-5)


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_trains_and_gives_float32(drawn, precision):
    trial, _, cache = drawn
    program = Program({**trial, "precision": precision})
    losses, _ = train(program, cache, seed=0)
    assert np.all(np.isfinite(losses))
    assert program.logits(cache.images[:2]).dtype == np.float32
    reset, _ = train(program, cache, seed=0)
    assert reset == losses

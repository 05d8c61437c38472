"""Optimizers: first steps by hand, and options out of their range refused."""

import keras
import numpy as np
import pytest

from ultraseg import catalogue, schedules
from ultraseg.optimizers import adam, sgd


def walk(optimizer, gradients, rates=None, start=1.0):
    """Take steps on one weight, the way a program sets the rate before each; return the weight after every one."""
    weight = keras.Variable([start])
    optimizer.build([weight])
    places = []
    for step, gradient in enumerate(gradients):
        if rates is not None:
            optimizer.learning_rate = float(rates[step])
        optimizer.apply([keras.ops.convert_to_tensor([gradient])], [weight])
        places.append(float(weight[0]))
    return places


def test_sgd_with_momentum_by_hand():
    # velocities: -0.1 * 2 = -0.2; 0.9 * -0.2 - 0.1 * 1 = -0.28
    assert walk(sgd(learning_rate=0.1, momentum=0.9), [2.0, 1.0]) == pytest.approx([0.8, 0.52])


def test_sgd_without_momentum_by_hand():
    assert walk(sgd(learning_rate=0.1, momentum=0.0), [2.0, 1.0]) == pytest.approx([0.8, 0.7])


def test_nesterov_by_hand():
    # velocity -0.2, and the step looks ahead: 0.9 * -0.2 - 0.1 * 2 = -0.38
    assert walk(sgd(learning_rate=0.1, momentum=0.9, nesterov=True), [2.0]) == pytest.approx([0.62])


@pytest.mark.parametrize("gradient", [5.0, -0.02])
def test_adams_first_step_is_the_rate_whatever_the_gradient(gradient):
    # after bias correction mean = g and root mean square = |g|, to which epsilon adds little
    assert walk(adam(learning_rate=0.1), [gradient]) == pytest.approx([1 - 0.1 * np.sign(gradient)], abs=1e-4)


def test_adams_second_step_by_hand():
    # g = 1, 3: mean (0.9 * 0.1 + 0.3) / 0.19, mean square (0.999 * 0.001 + 0.009) / 0.001999
    mean, square = (0.9 * 0.1 + 0.1 * 3) / (1 - 0.9**2), (0.999 * 0.001 + 0.001 * 9) / (1 - 0.999**2)
    expected = 0.9 - 0.1 * mean / np.sqrt(square)
    assert walk(adam(learning_rate=0.1), [1.0, 3.0])[1] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("build", [sgd, adam])
def test_weight_decay_takes_its_share_times_the_rate(build):
    assert walk(build(learning_rate=0.1, weight_decay=0.2), [0.0]) == pytest.approx([1 - 0.1 * 0.2])


def test_clipnorm_limits_the_norm_of_the_whole_gradient():
    first, second = keras.Variable([0.0]), keras.Variable([0.0])
    optimizer = sgd(learning_rate=1.0, momentum=0.0, clipnorm=1.0)
    optimizer.build([first, second])
    optimizer.apply([keras.ops.convert_to_tensor([3.0]), keras.ops.convert_to_tensor([4.0])])
    # (3, 4) has norm 5
    assert [float(first[0]), float(second[0])] == pytest.approx([-0.6, -0.8])


def test_sgd_keeps_its_momentum_under_a_schedule():
    # rates 0.1 and 0.05: velocities -0.1, then 0.9 * -0.1 - 0.05 = -0.14. Report 003's decayed SGD had no momentum
    rates = schedules.exponential(0.1, 2, decay_steps=1, decay_rate=0.5)
    assert walk(sgd(learning_rate=0.1, momentum=0.9), [1.0, 1.0], rates) == pytest.approx([0.9, 0.76])


@pytest.mark.parametrize("name", catalogue.names("optimizers"))
def test_defaults_are_keras_own_and_a_step_goes_downhill(name):
    optimizer = catalogue.bind("optimizers", name)()
    theirs = getattr(keras.optimizers, {"sgd": "SGD", "adam": "Adam"}[name])()
    assert float(optimizer.learning_rate) == float(theirs.learning_rate)
    assert walk(optimizer, [1.0, 1.0])[-1] < 1


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
@pytest.mark.parametrize(
    ("build", "theirs", "options"),
    [
        (sgd, keras.optimizers.SGD, {"momentum": 0.9}),
        (sgd, keras.optimizers.SGD, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
        (sgd, keras.optimizers.SGD, {"momentum": 0.0}),
        (adam, keras.optimizers.Adam, {"beta_1": 0.8, "epsilon": 1e-3}),
        (adam, keras.optimizers.Adam, {"weight_decay": 0.1}),
    ],
)
def test_a_network_learns_what_keras_own_teaches_it(build, theirs, options, policy):
    images = np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)
    found = []
    for kind in (build, theirs):
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.Input((5,)), *(keras.layers.Dense(3, "tanh", dtype=policy) for _ in range(2))])
        model.compile(kind(learning_rate=0.05, **options), "mse", jit_compile=False)
        for step in range(6):
            model.optimizer.learning_rate = 0.05 / (step + 1)
            model.train_on_batch(images, images[:, :3])
        found.append([*model.get_weights(), *map(keras.ops.convert_to_numpy, model.optimizer.variables)])
    for mine, other in zip(*found, strict=True):
        np.testing.assert_allclose(mine, other, 1e-5, 1e-6)


@pytest.mark.parametrize("name", catalogue.names("optimizers"))
@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("learning_rate", 0.0),
        ("learning_rate", -0.01),
        ("learning_rate", float("inf")),
        ("learning_rate", float("nan")),
        ("weight_decay", -1.0),
        ("clipnorm", -1.0),
        ("clipnorm", float("nan")),
    ],
)
def test_an_option_out_of_its_range_is_refused(name, option, value):
    with pytest.raises(ValueError, match=f"{name}: {option} must be (above|at least) 0, got {value}"):
        catalogue.find("optimizers", name)(**{option: value})


@pytest.mark.parametrize(
    ("build", "option", "value"),
    [
        (sgd, "momentum", 1.0),
        (sgd, "momentum", -0.1),
        (adam, "beta_1", 1.0),
        (adam, "beta_2", -0.1),
        (adam, "epsilon", 0.0),
    ],
)
def test_a_memory_out_of_its_range_is_refused(build, option, value):
    with pytest.raises(ValueError, match=f"{build.__name__}: {option} must be .*, got {value}"):
        build(**{option: value})

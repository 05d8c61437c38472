"""The learning-rate schedules that a study may name: the rate of every step of a training, ahead of it.

A table of rates, not a part of the compiled step, so that trials which differ in it share that step.
"""

import keras
import numpy as np

__all__ = ["constant", "cosine", "exponential"]


def constant(learning_rate, steps):
    """The same rate at every step.

    Args:
        learning_rate: the optimizer's rate.
        steps: optimizer steps of the whole training.

    Returns:
        float32 `[steps]`.
    """
    return np.full(steps, learning_rate, np.float32)


def exponential(learning_rate, steps, *, decay_steps=1000, decay_rate=0.96):
    """Exponential decay, continuous.

    Args:
        learning_rate: the optimizer's rate, that of the first step.
        steps: optimizer steps of the whole training.
        decay_steps: steps after which the rate has been multiplied by `decay_rate` once.
        decay_rate: in (0, 1].

    Returns:
        float32 `[steps]`.

    Raises:
        ValueError: an option is out of its range.

    Source: Keras' `ExponentialDecay`; report 003 used the defaults.
    """
    if decay_steps < 1 or not 0 < decay_rate <= 1:
        raise ValueError(
            f"exponential: decay_steps must be at least 1 and decay_rate in (0, 1], got {decay_steps} and {decay_rate}"
        )
    return _table(keras.optimizers.schedules.ExponentialDecay(learning_rate, decay_steps, decay_rate), steps)


def cosine(learning_rate, steps, *, final=0.0):
    """Half a cosine from the optimizer's rate down to a share of it, reached as the last step ends.

    Args:
        learning_rate: the optimizer's rate, that of the first step.
        steps: optimizer steps of the whole training.
        final: the share that is left at the end, in [0, 1].

    Returns:
        float32 `[steps]`.

    Raises:
        ValueError: `final` is out of its range.

    Source: Loshchilov and Hutter, 2017 (arXiv:1608.03983), one cycle; Keras' `CosineDecay`.
    """
    if not 0 <= final <= 1:
        raise ValueError(f"cosine: final must be in [0, 1], got {final}")
    return _table(keras.optimizers.schedules.CosineDecay(learning_rate, steps, alpha=final), steps)


def _table(schedule, steps):
    return keras.ops.convert_to_numpy(schedule(keras.ops.arange(steps, dtype="float32"))).astype(np.float32)

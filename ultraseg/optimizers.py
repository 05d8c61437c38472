"""The optimizers that a study may name. Their rate is what a schedule starts from.

Source: Keras' `SGD` and `Adam`; Polyak 1964 (momentum), Kingma and Ba 2015 (arXiv:1412.6980).
"""

import math

import keras

from ultraseg import kernels

__all__ = ["adam", "sgd"]


def sgd(*, learning_rate=0.01, momentum=0.9, nesterov=False, weight_decay=0.0, clipnorm=0.0):
    """Stochastic gradient descent with momentum, which every schedule keeps.

    Args:
        learning_rate: step length at the start, above 0.
        momentum: share of the last step carried on, in [0, 1).
        nesterov: look ahead along the momentum.
        weight_decay: share of each weight taken off per step, times the rate; 0 for none.
        clipnorm: largest norm of the whole gradient; 0 for no limit.

    Returns:
        A `keras.optimizers.SGD`, whose step TensorFlow takes in one operation.

    Raises:
        ValueError: an option is out of its range.
    """
    _check("sgd", learning_rate, weight_decay, clipnorm)
    _within("sgd", "momentum", momentum)
    return FusedSGD(
        learning_rate,
        momentum=momentum,
        nesterov=nesterov,
        weight_decay=weight_decay or None,
        global_clipnorm=clipnorm or None,
    )


def adam(*, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, weight_decay=0.0, clipnorm=0.0):
    """Adam; with weight decay it is AdamW.

    Args:
        learning_rate: step length at the start, above 0.
        beta_1: memory of the mean gradient, in [0, 1).
        beta_2: memory of the mean squared gradient, in [0, 1).
        epsilon: floor of the root mean square that divides the step, above 0.
        weight_decay: share of each weight taken off per step, times the rate; 0 for none.
        clipnorm: largest norm of the whole gradient; 0 for no limit.

    Returns:
        A `keras.optimizers.Adam`, whose step TensorFlow takes in one operation.

    Raises:
        ValueError: an option is out of its range.
    """
    _check("adam", learning_rate, weight_decay, clipnorm)
    _within("adam", "beta_1", beta_1)
    _within("adam", "beta_2", beta_2)
    if not 0 < epsilon < 1:
        raise ValueError(f"adam: epsilon must be above 0 and below 1, got {epsilon}")
    return FusedAdam(
        learning_rate,
        beta_1=beta_1,
        beta_2=beta_2,
        epsilon=epsilon,
        weight_decay=weight_decay or None,
        global_clipnorm=clipnorm or None,
    )


@keras.saving.register_keras_serializable(package="ultraseg")
class FusedSGD(keras.optimizers.SGD):
    """Keras' SGD, every argument as there."""

    def update_step(self, gradient, variable, learning_rate):
        """Change a variable and its momentum."""
        if not self.momentum or not kernels.steps_at_once(variable):
            super().update_step(gradient, variable, learning_rate)
            return
        momentums = self.momentums[self._get_variable_index(variable)]
        options = {"rate": learning_rate, "momentum": self.momentum, "nesterov": self.nesterov}
        kernels.momentum_step(variable, momentums, gradient, **options)


@keras.saving.register_keras_serializable(package="ultraseg")
class FusedAdam(keras.optimizers.Adam):
    """Keras' Adam, every argument as there."""

    def update_step(self, gradient, variable, learning_rate):
        """Change a variable and the means of its gradient and of the gradient's square."""
        if self.amsgrad or not kernels.steps_at_once(variable):
            super().update_step(gradient, variable, learning_rate)
            return
        memory = (every[self._get_variable_index(variable)] for every in (self._momentums, self._velocities))
        options = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        kernels.adam_step(variable, *memory, gradient, rate=learning_rate, step=self.iterations + 1, **options)


def _check(who, learning_rate, weight_decay, clipnorm):
    if not (learning_rate > 0 and math.isfinite(learning_rate)):
        raise ValueError(f"{who}: learning_rate must be above 0, got {learning_rate}")
    for name, value in (("weight_decay", weight_decay), ("clipnorm", clipnorm)):
        if not (value >= 0 and math.isfinite(value)):
            raise ValueError(f"{who}: {name} must be at least 0, got {value}")


def _within(who, name, value):
    if not 0 <= value < 1:
        raise ValueError(f"{who}: {name} must be in [0, 1), got {value}")

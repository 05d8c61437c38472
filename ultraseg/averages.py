"""Whether batch norms' running averages have left their first values: what predictions use and training does not.

Source: Ioffe and Szegedy, 2015, section 3.1; Wu and Johnson, 2021, "Rethinking Batch in BatchNorm", section 3.
"""

LEFT = 0.05
"""What may be left of the first values; above it a network predicts otherwise than it trains."""


def left(momentum: float | None, steps: float) -> float:
    """Tell what share of a running average is still its first value, a mean of 0 and a variance of 1.

    Args:
        momentum: what a step leaves of the average; None without batch norms that train.
        steps: training steps.

    Returns:
        `momentum ** steps`, in [0, 1]; 0 without batch norms.
    """
    return 0.0 if momentum is None else momentum**steps

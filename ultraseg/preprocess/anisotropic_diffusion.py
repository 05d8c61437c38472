"""Speckle-reducing anisotropic diffusion: grey values flow where they differ as speckle does, and not across edges.

Source: Yu and Acton, 2002 (IEEE Transactions on Image Processing 11): the instantaneous coefficient of variation q
(equation 35), the coefficient of diffusion (33), the divergence (58) and the step (61).
Departure: the speckle's own q, which the paper takes from a homogeneous region marked by hand, is the median of q
over the first image unless it is given. The paper's images are uncompressed; here exp(grey / 255) is diffused, which
has no zeros. The coefficient is held in [0, 1]. Of a colour image the luma is diffused.
"""

import functools
import math

import numpy as np

from ultraseg.preprocess._luma import on_luma


def anisotropic_diffusion(image, *, iterations=30, step=0.25, q0: float | None = None, decay=0.16666666666666666):
    """Diffuse an image for a time of iterations times step.

    Args:
        image: uint8 `[height, width, 1 or 3]`; three channels are red, green and blue.
        iterations: how many steps are taken, at least 0; more of them smooth more.
        step: time that each takes, in (0, 1]; beyond 1 the scheme is unstable.
        q0: coefficient of variation of pure speckle at the start, above 0: what varies more is taken for an edge.
            None estimates it from the image.
        decay: rate at which it falls as the speckle is smoothed, exp(-decay time), at least 0.

    Returns:
        uint8 of the same shape; an image of one value stays as it is.

    Raises:
        ValueError: an option is out of range.
    """
    if iterations < 0:
        raise ValueError(f"anisotropic_diffusion: iterations must be at least 0, got {iterations}")
    if not 0 < step <= 1:
        raise ValueError(f"anisotropic_diffusion: step must be in (0, 1], got {step}")
    if q0 is not None and not 0 < q0 < math.inf:
        raise ValueError(f"anisotropic_diffusion: q0 must be above 0, got {q0}")
    if not 0 <= decay < math.inf:
        raise ValueError(f"anisotropic_diffusion: decay must be at least 0, got {decay}")
    return on_luma(image, functools.partial(_diffused, iterations=iterations, step=step, q0=q0, decay=decay))


def _diffused(grey, *, iterations, step, q0, decay):
    values = np.exp(grey.astype(np.float32) / 255)
    for number in range(iterations):
        down, across = np.diff(values, axis=0), np.diff(values, axis=1)
        squares = _squared_variation(values, down, across)
        if number == 0:
            q0 = q0 or _typical(squares)
        if not q0:
            break
        speckle = (q0 * math.exp(-decay * number * step)) ** 2
        squares -= speckle
        squares /= speckle * (1 + speckle)
        squares += 1
        flow = np.clip(np.reciprocal(squares, out=squares), 0, 1, out=squares)
        values += step / 4 * _summed(flow[1:] * down, flow[:, 1:] * across, far=-1)
    return np.clip(np.rint(np.log(values) * 255), 0, 255).astype(np.uint8)


def _squared_variation(values, down, across):
    """q squared: half the squared gradient less a sixteenth of the squared Laplacian, over the local mean squared.

    Args:
        values: float32 `[height, width]`, above 0.
        down: by how much the next row is larger, `[height - 1, width]`.
        across: by how much the next column is larger, `[height, width - 1]`.

    Returns:
        float32 `[height, width]`; beyond the edge of the image nothing changes.
    """
    quarter = _summed(down, across, far=-1) / 4  # of the Laplacian
    found = _summed(down * down, across * across, far=1) / 2
    found -= quarter * quarter
    quarter += values
    found /= quarter * quarter
    return found


def _summed(down, across, *, far):
    """Give what lies between two pixels to both of them, to the lower or right one `far` times."""
    total = np.zeros((len(across), down.shape[1]), np.float32)
    total[:-1] += down
    total[1:] += far * down
    total[:, :-1] += across
    total[:, 1:] += far * across
    return total


def _typical(squares):
    """The median of q where there is any variation; 0 where there is none."""
    varied = squares[squares > 0]
    return math.sqrt(float(np.median(varied))) if varied.size else 0.0

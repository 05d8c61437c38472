"""Truths and probabilities that binning and sorting stumble over."""

import numpy as np

PIXELS = (3, 60, 100)


def scenes():
    """Name, truth `[images, height, width]`, probability likewise; float32 unless the name says otherwise."""
    rng = np.random.default_rng(0)
    truth = (rng.random(PIXELS) < 0.15).astype(np.uint8)
    lesion = truth.astype(np.float64)
    noise = rng.normal(0, 1, PIXELS)
    at = {
        "even": 1.5 * lesion - 2 + 2 * noise,
        "all confident, right": np.where(lesion, 14.0, -60.0) + 1.5 * noise,
        "all confident, wrong at times": np.where(rng.random(PIXELS) < 0.1, 1 - lesion, lesion) * 74 - 60 + 2 * noise,
        "far below even odds": -40 + 3 * lesion + 5 * noise,
        "nearly constant": -2.3 + 0.03 * lesion + 0.05 * noise,
        "bimodal": np.where(noise + lesion > 0.5, 4.0, -6.0) + 0.3 * rng.normal(0, 1, PIXELS),
        "steep": 8 + 0.1 * lesion + 0.1 * noise,
    }
    for name, odds in at.items():
        yield name, truth, (1 / (1 + np.exp(-odds))).astype(np.float32)
    yield "even, float64", truth, 1 / (1 + np.exp(-at["even"]))
    yield "even, float16", truth, (1 / (1 + np.exp(-at["even"]))).astype(np.float16)
    yield "all equal", truth, np.full(PIXELS, 0.2, np.float32)
    yield "two values, one on a bin's end", truth, np.where(noise > 0.3, np.float32(0.2), np.float32(0.19))
    yield "zeros and ones", truth, (noise + truth > 1).astype(np.float32)
    yield "the truth", truth, truth.astype(np.float64)
    yield "eight bits", truth, np.rint(255 / (1 + np.exp(-at["even"]))).astype(np.float32) / 255
    yield "one lesion pixel", (np.arange(truth.size) == 7).reshape(PIXELS).astype(np.uint8), rng.random(PIXELS)
    yield "one background pixel", (np.arange(truth.size) != 7).reshape(PIXELS).astype(np.uint8), rng.random(PIXELS)
    yield "no lesion", np.zeros(PIXELS, np.uint8), rng.random(PIXELS)
    yield "all lesion", np.ones(PIXELS, np.uint8), rng.random(PIXELS)


SCENES = {name: (truth, probability) for name, truth, probability in scenes()}

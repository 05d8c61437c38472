"""Set the process up before anything imports Keras, and give the tests their data."""

import gc
import os
import resource
import shutil
from contextlib import contextmanager
from pathlib import Path

import cv2
import hypothesis
import numpy as np
import pytest

from ultraseg import runtime

runtime.prepare(threads=2)
runtime.load()
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")


def pytest_collection_finish():
    """Keep what is loaded by now, half a million objects, from being looked through at every collection of garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def _same_draws():
    """Weights that a test leaves to Keras are the same in every run."""
    import keras

    keras.utils.set_random_seed(0)


@pytest.fixture(scope="session")
def busi_root():
    """The real BUSI, below the folder that ULTRASEG_DATA names."""
    if "ULTRASEG_DATA" not in os.environ:
        pytest.skip("wants the real BUSI: set ULTRASEG_DATA to the folder that holds it")
    return Path(os.environ["ULTRASEG_DATA"])


@pytest.fixture
def files_below():
    """Lets no file of this process grow beyond a size in bytes, as on a disk that is full."""

    @contextmanager
    def limit(size):
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limit


@pytest.fixture
def tiny_busi(tmp_path):
    """Nine drawn images in BUSI's layout: every mode of mask, an image with two, and an exact copy."""
    root = tmp_path / "tiny"
    disc = cv2.circle(np.zeros((40, 60), np.uint8), (20, 15), 8, 255, -1)
    other = cv2.circle(np.zeros((40, 60), np.uint8), (45, 25), 6, 255, -1)
    clear = np.zeros((40, 60), np.uint8)
    _put(root, "benign (1)", _grey(1), disc)
    _put(root, "benign (2)", cv2.merge([_grey(2)] * 3), disc, [cv2.IMWRITE_PNG_BILEVEL, 1])
    _put(root, "benign (2)", None, cv2.merge([other] * 3), [], "_mask_1")
    _put(root, "benign (3)", cv2.merge([*[_grey(3)] * 3, clear]), cv2.merge([disc, disc, disc, clear]))
    _put(root, "benign (10)", _grey(4), other)
    _put(root, "malignant (1)", _grey(5), disc)
    for part in ("", "_mask"):
        shutil.copy(root / "benign" / f"benign (1){part}.png", root / "malignant" / f"malignant (2){part}.png")
    _put(root, "malignant (3)", _grey(6)[:31, :45], disc[:31, :45])
    _put(root, "normal (1)", _grey(7), clear)
    _put(root, "normal (2)", _grey(8), clear)
    return root


def _grey(seed):
    return np.random.default_rng(seed).integers(0, 256, (40, 60), np.uint8)


def _put(root, name, image, mask, flags=(), part="_mask"):
    folder = root / name.split(" ")[0]
    folder.mkdir(parents=True, exist_ok=True)
    if image is not None:
        cv2.imwrite(str(folder / f"{name}.png"), image)
    cv2.imwrite(str(folder / f"{name}{part}.png"), mask, list(flags))

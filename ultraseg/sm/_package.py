"""The package segmentation-models, imported in the one way that works on Keras 3.

Source: segmentation-models 1.0.1, whose framework must be tf.keras before it is imported; as it stands, it does not
import at all.
"""

import contextlib
import importlib
import io
import os
import warnings

import keras

FRAMEWORK = "tf.keras"


def package():
    """Import the package, if that was not done, and keep what it says meanwhile.

    Raises:
        ValueError: it is not installed, or Keras does not run on TensorFlow.
    """
    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            "segmentation-models: runs on Keras' backend tensorflow alone, this is "
            f"{keras.backend.backend()}; set KERAS_BACKEND=tensorflow"
        )
    os.environ["SM_FRAMEWORK"] = FRAMEWORK
    try:
        with quiet(), contextlib.redirect_stdout(io.StringIO()):
            module = importlib.import_module("segmentation_models")
            if module.framework() != FRAMEWORK:
                module.set_framework(FRAMEWORK)
    except ImportError as reason:
        raise ValueError(f"segmentation-models: cannot be imported ({reason}); pip install 'ultraseg[sm]'") from None
    return module


@contextlib.contextmanager
def quiet():
    """Keep the warnings of a package that nobody mends any more."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield

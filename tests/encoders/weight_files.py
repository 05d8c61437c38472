"""Weight files for tests: a ResNet's own variables under PyTorch's names and in PyTorch's order of axes."""

import keras
import numpy as np
from safetensors.numpy import save_file

NORM = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}


def network(encoder, channels=3, size=(None, None), **options):
    """The model from an image to all maps."""
    image = keras.Input((*size, channels))
    return keras.Model(image, encoder(image, **options))


def drawn(model, seed=0):
    """Random arrays for every variable of a model, by PyTorch's names; variances are positive."""
    generator, arrays = np.random.default_rng(seed), {}
    for layer in model.layers:
        key = layer.name.removeprefix("encoder-").replace("-", ".")
        for variable in layer.weights:
            shape = tuple(variable.shape)
            if variable.name == "kernel":
                fan = np.prod(shape[:3])
                arrays[f"{key}.weight"] = generator.normal(0, fan**-0.5, np.take(shape, (3, 2, 0, 1)))
            else:
                arrays[f"{key}.{NORM[variable.name]}"] = generator.uniform(0.5, 1.5, shape)
    return {name: array.astype(np.float32) for name, array in arrays.items()}


def written(path, arrays, prefix=""):
    """Write arrays as a weight file, with the classifier and the counters that such files have."""
    rest = {"fc.weight": np.zeros((2, 2), np.float32), "bn1.num_batches_tracked": np.array(7)}
    save_file({prefix + name: np.ascontiguousarray(array) for name, array in {**arrays, **rest}.items()}, str(path))
    return str(path)

"""The plain encoder: its maps, finest first, and its weights by hand."""

import keras
import pytest

from ultraseg.encoders import plain


def encoder(shape=(32, 48, 1), **options):
    image = keras.Input(shape)
    return keras.Model(image, plain(image, **options))


def test_maps_halve_and_double_finest_first():
    shapes = [shape[1:] for shape in encoder(width=2, depth=3).output_shape]
    assert shapes == [(32, 48, 2), (16, 24, 4), (8, 12, 8), (4, 6, 16)]


def test_parameters_by_hand():
    # 1 -> 2 -> 2 channels, then 2 -> 4 -> 4
    assert encoder(width=2, depth=1).count_params() == (18 + 2) + (36 + 2) + (72 + 4) + (144 + 4) == 282


def test_poolings_and_options():
    model = encoder(width=2, depth=3, batch_norm=True, dropout=0.1)
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds.count("MaxPooling2D") == 3
    assert kinds.count("FusedBatchNormalization") == 8 and kinds.count("SpatialDropout2D") == 4


@pytest.mark.parametrize("depth", [0, 2])
def test_one_map_more_than_poolings(depth):
    image = keras.Input((16, 16, 1))
    assert len(plain(image, width=2, depth=depth)) == depth + 1

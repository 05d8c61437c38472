"""ImageNet weights of the package's backbones: where they lie, their hashes, and one sentence for what can go wrong.

Source: image-classifiers 1.0.0, efficientnet 1.0.0 and keras_applications 1.0.8, which name addresses and hashes.
"""

import importlib

from ultraseg.weight_file import UNREADABLE, first_line, weight_file

RELEASES = "https://github.com/fchollet/deep-learning-models/releases/download"
FILE = "weights_tf_dim_ordering_tf_kernels_notop.h5"
# What keras_applications writes between its lines; it has no hashes of MobileNets.
OTHERS = {
    "vgg16": (f"{RELEASES}/v0.1/vgg16_{FILE}", "6d6bbae143d832006294945121d1f1fc"),
    "vgg19": (f"{RELEASES}/v0.1/vgg19_{FILE}", "253f8cb515780f3b799900260a226db6"),
    "inceptionv3": (f"{RELEASES}/v0.5/inception_v3_{FILE}", "bcbd6486424b2319ff4ef7d526e38f63"),
    "inceptionresnetv2": (f"{RELEASES}/v0.7/inception_resnet_v2_{FILE}", "d19885ff4a710c122648d3b5c3b684e4"),
    "mobilenet": (f"{RELEASES}/v0.6/mobilenet_1_0_224_tf_no_top.h5", None),
    "mobilenetv2": (
        "https://github.com/JonathanCMitchell/mobilenet_v2_keras/releases/download/v1.1/"
        "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
        None,
    ),
}


def given(who, backbone, weights):
    """Find the file of weights that is asked for.

    Args:
        who: what asks for it, for messages.
        backbone: the package's name of it.
        weights: None, `imagenet` or the path of an `.h5` file.

    Returns:
        A path as the package takes it; None for None.

    Raises:
        ValueError: there is no such file, or it cannot be fetched or checked.
    """
    if weights is None:
        return None
    path = weight_file(who, weights, *source(backbone))
    return None if path is None else str(path)


def source(backbone):
    """Address and hash of a backbone's ImageNet weights."""
    if backbone in OTHERS:
        return OTHERS[backbone]
    if backbone.startswith("efficientnet"):
        family = importlib.import_module("efficientnet.model")
        name = backbone.replace("net", "net-")
        address = f"{family.BASE_WEIGHTS_PATH}{name}_weights_tf_dim_ordering_tf_kernels_autoaugment_notop.h5"
        return address, family.WEIGHTS_HASHES[name][1]
    collection = importlib.import_module("classification_models.weights").WEIGHTS_COLLECTION
    [entry] = [
        each
        for each in collection
        if each["model"] == backbone and each["dataset"] == "imagenet" and not each["include_top"]
    ]
    return entry["url"], entry["md5"]


class Loading:
    """Says in one sentence that a file which the package reads meanwhile cannot be read or does not fit."""

    def __init__(self, who, backbone, path):
        self.who, self.backbone, self.path = who, backbone, path

    def __enter__(self):
        return self

    def __exit__(self, kind, fault, _):
        if self.path is not None and isinstance(fault, UNREADABLE):
            raise ValueError(
                f"{self.who}: weights {self.path} cannot be read or are not {self.backbone}'s ({first_line(fault)}); "
                f"fetch {source(self.backbone)[0]} and give the file by hand as weights: PATH"
            ) from None

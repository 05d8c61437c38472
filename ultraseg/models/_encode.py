"""The step from an encoder's name, or an encoder function, to the maps that a decoder takes."""

import inspect

from ultraseg import catalogue


def encode(image, encoder, *, depth, output_stride=None, shared=None):
    """Run an encoder on an image.

    Args:
        image: a Keras tensor, `[batch, height, width, channels]`.
        encoder: a name, `{name: {option: value}}`, or a function from an image to a list of maps.
        depth: how many times the maps halve.
        output_stride: the stride at which they stop to; None is 2**depth.
        shared: further options that the model decides, by name, as U-Net does for the plain encoder.

    Returns:
        Maps, finest first; number i has stride 2**i, or the output stride where that is less.

    Raises:
        ValueError: there is no such encoder or option, it cannot do what is decided, the decision is not its own, or
            the maps are not as many or not as large.
    """
    name, given = (name_of(encoder), {}) if callable(encoder) else catalogue.split("encoders", encoder)
    function = encoder if callable(encoder) else catalogue.bind("encoders", encoder)
    known = inspect.signature(function).parameters
    decided = {"depth": depth, **(shared or {})}
    if output_stride not in (None, 2**depth) or output_stride and "output_stride" in known:
        decided["output_stride"] = output_stride
    if twice := sorted(given.keys() & decided.keys()):
        raise ValueError(f"encoder {name}: the model decides its {twice[0]}; leave the option out of the encoder")
    if "output_stride" in decided and "output_stride" not in known:
        raise ValueError(
            f"encoder {name}: cannot keep its maps at stride {output_stride} by dilation; these can: "
            f"{_with_output_stride('encoders')}"
        )
    if foreign := sorted(decided.keys() - known.keys()):
        raise ValueError(f"encoder {name}: a function must take the option {foreign[0]}")
    if callable(encoder) and "output_stride" in known:
        given = {"output_stride": known["output_stride"].default}
    own = given.get("output_stride")
    if "output_stride" not in decided and isinstance(own, int) and own < 2**depth:
        raise ValueError(
            f"encoder {name}: the model wants each map at half the size of the one before, down to stride {2**depth}; "
            f"leave the option output_stride={own} out, or take a model that has it: {_with_output_stride('models')}"
        )
    maps = list(function(image, **decided))
    if len(maps) != depth + 1:
        raise ValueError(f"encoder {name}: {depth + 1} maps are wanted, got {len(maps)}")
    for number, features in enumerate(maps):
        stride = min(2**number, output_stride or 2**number)
        for whole, side in zip(image.shape[1:3], features.shape[1:3], strict=False):
            if None not in (whole, side) and whole % stride == 0 and side != whole // stride:
                raise ValueError(
                    f"encoder {name}: map {number} must be at stride {stride}, {whole // stride} pixels of the image's "
                    f"{whole}, got {side}"
                )
    return maps


def _with_output_stride(room):
    """List the members of a room that have the option."""
    return ", ".join(each for each in catalogue.names(room) if "output_stride" in catalogue.options(room, each))


def name_of(encoder):
    """Name an encoder that is given as a name, a spec or a function.

    Raises:
        ValueError: there is none of that name.
    """
    if callable(encoder):
        return getattr(getattr(encoder, "func", encoder), "__name__", "function")
    name = catalogue.split("encoders", encoder)[0]
    catalogue.options("encoders", name)
    return name

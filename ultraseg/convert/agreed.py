"""The model that a checkpoint is read into: what was asked for, joined with what the checkpoint says of itself.

Source: the constructors of segmentation_models.pytorch 0.6.0, whose arguments `save_pretrained` keeps.
Departure: arguments that change neither weights nor logits (`encoder_weights`, `activation`, `aux_params`) are passed
over.
"""

from ultraseg import catalogue
from ultraseg.convert._architectures import ARCHITECTURES
from ultraseg.convert._encoders import ENCODERS, refuse_without_counterpart

PASSED_OVER = {"encoder_weights", "in_channels", "classes", "activation", "aux_params"}
NORMS = {"batchnorm": True, "identity": False}


def agreed(spec, configuration):
    """Join the two, or name what they contradict each other in.

    Args:
        spec: a model in the catalogue's grammar; None asks for nothing.
        configuration: the arguments that smp's class was called with, and its name under `_model_class`; None says
            nothing.

    Returns:
        `{name: {option: value}}`; options that were not asked for are as the checkpoint says.

    Raises:
        ValueError: both say nothing, they contradict each other, weights of the encoder are asked for beside those of
            the checkpoint, or there is no such architecture, encoder or option here or there.
    """
    if spec is None and configuration is None:
        raise ValueError(
            "convert: the checkpoint does not say what it is of; name the model, as in "
            "--model '{UNet: {encoder: ResNet34}}'"
        )
    said = {} if configuration is None else _said(configuration)
    if spec is None:
        return said
    asked, given = catalogue.split("models", spec)
    [options] = catalogue.resolve("models", spec).values()
    if asked not in ARCHITECTURES:
        raise ValueError(f"smp: {catalogue.unknown(asked, ARCHITECTURES, 'architecture')}")
    theirs = said.get(asked, {})
    if said and not theirs:
        [(name, theirs)] = said.items()
        raise ValueError(f"{asked}: the checkpoint is of another architecture: {name} on {theirs['encoder']}")
    encoder, chosen = catalogue.split("encoders", options["encoder"])
    if chosen.get("weights") is not None:
        raise ValueError(
            f"{asked}: the encoder's weights, {chosen['weights']}, are asked for beside the checkpoint's own; leave "
            f"the option weights out of {encoder}"
        )
    if not theirs:
        refuse_without_counterpart(asked, encoder)
    theirs = _doubling(asked, given, theirs)
    for option in given.keys() & theirs.keys():
        ours = encoder if option == "encoder" else options[option]
        if ours != theirs[option]:
            raise ValueError(f"{asked}: {option} {ours} is asked for, but the checkpoint says {theirs[option]}")
    return {asked: theirs | given}


def _doubling(asked, given, theirs):
    """What a checkpoint says, without the decoder's channels where the width that is asked for means the same."""
    channels = theirs.get("decoder_channels")
    if given.get("width") is None or not isinstance(channels, list):
        return theirs
    if channels != [given["width"] * 2**stage for stage in reversed(range(len(channels)))]:
        raise ValueError(
            f"{asked}: width {given['width']} is asked for, but the checkpoint says decoder_channels {channels}"
        )
    return {option: value for option, value in theirs.items() if option != "decoder_channels"}


def _said(configuration):
    """What a checkpoint says of itself, in our words: `{name: {option: value}}`."""
    smp = configuration["_model_class"]
    names = {theirs: ours for ours, (theirs, _) in ARCHITECTURES.items()}
    if smp not in names:
        raise ValueError(f"smp: {catalogue.unknown(smp, names, 'architecture')}")
    name, options = names[smp], {}
    options_of = ARCHITECTURES[name][1]
    for argument, value in configuration.items():
        if argument in options_of:
            options[options_of[argument]] = _translated(smp, argument, value)
    [resolved] = catalogue.resolve("models", {name: options}).values()
    allowed = _without_option(name, resolved)
    for argument, value in configuration.items():
        if argument.startswith("_") or argument in PASSED_OVER or argument in options_of:
            continue
        if (_norm(value) if "norm" in argument else value) not in allowed.get(argument, ()):
            raise ValueError(_foreign(smp, argument, value))
    return {name: {option: resolved[option] for option in ("encoder", *options)}}


def _without_option(name, options):
    """What arguments must be that our builders have no option for."""
    depth, stride = options["depth"], options.get("output_stride")
    interpolation = ("bilinear" if name == "PAN" else "nearest",)
    upsampling = (4,)
    if name == "FPN":
        upsampling = (2.0 ** (depth - 3),)
    elif name == "PSPNet":
        upsampling = (2**depth,)
    elif name == "DeepLabV3":
        upsampling = (None, min(2**depth, stride))
    return {
        "decoder_attention_type": (None,),
        "decoder_interpolation": interpolation,
        "upscale_mode": interpolation,
        "decoder_use_norm": (True,),
        "decoder_use_batchnorm": (True,),
        "psp_use_batchnorm": (True,),
        "upsampling": upsampling,
    }


def _translated(smp, argument, value):
    """An argument's value as our option takes it."""
    if argument == "encoder_name":
        known = {each.lower(): each for each in ENCODERS}
        if not isinstance(value, str) or value not in known:
            raise ValueError(f"smp: the encoder {value!r} has no counterpart here; these have: {', '.join(known)}")
        return known[value]
    if argument == "decoder_use_norm":
        if _norm(value) is None:
            raise ValueError(_foreign(smp, argument, value))
        return _norm(value)
    return value


def _norm(value):
    """Whether a norm in smp's words is batch norm as it is by default (True) or none (False); None for another."""
    if isinstance(value, dict) and list(value) == ["type"]:
        value = value["type"]
    if isinstance(value, bool):
        return value
    return NORMS.get(value.lower()) if isinstance(value, str) else None


def _foreign(smp, argument, value):
    return f"smp: {smp} with {argument}={value!r} has no counterpart here"

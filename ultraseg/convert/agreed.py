"""The model that a checkpoint is read into: what was asked for, joined with what the checkpoint says of itself.

Source: the constructors of segmentation_models.pytorch 0.6.0, whose arguments `save_pretrained` keeps.
Departure: arguments that change neither weights nor logits (`encoder_weights`, `activation`, `aux_params`) are passed
over.
"""

from ultraseg import catalogue
from ultraseg.convert._architectures import ARCHITECTURES

PASSED_OVER = {"encoder_weights", "in_channels", "classes", "activation", "aux_params"}
NORMED = ("batchnorm", True)


def agreed(spec, configuration):
    """Join the two, or name what they contradict each other in.

    Args:
        spec: a model in the catalogue's grammar; None asks for nothing.
        configuration: the arguments that smp's class was called with, and its name under `_model_class`; None says
            nothing.

    Returns:
        `{name: {option: value}}`; options that were not asked for are as the checkpoint says.

    Raises:
        ValueError: both say nothing, they contradict each other, or we have no such architecture, encoder or option.
    """
    if spec is None and configuration is None:
        raise ValueError("convert: the checkpoint does not say what it is of; name the model, as in --model UNet")
    said = {} if configuration is None else _said(configuration)
    if spec is None:
        return said
    asked, given = catalogue.split("models", spec)
    [options] = catalogue.resolve("models", spec).values()
    if asked not in ARCHITECTURES:
        raise ValueError(f"smp: {catalogue.unknown(asked, ARCHITECTURES, 'architecture')}")
    if not said:
        return {asked: given}
    [(name, theirs)] = said.items()
    if asked != name:
        raise ValueError(f"{asked}: the checkpoint is of another architecture: {name} on {theirs['encoder']}")
    for option in given.keys() & theirs.keys():
        ours = catalogue.split("encoders", options[option])[0] if option == "encoder" else options[option]
        if ours != theirs[option]:
            raise ValueError(f"{name}: {option} {ours} is asked for, but the checkpoint says {theirs[option]}")
    return {name: theirs | given}


def _said(configuration):
    """What a checkpoint says of itself, in our words: `{name: {option: value}}`."""
    smp = configuration["_model_class"]
    names = {theirs: ours for ours, (theirs, _) in ARCHITECTURES.items()}
    if smp not in names:
        raise ValueError(f"smp: {catalogue.unknown(smp, names, 'architecture')}")
    name, options = names[smp], {}
    options_of = ARCHITECTURES[name][1]
    allowed = _without_option(name, configuration)
    for argument, value in configuration.items():
        if argument in options_of:
            options[options_of[argument]] = _translated(name, argument, value)
        elif not (argument.startswith("_") or argument in PASSED_OVER or value in allowed.get(argument, ())):
            raise ValueError(_foreign(smp, argument, value))
    [resolved] = catalogue.resolve("models", {name: options}).values()
    return {name: {option: resolved[option] for option in ("encoder", *options)}}


def _without_option(name, configuration):
    """What arguments must be that our builders have no option for."""
    depth, stride = configuration.get("encoder_depth", 5), configuration.get("encoder_output_stride")
    interpolation = ("bilinear" if name == "PAN" else "nearest",)
    upsampling = {"FPN": (2.0 ** (depth - 3),), "PSPNet": (2**depth,), "DeepLabV3": (None, stride)}.get(name, (4,))
    return {
        "decoder_attention_type": (None,),
        "decoder_interpolation": interpolation,
        "upscale_mode": interpolation,
        "decoder_use_norm": NORMED,
        "decoder_use_batchnorm": NORMED,
        "psp_use_batchnorm": NORMED,
        "upsampling": upsampling,
    }


def _translated(name, argument, value):
    """An argument's value as our option takes it."""
    if argument == "encoder_name":
        known = {each.lower(): each for each in catalogue.names("encoders")}
        if value not in known:
            raise ValueError(f"smp: {catalogue.unknown(value, known, 'encoder')}")
        return known[value]
    if argument == "decoder_use_norm":
        if value not in (*NORMED, False, "identity"):
            raise ValueError(_foreign("Unet", argument, value))
        return value in NORMED
    if argument == "decoder_channels" and name == "UNet":
        finest = value[-1]
        if list(value) != [finest * 2**stage for stage in reversed(range(len(value)))]:
            raise ValueError(_foreign("Unet", argument, value))
        return finest
    return value


def _foreign(smp, argument, value):
    return f"smp: {smp} with {argument}={value!r} has no counterpart here"

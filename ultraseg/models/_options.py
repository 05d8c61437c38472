"""What builders ask of their options, said in one way."""


def whole(builder, option, value):
    """Refuse what is not a whole number of at least 1.

    Args:
        builder: name of the builder, for the message.
        option: name of the option.
        value: what was given.

    Raises:
        ValueError: it is something else.
    """
    if not _is_whole(value):
        raise ValueError(f"{builder}: {option} must be a whole number of at least 1, got {value!r}")


def several(builder, option, value, count=None):
    """Refuse what is not a list of whole numbers of at least 1.

    Args:
        builder: name of the builder, for the message.
        option: name of the option.
        value: what was given.
        count: how many numbers there must be; None takes one or more.

    Raises:
        ValueError: it is something else.
    """
    numbers = value if isinstance(value, list | tuple) else ()
    if not numbers or not all(map(_is_whole, numbers)) or count not in (None, len(numbers)):
        many = "" if count is None else f"{count} "
        raise ValueError(f"{builder}: {option} must be a list of {many}whole numbers of at least 1, got {value!r}")


def one_of(builder, option, value, known):
    """Refuse a value that is not among those known.

    Args:
        builder: name of the builder, for the message.
        option: name of the option.
        value: what was given.
        known: what could have been.

    Raises:
        ValueError: it is none of them.
    """
    if value not in known:
        raise ValueError(f"{builder}: {option} must be one of {', '.join(map(str, known))}, got {value!r}")


def share(builder, option, value):
    """Refuse a share of channels to drop that is not in [0, 1).

    Args:
        builder: name of the builder, for the message.
        option: name of the option.
        value: what was given.

    Raises:
        ValueError: it is out of range.
    """
    if not 0 <= value < 1:
        raise ValueError(f"{builder}: {option} must be in [0, 1), got {value!r}")


def _is_whole(value):
    return type(value) is int and value >= 1

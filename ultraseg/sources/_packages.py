"""The packages of the extra `fetch`, which nothing but fetching wants; imported when they are needed."""

import importlib
from types import ModuleType


def package(who: str, name: str) -> ModuleType:
    """Import one of them.

    Args:
        who: the data set, for the message.
        name: of the package.

    Raises:
        ValueError: it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        raise ValueError(f"{who}: fetching wants the package {name}: pip install 'ultraseg[fetch]'") from None

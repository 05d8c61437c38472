"""A module of the extra `stats`, imported where a function needs it."""

import importlib
from types import ModuleType


def extra(who: str, module: str) -> ModuleType:
    """Import a module of statsmodels or scikit-posthocs.

    Raises:
        ValueError: its package is not installed; the message begins with `who`.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise ValueError(f"{who}: wants {error.name}, which is not installed: pip install 'ultraseg[stats]'") from None

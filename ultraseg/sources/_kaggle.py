"""A data set of Kaggle, through Kaggle's own client, its cache and its credentials."""

import errno
import logging
import zipfile
from pathlib import Path

from ultraseg.sources._packages import package

DISK = (errno.ENOSPC, errno.EDQUOT)
DENIED = (401, 403)


def kaggle(who, part, path, *, advice):
    """Fetch a data set into the cache of Kaggle's client, or find it there.

    Args:
        who: the data set, for messages.
        part: a `Kaggle`.
        path: where its zip file may be put by hand, for messages.
        advice: one or more sentences on where else it is to be had; may be empty.

    Returns:
        The folder in the cache.

    Raises:
        ValueError: the client is not installed, or wants credentials or a competition's rules accepted.
        OSError: it cannot be fetched or does not fit on the disk.
    """
    hub, requests = package(who, "kagglehub"), package(who, "requests")
    logging.getLogger("kagglehub").setLevel("ERROR")  # it would print
    faults = hub.exceptions
    by_hand = (
        f"fetch it by hand in a browser at {part.url}, put the zip file at {path} and give the command again. {advice}"
    ).rstrip(". ")
    try:
        return Path((hub.competition_download if part.competition else hub.dataset_download)(part.handle))
    except (faults.UnauthenticatedError, faults.CredentialError) as fault:
        raise ValueError(_denied(who, part, fault, by_hand)) from None
    except (OSError, ValueError, zipfile.BadZipFile, faults.BackendError, faults.DataCorruptionError) as fault:
        if getattr(fault, "errno", None) in DISK:
            raise
        if getattr(getattr(fault, "response", None), "status_code", None) in DENIED:
            raise ValueError(_denied(who, part, fault, by_hand)) from None
        away = isinstance(fault, (ConnectionError, requests.ConnectionError, requests.Timeout))
        raise OSError(
            f"{who}: cannot fetch {part.url} ({'no connection' if away else _line(fault)}); {by_hand}"
        ) from None


def _denied(who, part, fault, by_hand):
    rules = f", accept the rules at {part.url}/rules" if part.competition else ""
    return (
        f"{who}: Kaggle does not let this through ({_line(fault)}): make a token at https://www.kaggle.com/settings, "
        f"put it at ~/.kaggle/kaggle.json or set KAGGLE_USERNAME and KAGGLE_KEY{rules}, and give the command again; or "
        f"{by_hand}"
    )


def _line(fault):
    return str(fault).strip().split("\n")[0].rstrip(".:") or type(fault).__name__

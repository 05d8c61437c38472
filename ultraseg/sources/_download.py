"""One file over HTTP that goes on where it was cut.

Source: RFC 9110, sections 13.1.5 and 14: a range is asked for under the condition that the file is still the same.
Departure: pooch alone begins again after a cut. It is given a downloader that keeps what has come beside the file.
"""

import errno
import math
import os
import re
import shutil

from ultraseg import __version__
from ultraseg.sources._packages import package

CHUNK = 1 << 20
REACHED = 5
"""Seconds in which a server must be reached."""
CUTS = 5
"""How often a download goes on by itself after a cut, as long as something comes each time."""


def download(who, url, path, *, advice, watch, timeout):
    """Fetch a file.

    Args:
        who: the data set, for messages.
        url: where it is.
        path: where it goes; what has come of it is kept as `PATH.part` until it is whole.
        advice: one or more sentences on where else it is to be had; may be empty.
        watch: as `get` has it; one step is one MiB.
        timeout: seconds without a word from a server that was reached.

    Raises:
        OSError: the server cannot be reached, refuses, sends something else, or there is no room on the disk.
    """
    pooch, requests = package(who, "pooch"), package(who, "requests")
    pooch.get_logger().setLevel("ERROR")  # it would print
    try:
        pooch.retrieve(
            url, known_hash=None, fname=path.name, path=path.parent, downloader=_Resumed(requests, path, watch, timeout)
        )
    except requests.RequestException as fault:
        raise OSError(
            f"{who}: cannot fetch {url} ({_reason(requests, fault, timeout)}); fetch it by hand, put it at {path} and "
            f"give the same command again, or give it again later: what has come is kept. {advice}".rstrip(". ")
        ) from None


class _Resumed:
    """A downloader for pooch."""

    def __init__(self, requests, path, watch, timeout):
        self.requests, self.watch, self.timeout = requests, watch, (REACHED, timeout)
        self.part = path.with_name(f"{path.name}.part")
        self.mark = path.with_name(f"{path.name}.part.of")
        self.cuts = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)

    def __call__(self, url, output_file, pooch):
        for cut in range(CUTS + 1):
            before = self._have(url)
            try:
                while not self._go_on(url):
                    pass
                break
            except self.cuts as fault:
                if cut == CUTS or self._have(url) <= before:
                    raise fault
        shutil.move(self.part, output_file)
        self.mark.unlink()

    def _have(self, url):
        """How many bytes of this very file are here; 0 where nothing tells that they are of it."""
        if not self.part.is_file() or not self.mark.is_file():
            return 0
        return self.part.stat().st_size if self._marked(url) else 0

    def _marked(self, url):
        address, _, validator = self.mark.read_text(encoding="utf-8").partition("\n")
        return validator if address == url else ""

    def _go_on(self, url):
        """Ask for what is missing and write it; False when all must be asked for again."""
        have = self._have(url)
        headers = {"Accept-Encoding": "identity", "User-Agent": f"ultraseg/{__version__}"}
        if have:
            headers |= {"Range": f"bytes={have}-", "If-Range": self._marked(url)}
        with self.requests.get(url, headers=headers, stream=True, timeout=self.timeout) as answer:
            span = answer.headers.get("Content-Range", "")
            if answer.status_code == 416 and span == f"bytes */{have}":
                return True  # it was cut after its last byte
            if have and (answer.status_code == 416 or answer.status_code == 206 and _begin(span) != have):
                self.part.unlink()
                return False
            answer.raise_for_status()
            if "text/html" in answer.headers.get("Content-Type", ""):
                raise self.requests.RequestException("the server sends a page instead of the file")
            if answer.status_code != 206:  # all of it: nothing was here, or the file is another one by now
                self.part.unlink(missing_ok=True)  # before the mark, which would else vouch for older bytes
                self.mark.write_text(f"{url}\n{_validator(answer.headers)}", encoding="utf-8")
            self._write(answer)
        return True

    def _write(self, answer):
        rest = int(answer.headers.get("Content-Length", 0))
        free = shutil.disk_usage(self.part.parent).free
        if rest > free:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.part))
        with self.part.open("ab") as file:
            what = f"downloading {self.part.stem}"
            for chunk in self.watch(answer.iter_content(CHUNK), math.ceil(rest / CHUNK), what):
                file.write(chunk)


def _validator(headers):
    """What tells later that the file is still the same: a strong tag, or a date; empty without either."""
    tag = headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else headers.get("Last-Modified", "")


def _begin(span):
    """Where a `Content-Range` begins; -1 where it does not say."""
    found = re.match(r"bytes (\d+)-", span)
    return int(found[1]) if found else -1


def _reason(requests, fault, timeout):
    if isinstance(fault, requests.HTTPError):
        return f"the server answers {fault.response.status_code} {fault.response.reason}"
    if isinstance(fault, requests.exceptions.SSLError):
        return "its certificate cannot be verified"
    if isinstance(fault, requests.ConnectTimeout):
        return "no connection"
    if isinstance(fault, requests.Timeout):
        return f"no answer for {timeout:g} seconds"
    if isinstance(fault, requests.ConnectionError):
        return "no connection"
    if isinstance(fault, requests.exceptions.ChunkedEncodingError):
        return "the connection was cut"
    return re.sub(r"\s+", " ", str(fault)) or type(fault).__name__

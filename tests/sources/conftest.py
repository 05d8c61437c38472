"""A web server, and archives to give."""

import io
import zipfile

import pytest

from tests.sources.server import Opened, Shop


@pytest.fixture
def shop(monkeypatch):
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Opened(Shop({})) as opened:
        yield opened


@pytest.fixture
def zipped():
    def make(entries):
        memory = io.BytesIO()
        with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in entries.items():
                archive.writestr(name, content)
        return memory.getvalue()

    return make

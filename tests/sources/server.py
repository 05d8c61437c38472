"""A web server in a thread that gives ranges, and that can be told to fail."""

import contextlib
import functools
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Shop:
    """What the server gives: bytes per path, and how it misbehaves.

    `cuts` holds, per answer to come, after how many bytes of its body the connection is closed. `asked` is what came
    in: path and `Range`, with `""` where all was asked for. `shift` makes a range begin elsewhere than asked.
    """

    files: dict[str, bytes]
    tag: str = '"one"'
    ranges: bool = True
    shift: int = 0
    status: int = 200
    kind: str = "application/zip"
    cuts: list[int] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *args, shop, **options):
        self.shop = shop
        super().__init__(*args, **options)

    def log_message(self, *args):
        pass

    def do_GET(self):  # noqa: N802  the name that http.server calls
        shop, path = self.shop, self.path.lstrip("/")
        asked = self.headers.get("Range", "")
        shop.asked.append((path, asked))
        if shop.status != 200 or path not in shop.files:
            self.send_response(shop.status if shop.status != 200 else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body, begin = shop.files[path], 0
        found = re.fullmatch(r"bytes=(\d+)-", asked)
        if shop.ranges and found and self.headers.get("If-Range", shop.tag) == shop.tag:
            begin = int(found[1]) + shop.shift
            if begin >= len(body):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(body)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(200)
        self.send_header("Content-Type", shop.kind)
        self.send_header("Content-Length", str(len(body) - begin))
        if shop.tag:
            self.send_header("ETag", shop.tag)
        self.end_headers()
        rest = body[begin:]
        if shop.cuts:
            rest = rest[: shop.cuts.pop(0)]
            self.close_connection = True
        with contextlib.suppress(ConnectionError):  # the one who asked may go away
            self.wfile.write(rest)


class Opened:
    """A server that runs while a `with` block lasts."""

    def __init__(self, shop):
        self.shop = shop
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, shop=shop))
        shop.address = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self):
        self.thread.start()
        return self.shop

    def __exit__(self, *fault):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

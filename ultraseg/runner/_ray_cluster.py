"""The line to a Ray cluster: joined at an address, or started on this machine."""

import os
import signal
import socket
import threading

REACH = 10.0
"""Seconds that a cluster has to answer."""


def join(address: str) -> None:
    """Connect to a cluster; one that is started has no dashboard and sends no statistics.

    Raises:
        ValueError: nothing answers at the address.
    """
    if address:
        _reach(address)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray

    before = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(
            address or "local",
            include_dashboard=None if address else False,
            log_to_driver=False,
            logging_level="error",
        )
    except (ConnectionError, RuntimeError, ValueError) as error:
        first = next(iter(str(error).splitlines()), "")
        raise ValueError(f"--address {address}: no Ray cluster answers there ({first})") from None
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)  # Ray takes it for itself


def _reach(address: str) -> None:
    """Refuse an address where nothing listens, which Ray would try for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdigit():
        if address == "auto":
            return
        raise ValueError(f"--address: HOST:PORT, ray://HOST:PORT or auto wanted, got {address!r}")
    try:
        socket.create_connection((host, int(port)), timeout=REACH).close()
    except OSError as error:
        raise ValueError(f"--address {address}: no Ray cluster answers there ({error})") from None


def nodes() -> list[dict[str, float]]:
    """What every living node has to give."""
    import ray

    return [node["Resources"] for node in ray.nodes() if node["Alive"]]

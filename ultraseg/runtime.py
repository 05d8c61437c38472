"""Set up the process before TensorFlow loads: threads, oneDNN, GPU memory, determinism."""

import ctypes
import datetime
import functools
import gc
import importlib
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

HOST_DEVICES = "--xla_force_host_platform_device_count"
LEVELS = ("seeded", "strict")
PACKAGES = (
    "tensorflow", "tensorflow-cpu", "keras", "numpy", "opencv-python-headless", "scikit-learn", "scipy", "pandas",
)  # fmt: skip


def prepare(*, threads: int = 0, devices: int = 1) -> None:
    """Set the environment that the backend reads when it loads; call it before anything imports Keras.

    Args:
        threads: cores that one operation may use; 0 takes all that this process is allowed.
        devices: how many one training takes; where JAX finds no GPU, the processor is shown to it as so many.

    Raises:
        ValueError: `threads` is negative.
    """
    if threads < 0:
        raise ValueError(f"runtime: threads must be at least 0, got {threads}")
    count = threads or cores()
    revision()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    os.environ.setdefault("OMP_NUM_THREADS", str(count))
    os.environ["TF_NUM_INTRAOP_THREADS"] = str(count)
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "2")
    if devices > 1 and os.environ.get("KERAS_BACKEND") == "jax":
        os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {HOST_DEVICES}={devices}".strip()


def load(*, devices: int = 1) -> None:
    """Import Keras with its backend, and keep what the backend writes to the terminal as it loads.

    Python's collector is told not to search what is loaded, which stays: half a second every time.

    Args:
        devices: how many one training takes; where TensorFlow finds no GPU, the processor is shown to it as so many.

    Raises:
        ImportError: the backend is not installed or broken; what it wrote is shown then.
    """
    sys.stderr.flush()
    shown = os.dup(2)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            importlib.import_module("keras")
        except ImportError:
            kept.seek(0)
            os.write(shown, kept.read())
            raise
        finally:
            os.dup2(shown, 2)
            os.close(shown)
    if devices > 1 and importlib.import_module("keras").backend.backend() == "tensorflow":
        _divide_processor(devices)
    gc.freeze()


def settle(seed: int, determinism: str) -> None:
    """Seed the generators that are drawn from, and choose how far repeated runs must agree.

    The backend's own seed is left alone: Keras draws its seeds from Python's generator, and setting TensorFlow's
    would drop every compiled function.

    Args:
        seed: of Python and NumPy.
        determinism: `seeded` lets the backend choose fast kernels, which on some devices add in another
            order from run to run; `strict` demands the same bits and is slower on a GPU.

    Raises:
        ValueError: there is no such level.
    """
    if determinism not in LEVELS:
        raise ValueError(f"runtime: determinism must be one of {', '.join(LEVELS)}, got {determinism!r}")
    import keras
    import numpy as np

    random.seed(seed)
    np.random.seed(seed)
    if determinism == "strict" and keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


def describe(determinism: str, *, devices: int = 1) -> dict[str, Any]:
    """Say what a training ran on: git revision, versions, devices that are there, threads and determinism.

    Args:
        determinism: its level.
        devices: how many of those that are there it took.
    """
    import keras

    versions = {name: metadata.version(name) for name in PACKAGES if _installed(name)}
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "git": revision(),
        "python": platform.python_version(),
        "versions": versions,
        "backend": keras.backend.backend(),
        "device": _devices(),
        "devices": devices,
        "processor": _processor(),
        "threads": int(os.environ.get("TF_NUM_INTRAOP_THREADS", "0")),
        "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS"),
        "determinism": determinism,
        "platform": platform.platform(),
    }


def forget_peak_memory() -> None:
    """Let `peak_memory_mib` begin anew, where the system can: on Linux. Elsewhere the peak stays the process's own."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_memory_mib() -> float:
    """The most memory that this process has held, in MiB, since it began or `forget_peak_memory`; not that of a GPU."""
    held = _status("VmHWM")  # `getrusage` tells the peak of the process that started this one where that was more
    if held is None:
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**10 if sys.platform == "darwin" else 1)
    return held / 2**10


def memory_mib() -> float | None:
    """The memory that this process holds now, in MiB, once what can be given back is; None where it is not told."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)
    held = _status("VmRSS")
    return None if held is None else held / 2**10


def _status(key: str) -> float | None:
    """What Linux tells of this process, in KiB; None on other systems."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((float(line.split()[1]) for line in lines if line.startswith(f"{key}:")), None)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _divide_processor(devices: int) -> None:
    """Show the processor to TensorFlow as several devices, where there is no GPU; later it cannot be divided."""
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        return
    [processor] = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * devices)


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


@functools.cache
def revision() -> str | None:
    """The git revision of the package when this process first asked, with `+` when files differed from it.

    None where the package does not lie in a git checkout of its own.
    """
    here = Path(__file__).parent
    try:
        answer = subprocess.run(
            ["git", "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"],
            cwd=here,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()


def _devices() -> list[str]:
    """Devices as Keras names them, a GPU with its maker's name where the backend tells it."""
    import keras

    found = [str(device) for device in keras.distribution.list_devices()]
    if keras.backend.backend() != "tensorflow":
        return found
    import tensorflow as tf

    details = [tf.config.experimental.get_device_details(gpu) for gpu in tf.config.list_physical_devices("GPU")]
    named = iter(detail.get("device_name", "") for detail in details)
    return [f"{name} {next(named, '')}".strip() if name.startswith("gpu") else name for name in found]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())

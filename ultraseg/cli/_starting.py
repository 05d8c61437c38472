"""Start Keras in this process, once it is known that a command needs it."""


def start(threads: int, devices: int = 1) -> None:
    """Choose what Keras runs on, and load it."""
    from ultraseg import runtime

    runtime.prepare(threads=threads, devices=devices)
    runtime.load(devices=devices)

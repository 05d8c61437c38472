"""The page of bench/study.py."""

from importlib.metadata import version

import _machine as machine

OURS, SPREAD = "ours", "ours, 2 workers of 1 thread"
PEERS = TUNER, FRESH = "KerasTuner", "fresh processes"
WORK = ("optimizer steps", "evaluation", "first-time compilation")
SAMPLED = 2
"""Fresh processes that stand for twelve."""


def page(what: str, found: dict, split: dict, many: list[str]) -> str:
    """The page: seconds and ratios, the parts of ours, and the large study."""
    rows = [
        [name, f"{taken['programs']:.0f}", *(_seconds(taken, side) for side in (OURS, SPREAD, *PEERS)),
         *(_ratio(taken, side, own) for own in (OURS, SPREAD) for side in PEERS)]
        for name, (taken, _) in found.items()
    ]  # fmt: skip
    headers = ["study of 12 trials", "programs", *(f"{side}, s" for side in (OURS, SPREAD, *PEERS))]
    headers += [f"{side} / {own}" for own in (OURS, "our 2 workers") for side in PEERS]
    parts = dict.fromkeys(part for told in split.values() for part in told if part != "all")
    notes = [
        what.strip().replace("\n", " "),
        "",
        f"One round. KerasTuner {version('keras-tuner')}; {SAMPLED} fresh processes stand for twelve. "
        "Both peers use Keras' `fit` on arrays in memory and our own functions to measure, and are spared "
        "backups, event files and answers that need no network. KerasTuner runs in one process, as it does unless its "
        "chief and workers are set up by hand: our one worker is what compares with it thread for thread, our two "
        "workers what the same two cores give when they are told to share the trials.",
        "",
        "Where ours spends its time, in one process with clocks around what it calls: seconds, and share of the whole.",
        "",
        "| part | " + " | ".join(split) + " |",
        "|---" * (len(split) + 1) + "|",
        *(f"| {part} | " + " | ".join(_share(told, part) for told in split.values()) + " |" for part in parts),
        f"| all but {', '.join(WORK)} | " + " | ".join(map(_beside, split.values())) + " |",
        "| all | " + " | ".join(f"{told['all']:.1f}" for told in split.values()) + " |",
        "",
        *many,
    ]
    return machine.markdown(
        "A study of twelve trials, and one of 10,000", "python bench/study.py --data BUSI", headers, rows, notes
    )


def _seconds(taken, side) -> str:
    return f"{taken[side]:.1f}" if side in taken else ""


def _ratio(taken, side, own) -> str:
    return f"{taken[side] / taken[own]:.2f}" if side in taken and own in taken else ""


def _beside(told) -> str:
    """What is neither training, nor measuring, nor compiling."""
    return _share(told | {"beside": told["all"] - sum(told[part] for part in WORK)}, "beside")


def _share(told, part) -> str:
    return f"{told[part]:.2f} ({100 * told[part] / told['all']:.1f} %)" if part in told else ""

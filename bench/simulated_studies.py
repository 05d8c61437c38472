"""What the statistics say of studies drawn at random: false alarms, power, and how often an interval holds the truth.

    python bench/simulated_studies.py [--write]

The peers are what many reports do: Wilcoxon's test over images alone, and intervals that ignore which images belong
together. The script is not called statistics.py, which would hide Python's own module of that name from the other
benches; its page is results/bench/statistics.md.
"""

import argparse
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import _machine as machine

from ultraseg import runtime

runtime.prepare(threads=2)
runtime.load()
sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.statistics import simulated  # noqa: E402  the studies are those of the tests

PLANTED, INTERVALS = 200, 1000
MORE = {
    "3 seeds x 5 folds, 1 row, networks all alike": replace(simulated.Design(), trial=0.0),
    "3 seeds x 5 folds, 1 row, luck of the training part 0.01": replace(simulated.Design(), training=0.01),
    "3 seeds x 5 folds, 1 row, luck of the training part 0.02": replace(simulated.Design(), training=0.02),
    "3 seeds x 5 folds, 1 row, luck of the training part 0.04": replace(simulated.Design(), training=0.04),
    "1 seed x 5 folds, 1 row": simulated.Design(seeds=1),
    "5 seeds x 1 fold, 1 row": simulated.Design(seeds=5, folds=1),
}
HEADERS = [
    "study", "drawn", "called different", "beyond resolvable alone", "Wilcoxon alone", "resolvable", "found at twice",
]  # fmt: skip


def line(name: str, design: simulated.Design) -> list[str]:
    """One line of the table: how often equal rows are called different, and how often a planted difference is found."""
    studies = simulated.studies(design)
    found = simulated.false_alarms(design, studies)
    power = simulated.power(design, 2 * found["resolvable"], PLANTED)
    shares = (_percent(found[key], studies) for key in ("distinguishable", "beyond", "wilcoxon"))
    return [name, str(studies), *shares, f"{found['resolvable']:.3f}", _percent(power, PLANTED)]


def main() -> None:
    """Draw the studies and print the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="not used here: the studies are drawn")
    parser.add_argument("--peer-python", help="not used here: the peers are tests and intervals over images alone")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    rows = [line(name, design) for name, design in {**simulated.DESIGNS, **MORE}.items()]
    whole, ignored = simulated.coverage(INTERVALS, resamples=2000)
    design = simulated.Design()
    notes = [
        f"Studies drawn: rows differ by noise alone; {PLANTED} more with a difference of twice the median "
        "resolvable size planted in one row. Called different: some row has a Holm-corrected Wilcoxon p of at most "
        "0.05 and a difference beyond what the study can resolve.",
        "",
        f"{design.images} images in {design.groups} groups; standard deviations: trained network {design.trial}, row "
        f"on a group {design.affinity}, network on an image {design.noise}; shared by all rows: fold {design.fold}, "
        f"group {design.group}, image {design.image}. The luck of the training part is a row's on a fold, with every "
        "seed.",
        "",
        f"The 95 % interval of a mean, groups drawn whole, held the truth in {_percent(whole, INTERVALS)} of "
        f"{INTERVALS} studies of 120 groups of 1 to 8 near-duplicates; the interval that ignores the groups in "
        f"{_percent(ignored, INTERVALS)}.",
        "",
        f"statsmodels {version('statsmodels')}, scikit-posthocs {version('scikit-posthocs')}.",
    ]
    page = machine.markdown(
        "Statistics of simulated studies", "python bench/simulated_studies.py", HEADERS, rows, notes
    )
    machine.publish("statistics", page, write=given.write)


def _percent(share: float, count: int) -> str:
    """A share and its standard error, both in per cent."""
    return f"{100 * share:.1f} ± {100 * (share * (1 - share) / count) ** 0.5:.1f} %"


if __name__ == "__main__":
    main()

"""What the study `optimizers` resolves to at profile demo: its first trial in full, and every trial's name."""

import json
from pathlib import Path

from ultraseg import study

HERE = Path(__file__).parent
PATH = HERE / "resolved.json"
STUDIES = HERE.parents[1] / "studies"


def found():
    """Resolve the study as it stands."""
    loaded = study.load("optimizers", "demo", STUDIES)
    ids = {
        f"{cell.label}, seed {trial['seed']}, fold {trial['fold']}": study.identity(trial, "no data")
        for cell in loaded.cells
        for trial in cell.trials
    }
    return {"trial": loaded.trials[0], "ids": ids}


def write():
    """Write what is found now."""
    PATH.write_text(json.dumps(found(), indent=1) + "\n")

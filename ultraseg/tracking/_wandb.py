"""A trial as a run of Weights & Biases.

Source: `wandb.init`, `Run.log` and `Run.summary`, as its documentation has them.
Departure: from its Keras callback `WandbMetricsLogger`, which logs what one `fit` tells it: a trial calls `fit` once a
round and measures its validation images itself.
"""

import os
import secrets

import wandb

from ultraseg.tracking._scalars import scalars


class Run:
    """A run whose id is the trial's and a random end, since an id that was deleted can never be used again.

    Its settings are those of the environment: WANDB_PROJECT, WANDB_ENTITY, WANDB_MODE, WANDB_DIR, ... Offline every
    process that trains a trial leaves a part of the run under the same id; `wandb sync --append` puts them together.
    """

    def __init__(self, name, *, config, folder):
        """Prepare; nothing is sent yet.

        Args:
            name: the trial's id.
            config: the resolved trial.
            folder: where its files lie where WANDB_DIR does not say.
        """
        self._name, self._config, self._folder = name, config, folder
        self._run = None

    def open(self, run):
        """Begin a run, or go on with one.

        Args:
            run: its id; empty begins one.

        Returns:
            The id.
        """
        os.environ.setdefault("WANDB_SILENT", "true")  # it writes over the progress bars otherwise
        kept = run or f"{self._name}-{secrets.token_hex(4)}"
        self._run = wandb.init(
            project=os.environ.get("WANDB_PROJECT", "ultraseg"),
            dir=os.environ.get("WANDB_DIR", str(self._folder)),
            id=kept,
            name=self._name,
            config=self._config,
            resume="allow",
            reinit="create_new",
        )
        self._run.define_metric("*", step_metric="epoch")
        return kept

    def send(self, row):
        """Send the numbers of a round."""
        self._run.log({**scalars(row), "epoch": row["epoch"]})

    def end(self, totals):
        """Send what the trial ended in, and end the run."""
        self._run.summary.update(totals)
        self._run.finish()

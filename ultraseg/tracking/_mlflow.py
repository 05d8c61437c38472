"""A trial as a run of MLflow.

Source: `MlflowClient`, as its documentation has it.
Departure: from its Keras callback and `autolog`, which log what one `fit` tells them: a trial calls `fit` once a round
and measures its validation images itself; and from the functions of `mlflow`, whose current run is the process's.
"""

import logging
import math
import os
import time

from mlflow import MlflowClient
from mlflow.entities import Metric, Param

from ultraseg.tracking._scalars import flat, scalars

EXPERIMENT = "ultraseg"
LONGEST = 500
"""Letters of a parameter's value that every store takes."""


class Run:
    """A run of the experiment that MLFLOW_EXPERIMENT_NAME names, in the store that MLFLOW_TRACKING_URI names."""

    def __init__(self, name, *, config, folder):
        """Prepare; nothing is sent yet.

        Args:
            name: the trial's id.
            config: the resolved trial.
            folder: where the store `mlflow.db` lies where MLFLOW_TRACKING_URI does not say.
        """
        self._name, self._config, self._folder = name, config, folder
        self._client, self._run = None, ""

    def open(self, run):
        """Begin a run, or go on with one.

        Args:
            run: its id; empty begins one.

        Returns:
            The id.
        """
        for setting, value in (("MAX_RETRIES", "2"), ("TIMEOUT", "10")):  # minutes otherwise, at the end of a trial too
            os.environ.setdefault(f"MLFLOW_HTTP_REQUEST_{setting}", value)
        for chatty in ("mlflow", "alembic"):
            logging.getLogger(chatty).setLevel(logging.WARNING)
        uri = os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{self._folder.resolve()}/mlflow.db"
        self._client = MlflowClient(uri)
        if run:
            self._client.update_run(run, status="RUNNING")
        else:
            title = os.environ.get("MLFLOW_EXPERIMENT_NAME", EXPERIMENT)
            known = self._client.get_experiment_by_name(title)
            experiment = known.experiment_id if known else self._client.create_experiment(title)
            run = self._client.create_run(experiment, run_name=self._name, tags={"trial": self._name}).info.run_id
        self._run = run
        options = [Param(key, str(value)[:LONGEST]) for key, value in flat(self._config).items()]
        self._client.log_batch(run, params=options)
        return run

    def send(self, row):
        """Send the numbers of a round."""
        self._log(scalars(row), row["epoch"])

    def end(self, totals):
        """Send what the trial ended in, and end the run."""
        numbers = {key: value for key, value in totals.items() if isinstance(value, int | float)}
        self._log({key: value for key, value in numbers.items() if math.isfinite(value)}, 0)
        for key in totals.keys() - numbers.keys():
            self._client.set_tag(self._run, key, str(totals[key]))
        self._client.set_terminated(self._run, "FINISHED")

    def _log(self, numbers, step):
        now = int(1000 * time.time())
        self._client.log_batch(self._run, metrics=[Metric(key, value, now, step) for key, value in numbers.items()])

"""A finished study whose data are drawn and whose scores are given by hand: two rows of two seeds."""

from types import SimpleNamespace

from tests.report.folders import put
from ultraseg import records, study
from ultraseg.report import outline
from ultraseg.runner import plan

YAML = """
title: Packed
data: {from: {phantom: {images: 36, size: [32, 32]}}, split: {kfold: {folds: 3}}, validation: 0.5, size: [16, 16]}
cross: {loss: [bce, dice], seed: [0, 1], fold: [0, 2]}
"""


def finish(root, runs, *, better=0.0):
    """Write a study's folders as if it had been run; `better` is added to each Dice."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "packed.yaml").write_text(YAML)
    loaded = study.load(str(root / "packed.yaml"))
    jobs = plan(loaded, root=root / "phantoms", cache=root / "cache")
    folder = runs / "packed-none"
    outline(loaded, [job.id for job in jobs], folder=folder, data=jobs[0].collection.source, command="ultraseg run")
    for number, job in enumerate(jobs):
        names = [f"{'ab'[image]} of fold {job.trial['fold']}" for image in range(2)]
        made = put(
            runs / "trials" / job.id,
            job.trial,
            source=job.collection.source,
            dice=[0.5 + number / 100 + better, 0.75],
            amended=[{"id": name, "group": name} for name in names],
        )
        env = records.read_json(made / "env.json")
        env["processes"][0] |= {"determinism": "strict", "backend": "tensorflow", "versions": {"keras": "3"}}
        records.write_json(made / "env.json", env)
    return SimpleNamespace(study=loaded, jobs=jobs, runs=runs, folder=folder, file=root / "packed.yaml", root=root)

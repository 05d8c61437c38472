"""The file that opens a study's folder, written before its first trial so that a report can be made at any time."""

from collections.abc import Sequence
from pathlib import Path

from ultraseg.report import _outline
from ultraseg.report._outline import Cell, Replicate
from ultraseg.study import Study


def outline(study: Study, ids: Sequence[str], *, folder: Path, data: str, command: str) -> Path:
    """Write `study.json`.

    Args:
        study: a study at one profile.
        ids: the names of all its trials' folders, in the study's order, replicates included.
        folder: the study's own folder, `runs/STUDY-PROFILE`; made when missing.
        data: the name of the data set that the trials run on, as titles print it.
        command: what was typed, for the foot of the table.

    Returns:
        The file.

    Raises:
        ValueError: there are more or fewer ids than trials.
        OSError: the folder cannot be written.
    """
    if len(ids) != len(study.trials):
        raise ValueError(f"{study.name}: {len(study.trials)} trials but {len(ids)} ids; one a trial is wanted")
    file, left = study.file, iter(ids)
    published = {study.cell_of(row.at): row for row in file.published}
    cells = []
    for index, cell in enumerate(study.cells):
        row = published.get(index)
        scores = dict(row.__pydantic_extra__) if row else {}
        unlike = {score: why for score in scores if (why := file.unlike.get(score) or row.unlike)}
        cells.append(
            Cell(
                cell.label,
                dict(cell.at),
                tuple(Replicate(next(left), trial["seed"], trial["fold"]) for trial in cell.trials),
                scores,
                row.where if row else "",
                unlike,
            )
        )
    whole = _outline.Outline(
        study=study.name,
        profile=study.profile,
        title=file.title,
        data=data,
        command=command,
        source=file.source.model_dump() if file.source else {},
        axes=study.axes,
        cells=tuple(cells),
        baseline=study.cell_of(file.baseline) if file.baseline else 0,
        primary=file.primary,
        scores=tuple(file.report),
        differs=tuple(file.differs),
        notes=tuple(file.notes),
        trivial=dict(file.trivial),
    )
    return _outline.save(whole, folder)

"""What each axis of a crossed study does: main effects and two-way interactions from a mixed model.

Source: Laird and Ware, 1982; `statsmodels.regression.mixed_linear_model.MixedLM`, fitted by REML, the image as random
effect, sum-to-zero contrasts, Wald tests.
Departure: scores are scaled to a standard deviation of 1 for the fit, since statsmodels judges a variance by 0.01; the
intervals of marginal means are bootstrap ones over groups of images, as those of a row's mean are. All rows hold the
same images, so that the fitted means are those of least squares, image by image.
"""

import itertools
import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ultraseg.statistics._bounds import bounds
from ultraseg.statistics._extra import extra
from ultraseg.statistics._scores import study

BOUNDARY = 0.01
"""Share of the images' variance in all below which the fit lies on the edge of what a variance can be."""
RESIDUAL = 1e-8
"""Share of the residual in all below which rows differ by constants, and the optimizer's last digits decide."""


@dataclass(frozen=True)
class Effects:
    """Tests of the terms, marginal means, what they are over, and what limits them (sentences)."""

    terms: pd.DataFrame
    margins: pd.DataFrame
    images: int
    groups: int
    seeds: int
    folds: int
    left_out: int
    notes: tuple[str, ...]


def effects(scores: pd.DataFrame, factors: pd.DataFrame, *, resamples: int = 2000, seed: int = 0) -> Effects:
    """Fit the scores, averaged over the seeds, by the axes of the study and a random effect of each image.

    The model takes the trained networks as they are: its tests hold for other images, not for other trainings of the
    same rows, and a small p says nothing about the luck of a seed. It takes images as independent, near-duplicates too;
    the marginal means' intervals draw groups of images whole.

    Args:
        scores: a line per row, seed and image, with the columns row, seed, fold, image, group and score; all rows hold
            the same seeds and images.
        factors: a line per row, indexed by its name, and a column per axis that holds the row's level.
        resamples: draws of the groups, for the intervals.
        seed: of the draws.

    Returns:
        `terms` has a line per axis and per pair of axes: term ("a", "a x b"), chi2, freedom, p. `margins` has a line
        per level and per pair of levels: term, a column per axis with the level (empty where averaged over), mean, low,
        high; each level of the other axes weighs alike, and the 95 % interval holds what other images would change, so
        that two of them may overlap where the test is sure. An image that is undefined in any row is left out.
        `notes` says what limits this: cells without a row or with several, images that share a group, interactions that
        the cells cannot tell apart, a variance of the images near 0. Where the model cannot be fitted or does not
        converge all numbers are NaN and a note says why.

    Raises:
        ValueError: the table is not as wanted, a row has no line in `factors` or two, an axis has one level, no image
            is defined in all rows, there are fewer than 99 resamples, or statsmodels is not installed.
    """
    whole = study("effects", scores)
    cells = _cells(factors, whole.rows)
    found = whole.defined("effects", whole.values.reshape(-1, len(whole.images)))
    values = found.values.reshape(len(whole.rows), -1, len(found.images)).mean(1)
    codes = {axis: pd.factorize(cells[axis], sort=True) for axis in cells}
    design, rows, notes = _design(codes)
    over = {**found.over(), "seeds": whole.values.shape[1]}
    if over["groups"] < over["images"]:
        notes.append(
            f"The {over['images']} images lie in {over['groups']} groups; the model takes them as independent."
        )
    fit, failure = _fit(values, rows)
    notes += failure
    terms = [{"term": _name(term), **_wald(fit, design[term])} for term in design if term]
    by_row = np.linalg.pinv(rows) if fit is not None else None
    sizes = np.bincount(found.group).astype(float)
    margins = []
    for term in filter(None, design):
        for place, weights in _places(term, design, codes):
            level = {axis: codes[axis][1][place[axis]] if axis in place else "" for axis in codes}
            ends = (math.nan,) * 3
            if by_row is not None:
                of_image = (weights @ by_row @ values).ravel()
                sums = np.bincount(found.group, of_image)
                ends = (of_image.mean(), *bounds(sums, sizes, resamples=resamples, seed=seed)[:2])
            numbers = dict(zip(("mean", "low", "high"), map(float, ends), strict=True))
            margins.append({"term": _name(term)} | level | numbers)
    return Effects(pd.DataFrame(terms), pd.DataFrame(margins), **over, notes=tuple(notes))


def _cells(factors: pd.DataFrame, rows: tuple[Any, ...]) -> pd.DataFrame:
    if not factors.index.is_unique or not set(rows) <= set(factors.index):
        wrong = [row for row in rows if (factors.index == row).sum() != 1]
        raise ValueError(f"effects: one line of factors for each row was wanted, not so for {wrong or 'another row'}")
    cells = factors.loc[list(rows)].astype(str)
    for axis in cells:
        if cells[axis].nunique() < 2:
            raise ValueError(
                f"effects: two levels of {axis!r} or more were wanted, all rows have {cells[axis].iloc[0]!r}"
            )
    return cells


def _design(codes: dict[str, Any]) -> tuple[dict[tuple[str, ...], slice], np.ndarray, list[str]]:
    """The columns of each term, the matrix `[rows, columns]`, and what limits it; interactions only if estimable."""
    count = np.zeros([len(levels) for _, levels in codes.values()], int)
    np.add.at(count, tuple(code for code, _ in codes.values()), 1)
    notes = []
    if (count == 0).any():
        notes.append(f"{int((count == 0).sum())} of {count.size} cells have no row: the cross is not complete.")
    if (count > 1).any():
        notes.append(f"{int((count > 1).sum())} of {count.size} cells have several rows, which weigh alike.")
    pairs = list(itertools.combinations(codes, 2))
    for interactions in (pairs, []):
        parts = {term: _columns(term, codes) for term in [(), *((axis,) for axis in codes), *interactions]}
        matrix = np.concatenate(list(parts.values()), axis=1)
        if np.linalg.matrix_rank(matrix) == matrix.shape[1]:
            break
        if interactions:
            notes.append("The interactions cannot be told apart on these cells and are left out.")
    ends = np.cumsum([part.shape[1] for part in parts.values()])
    places = {term: slice(end - part.shape[1], end) for (term, part), end in zip(parts.items(), ends, strict=True)}
    return places, matrix, notes


def _columns(term: tuple[str, ...], codes: dict[str, Any], at: dict[str, int] | None = None) -> np.ndarray:
    """Sum-to-zero columns of a term for every row, or for one line whose levels are `at`."""
    lines = 1 if at is not None else len(next(iter(codes.values()))[0])
    columns = np.ones((lines, 1))
    for axis in term:
        code, levels = codes[axis]
        contrast = np.vstack([np.eye(len(levels) - 1), -np.ones(len(levels) - 1)])
        mine = contrast[[at[axis]] if at is not None else code]
        columns = np.einsum("la,lb->lab", columns, mine).reshape(lines, -1)
    return columns


def _fit(values: np.ndarray, rows: np.ndarray) -> tuple[Any, list[str]]:
    """Fit scores `[rows, images]`, scaled; a result or None, and what is wrong with it."""
    count, images = values.shape
    if np.linalg.matrix_rank(rows) < rows.shape[1]:
        return None, ["The axes cannot be told apart on these cells: nothing is estimated."]
    if images < 2 or values.std() <= 1e-12 * np.abs(values).max():
        return None, ["One image, or scores that are all alike: nothing is estimated."]
    scaled = ((values - values.mean()) / values.std()).ravel()
    model = extra("effects", "statsmodels.regression.mixed_linear_model").MixedLM(
        scaled, np.repeat(rows, images, axis=0), np.tile(np.arange(images), count)
    )
    # Warnings of tries that a later optimizer mends are of no use to a reader; what remains wrong is asked for below.
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        try:
            fit = model.fit(reml=True)
        except np.linalg.LinAlgError as error:
            return None, [f"The model could not be fitted ({error}): nothing is estimated."]
    columns = rows.shape[1]
    errors = np.diag(np.asarray(fit.cov_params()))[:columns]
    if not fit.converged:
        return None, ["The fit did not converge: nothing is estimated."]
    if not (np.isfinite(errors).all() and (errors > 0).all() and fit.scale > RESIDUAL):
        return None, ["The fit is singular: nothing is estimated."]
    if fit.cov_re[0, 0] < BOUNDARY:
        return fit, ["The variance of the images was fitted as about 0: the tests take all scores as independent."]
    return fit, []


def _wald(fit: Any, columns: slice) -> dict[str, float]:
    freedom = columns.stop - columns.start
    if fit is None:
        return {"chi2": math.nan, "freedom": freedom, "p": math.nan}
    found = fit.wald_test(np.eye(len(fit.params))[columns], use_f=False, scalar=True)
    return {"chi2": float(found.statistic), "freedom": freedom, "p": float(found.pvalue)}


def _places(
    term: tuple[str, ...], design: dict[tuple[str, ...], slice], codes: dict[str, Any]
) -> Iterator[tuple[dict[str, int], np.ndarray]]:
    """Every level, or pair of levels, of a term, and the weights `[1, columns]` that make its mean of the fit."""
    for place in itertools.product(*(range(len(codes[axis][1])) for axis in term)):
        at = dict(zip(term, place, strict=True))
        weights = np.zeros((1, max(columns.stop for columns in design.values())))
        for part, columns in design.items():
            if set(part) <= set(term):
                weights[:, columns] = _columns(part, codes, at)
        yield at, weights


def _name(term: tuple[str, ...]) -> str:
    return " x ".join(term)

"""By hand: what is said of the report that a study repeats, and which published rows a mask without lesion equals."""

from dataclasses import replace

import pytest

from ultraseg.report._beside import beside

TABLE_2 = """
title: Optimizers
source: {report: "003", table: Table 2}
cross: {optimizer: [sgd, adam], schedule: [constant, exponential], seed: [0, 1]}
trivial: {accuracy: 0.90825, loss: 0.30656, dice_loss: 0.09156, auc: 0.90696, where: 647 first masks}
published:
  - {at: {optimizer: sgd, schedule: constant}, loss: 0.1877, accuracy: 0.9251, auc: 0.9728, where: row 1}
  - {at: {optimizer: adam, schedule: constant}, loss: 0.3068, accuracy: 0.9083, auc: 0.9052, where: row 2}
  - {at: {optimizer: sgd, schedule: exponential}, loss: 0.2970, accuracy: 0.9083, auc: 0.9285, where: row 3}
  - {at: {optimizer: adam, schedule: exponential}, loss: 0.2973, accuracy: 0.9082, auc: 0.9278, where: row 4}
"""


def said(made, word):
    return [sentence for sentence in beside(made.summary()) if word in sentence]


def test_published_rows_that_equal_a_mask_without_lesion_are_named(folder):
    [sentence] = said(folder(TABLE_2), "Published rows whose")
    accuracy, loss = sentence.split(". Of these the loss equals it too: ")
    assert accuracy.endswith('(0.9083): "sgd, exponential", "adam, constant", "adam, exponential"')
    assert loss == '"adam, constant".'


def test_a_published_dice_loss_is_compared_with_that_of_a_mask_without_lesion(folder):
    made = folder(TABLE_2.replace("loss: 0.2970, accuracy: 0.9083", "loss: 0.0916, accuracy: 0.9083"))
    assert said(made, "Of these")[0].endswith('too: "sgd, exponential", "adam, constant".')


@pytest.mark.parametrize("accuracy, named", [(0.90835, True), (0.90836, False), (0.90815, True), (0.90814, False)])
def test_equal_means_within_one_in_the_fourth_place(folder, accuracy, named):
    made = folder(TABLE_2.replace("accuracy: 0.9251", f"accuracy: {accuracy}"))
    assert ('"sgd, constant"' in said(made, "Published rows whose")[0]) is named


def test_what_the_trivial_mask_scores_is_said_with_its_source(folder):
    [sentence] = said(folder(TABLE_2), "On the published targets")
    assert "accuracy 0.90825, loss 0.30656, dice loss 0.09156, auc 0.90696 (647 first masks)" in sentence


def test_differs_come_first_and_published_values_have_their_places(folder):
    first, second = beside(folder().summary())
    assert first == "Scores are on held-out images."
    assert second.startswith("Published values: report 003, ") and '"sgd" from' in second


def test_a_small_profile_says_what_the_differences_are_written_for(folder):
    summary = folder().summary()
    for profile, told in (("", 0), ("full", 0), ("cpu", 1)):
        shown = replace(summary, outline=replace(summary.outline, profile=profile))
        assert len([one for one in beside(shown) if one.startswith("What follows is written")]) == told

"""By hand: which sentences a table owes its reader, and which rows they name."""

from dataclasses import replace

import pytest

from ultraseg import records
from ultraseg.report._limits import limits

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
    return [sentence for sentence in limits(made.summary()) if word in sentence]


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


def test_published_values_of_other_data_are_called_not_comparable(folder):
    assert not said(folder(name="a"), "not comparable")
    assert said(folder(data="phantom (synthetic)", name="b"), "measured on BUSI, these on phantom (synthetic)")


def test_a_collapsed_trial_is_explained(folder):
    made = folder()
    made.put(0, 0, dice=[0.5])
    assert not said(made, "Collapsed")
    made.put(0, 1, dice=[0.0], outcome="collapsed")
    assert said(made, "Collapsed")[0].endswith("such a trial is in the means.")


def test_a_diverged_trial_is_explained(folder):
    made = folder()
    made.put(0, 0, dice=[0.5], outcome="diverged")
    made.put(0, 1, dice=[], outcome="diverged")
    assert "(1 here)" in said(made, "Diverged")[0]


def test_training_set_figures_are_named_as_such(folder):
    made = folder()
    made.put(0, 0, dice=[0.5], resubstituted=True)
    assert said(made, "Training-set figures: every")
    made.put(1, 0, dice=[0.5])
    assert said(made, "Training-set figures, not held-out")[0].endswith('in: "sgd".')


def test_a_row_no_better_than_all_background_is_named(folder):
    made = folder()
    made.put(0, 0, dice=[0.5], background=0.95)  # its accuracy is 0.95 too
    made.put(1, 0, dice=[0.5], background=0.94)
    assert said(made, "In pixel accuracy no better")[0].endswith(': "sgd".')


def test_differs_and_what_is_missing_come_first(folder):
    sentences = list(limits(folder().summary()))
    assert sentences[0] == "0 of 6 trials done; the study is not complete."
    assert sentences[1] == "Scores are on held-out images."


def test_a_small_profile_says_what_the_differences_are_written_for(folder):
    summary = folder().summary()
    for profile, told in (("", 0), ("full", 0), ("cpu", 1)):
        shown = replace(summary, outline=replace(summary.outline, profile=profile))
        assert len([one for one in limits(shown) if one.startswith("What follows is written")]) == told


def test_trials_that_were_given_up_are_named_with_their_reason(folder):
    made = folder()
    for place, why in ((1, "MemoryError: no room\nmore"), (2, "the worker was killed by SIGKILL")):
        records.write_json(records.failure(made.trials, made.names[1][place]), {"sentence": why})
    made.put(1, 2, dice=[0.5])  # which was tried again
    assert said(made, "Given up") == ['Given up after two failures: "adam" at seed 1, fold 0 (MemoryError: no room).']

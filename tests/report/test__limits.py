"""By hand: which sentences a table owes its reader, and which rows they name."""

from ultraseg import records
from ultraseg.report._limits import limits


def said(made, word):
    return [sentence for sentence in limits(made.summary()) if word in sentence]


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


def test_batch_norms_that_had_too_few_steps_are_named(folder):
    made = folder()
    made.put(0, 0, dice=[0.5], momentum=0.5)
    made.put(1, 0, dice=[0.5], momentum=0.9)  # 20 images an epoch in batches of 8: 0.9**5, and 0.5**5
    assert not said(folder(name="b"), "Too few steps")
    assert 'held 59 % of their first values in a trial of each: "adam".' in said(made, "Too few steps")[0]
    made.put(1, 0, dice=[0.5], history=[(0.5, 0.6, 0.3)] * 12, momentum=0.9)
    assert not said(made, "Too few steps")


def test_a_row_no_better_than_all_background_is_named(folder):
    made = folder()
    made.put(0, 0, dice=[0.5], background=0.95)  # its accuracy is 0.95 too
    made.put(1, 0, dice=[0.5], background=0.94)
    assert said(made, "In pixel accuracy no better")[0].endswith(': "sgd".')


def test_what_is_missing_comes_first(folder):
    assert next(limits(folder().summary())) == "0 of 6 trials done; the study is not complete."


def test_a_leak_is_told(folder):
    made = folder()
    made.put(0, 0, dice=[0.5, 0.6])
    assert not said(made, "leaks")
    made.put(0, 1, dice=[0.5, 0.6, 0.7], leaking=1)
    [sentence] = said(made, "This split leaks")
    assert "of 2 to 3 test images a trial 0 to 1 show a scan that training has seen" in sentence


def test_trials_that_were_given_up_are_named_with_their_reason(folder):
    made = folder()
    for place, why in ((1, "MemoryError: no room\nmore"), (2, "the worker was killed by SIGKILL")):
        records.write_json(records.failure(made.trials, made.names[1][place]), {"sentence": why})
    made.put(1, 2, dice=[0.5])  # which was tried again
    assert said(made, "Given up") == ['Given up after two failures: "adam" at seed 1, fold 0 (MemoryError: no room).']

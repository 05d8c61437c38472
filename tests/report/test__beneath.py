"""By hand: the sentences that explain a table."""

from tests.report.folders import QUESTION
from ultraseg.report._beneath import beneath


def said(made, word):
    return [sentence for sentence in beneath(made.summary()) if word in sentence]


def test_undefined_images_are_counted_with_the_reason(folder):
    made = folder()
    made.put(0, 0, dice=[0.5, 1.0, 1.0], auc=[0.9, None, None])
    made.put(0, 1, dice=[0.5, 1.0, 1.0], auc=[0.9, 0.8, None])
    [sentence] = said(made, "undefined")
    assert sentence.startswith("auc: undefined on 1 to 2 of 3 test images a trial, which hold one class alone")


def test_nothing_is_said_of_undefined_where_all_is_defined(folder):
    made = folder()
    made.put(0, 0, dice=[0.5])
    assert not said(made, "undefined")


def test_every_score_is_explained(folder):
    made = folder()
    made.put(0, 0, dice=[0.5])
    [sentence] = said(made, "taken per image")
    assert sentence.startswith("accuracy, auc, dice and iou: taken per image at each image's own size")
    assert "exceeds 0.5" in sentence and "1 where truth and mask are both empty" in sentence
    assert said(made, "accuracy and auc, pooled") and said(made, "loss value: bce")


def test_losses_of_several_units_are_not_to_be_compared(folder):
    made = folder("title: Losses\ncross: {loss: [bce, kld]}\n")
    made.put(0, 0, dice=[0.5])
    made.put(1, 0, dice=[0.5])
    assert "The units differ between rows (bce and kld)" in said(made, "units differ")[0]
    assert said(made, "all background, loss value: bce 0.3000; kld 0.3000.")


def test_data_images_and_replicates_are_counted(folder):
    made = folder()
    made.put(0, 0, dice=[0.5, 0.6])
    made.put(0, 1, dice=[0.5, 0.6, 0.7])
    assert said(made, "Data: ") == ["Data: BUSI; images a trial: 20 train, 5 validation, 2 to 3 test."]
    assert said(made, "A row's trials") == ["A row's trials: seeds 0, 1 and 2, each on folds 0, counted from 0."]


def test_notes_and_how_it_was_made_stand_at_the_foot(folder):
    made = folder(QUESTION)
    made.put(0, 0, dice=[0.5], seconds=60.0)
    note, command, machine = beneath(made.summary())[-3:]
    assert note == "KLD and BCE are one function for hard masks."
    assert command == "Made by `ultraseg run question`."
    assert machine.startswith("Trained on a processor (cpu:0, 2 threads), code at abc: 60 s of training")


def test_a_study_of_which_nothing_is_done_keeps_its_notes(folder):
    sentences = beneath(folder().summary())
    assert "Data: BUSI." in sentences and "KLD and BCE are one function for hard masks." in sentences

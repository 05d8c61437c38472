"""By hand: the sentences that explain a table."""

from tests.report.folders import QUESTION
from ultraseg import records
from ultraseg.report._beneath import LIMITS, SCORES, SHOWN, beneath, foremost
from ultraseg.report._findings import find


def told(made):
    summary = made.summary()
    return beneath(summary, find(summary))


def sentences(made):
    return [sentence for part in told(made).values() for sentence in part]


def said(made, word):
    return [sentence for sentence in sentences(made) if word in sentence]


def validated(made, cell, place, dice):
    """Give the validation images of a trial scores of their own."""
    path = made.trials / made.names[cell][place] / "validation.csv"
    rows = records.read_rows(path)
    records.write_rows(path, records.IMAGES, [row | {"dice": dice, "loss": dice} for row in rows])


def resulted(made, cell, place, **columns):
    """Replace parts of a trial's result."""
    path = made.trials / made.names[cell][place] / "result.json"
    records.write_json(path, records.read_json(path) | columns)


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
    units = "bce and kld"
    assert f"The units differ between rows ({units})" in said(made, "units differ")[0]
    told = "all background, loss value: bce 0.3000; kld 0.3000."
    assert said(made, "all background, loss value") == [told]


def test_data_images_and_replicates_are_counted(folder):
    made = folder()
    made.put(0, 0, dice=[0.5, 0.6])
    made.put(0, 1, dice=[0.5, 0.6, 0.7])
    assert said(made, "Data: ") == ["Data: BUSI; images a trial: 20 train, 5 validation, 2 to 3 test."]
    assert said(made, "A row's trials") == ["A row's trials: seeds 0, 1 and 2, each on folds 0, counted from 0."]


def test_leaks_and_exclusions_are_told(folder):
    made = folder()
    made.put(0, 0, dice=[0.5, 0.6])
    assert said(made, "No test image shows a scan") and not said(made, "leaks") and not said(made, "Left out")
    made.put(0, 1, dice=[0.5, 0.6, 0.7], leaking=1, excluded=4)
    assert said(made, "This split leaks") and not said(made, "No test image shows a scan")
    assert said(made, "Left out") == ["Left out of every part by `data.exclude`: 0 to 4 images."]


def test_what_limits_a_table_stands_before_what_it_shows_and_that_before_the_rest(folder):
    made = folder()
    made.put(0, 0, dice=[0.9])
    assert list(told(made)) == [
        LIMITS,
        SHOWN,
        "How to read it",
        SCORES,
        "How it was trained, and on what",
        "What it cost",
    ]


def test_a_terminal_has_the_foremost_and_the_headings_of_the_rest():
    parts = {LIMITS: ["a.", "b."], SHOWN: ["c."], SCORES: ["d.", "e."], "What it cost": ["f."]}
    assert foremost(parts) == ["a.", "b.", "c.", "d.", f"table.md says more: {SCORES}; What it cost."]
    assert foremost({SHOWN: ["c."]}) == ["c."]


def test_notes_and_how_it_was_made_stand_together(folder):
    made = folder(QUESTION)
    made.put(0, 0, dice=[0.5], seconds=60.0)
    note, command, machine = told(made)["How it was trained, and on what"][-3:]
    assert note == "KLD and BCE are one function for hard masks."
    assert command == "Made by `ultraseg run question`."
    assert machine.startswith("Trained on a processor (cpu:0, 2 threads), code at abc: 60 s of training")


def test_a_study_of_which_nothing_is_done_keeps_its_notes(folder):
    known = sentences(folder())
    assert "Data: BUSI." in known and "KLD and BCE are one function for hard masks." in known


def test_the_row_that_validation_chooses_is_named_with_its_test_score(folder):
    made = folder()
    made.put(0, 0, dice=[0.9])
    made.put(1, 0, dice=[0.4])
    validated(made, 0, 0, 0.5)
    validated(made, 1, 0, 0.6)
    [sentence] = said(made, "Chosen on validation")
    assert "the best row by dice is" in sentence and "adam" in sentence
    assert "(0.6000 there, 0.4000 on the test images)" in sentence


def test_a_row_that_is_tested_on_other_images_is_not_chosen(folder):
    made = folder("title: Nets\ndata: {split: {holdout: {}}}\ncross: {model: [UNet, PAN, FPN], seed: [0]}\n")
    for cell, images in enumerate(([0.5] * 6, [0.6] * 6, [0.9] * 5)):
        made.put(cell, 0, dice=images)
        validated(made, cell, 0, images[0])
    assert "the best row by dice is 'PAN' (0.6000 there" in said(made, "Chosen on validation")[0]


def test_what_no_axis_changes_is_told_with_optimizer_loss_and_steps(folder):
    made = folder(QUESTION.replace("fixed: {epochs: 2}", "fixed: {epochs: 2, augment: [flip], schedule: cosine}"))
    made.put(0, 0, dice=[0.5])
    [sentence] = said(made, "Trained alike")
    told = ("sgd(learning_rate=0.01, momentum=0.9)", "cosine", "preparation resize", "augmentation flip", "loss bce")
    assert all(word in sentence for word in told)
    made.put(1, 0, dice=[0.5])
    assert "sgd(" not in said(made, "Trained alike")[0]


def test_of_a_loss_validation_chooses_the_lowest(folder):
    made = folder(QUESTION + "primary: loss\n")
    for cell, loss in ((0, 0.5), (1, 0.6)):
        made.put(cell, 0, dice=[0.9])
        validated(made, cell, 0, loss)
    assert "(0.5000 there" in said(made, "Chosen on validation")[0]


def test_without_validation_nothing_is_chosen(folder):
    made = folder()
    for cell in (0, 1):
        made.put(cell, 0, dice=[0.9], validation=0)
    assert not said(made, "Chosen on validation") and len(said(made, "were opened")) == 1


def test_it_is_said_when_the_test_parts_were_opened_and_that_one_was_again(folder):
    made = folder()
    made.put(0, 0, dice=[0.9])
    assert said(made, "were opened")[0].endswith(", each once, after its trial's last choice.")
    made.put(0, 1, dice=[0.9])
    resulted(made, 0, 1, test_opened=["2026-01-01T00:00:00+00:00", "2026-01-03T00:00:00+00:00"])
    [sentence] = said(made, "were opened")
    assert "from 2026-01-01T00:00:00+00:00 to 2026-01-03T00:00:00+00:00" in sentence
    assert "; 1 again, their trial having been stopped while it measured" in sentence


def test_what_needs_no_network_is_explained(folder):
    made = folder()
    assert not said(made, "Without a network")
    made.put(0, 0, dice=[0.5])
    [sentence] = said(made, "Without a network")
    assert all(name in sentence for name in ("all background", "all foreground", "mean mask", "Otsu"))
    assert not said(made, "two annotators")


def test_the_ceiling_of_annotators_says_over_how_many_pairs(folder):
    made = folder()
    made.put(0, 0, dice=[0.5])
    resulted(made, 0, 0, annotators={"pairs": 3, "dice": 0.8})
    [sentence] = said(made, "two annotators")
    assert "over the 3 pair" in sentence and "no more from so few pairs" in sentence


def test_what_limits_the_differences_stands_before_what_explains_the_table(folder):
    made = folder()
    for cell in (0, 1):
        for place in range(3):
            made.put(cell, place, dice=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    known = sentences(made)
    [against] = said(made, "Not distinguishable from")
    assert known.index(against) < known.index(said(made, "Trained alike")[0])

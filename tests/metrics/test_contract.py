"""What every measure keeps: equal to scikit-learn's on masks that hold both classes, the truth left alone."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, jaccard_score, roc_auc_score

from ultraseg import catalogue

SCIKIT = {"accuracy": accuracy_score, "auc": roc_auc_score, "dice": f1_score, "iou": jaccard_score}
RNG = np.random.default_rng(0)
PAIRS = [((RNG.random((20, 30)) < share).astype(np.uint8), RNG.random((20, 30))) for share in (0.05, 0.3, 0.9)]


def prediction(name, probability):
    return probability if name == "auc" else (probability > 0.5).astype(np.uint8)


@pytest.mark.parametrize("name", catalogue.names("metrics"))
@pytest.mark.parametrize("case", range(len(PAIRS)))
def test_it_is_scikit_learns(name, case):
    truth, probability = PAIRS[case]
    found = prediction(name, probability)
    expected = SCIKIT[name](truth.ravel(), found.ravel())
    assert catalogue.find("metrics", name)(truth, found) == pytest.approx(
        expected, abs=1e-4 if name == "auc" else 1e-12
    )


@pytest.mark.parametrize("name", catalogue.names("metrics"))
def test_it_is_a_plain_number_and_the_best_answer_scores_1(name):
    truth = PAIRS[1][0]
    score = catalogue.find("metrics", name)(truth, truth.copy())
    assert isinstance(score, float) and score == 1
    assert catalogue.find("metrics", name)(truth, 1 - truth) == 0


@pytest.mark.parametrize("name", catalogue.names("metrics"))
def test_other_shapes_are_refused(name):
    with pytest.raises(ValueError, match=r"truth is \(2, 2\) but (found|probability) is \(2, 3\)"):
        catalogue.find("metrics", name)(np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint8))

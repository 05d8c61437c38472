"""The grammar of a named thing, and the sentences that refuse a wrong one."""

import functools
import inspect

import pytest

from ultraseg import catalogue

SGD = {"learning_rate": 0.01, "momentum": 0.9, "nesterov": False, "weight_decay": 0.0, "clipnorm": 0.0}


def test_members_are_listed_in_the_order_of_their_catalogue():
    assert catalogue.names("losses")[:4] == ["bce", "bce_behind_softmax", "boundary", "dice"]
    assert catalogue.names("splits") == ["by_source", "file", "holdout", "kfold", "random", "resubstitution"]


@pytest.mark.parametrize("spec", ["sgd", {"sgd": None}, {"sgd": {}}, {"sgd": {"momentum": 0.9}}])
def test_every_spelling_resolves_to_one_form(spec):
    assert catalogue.resolve("optimizers", spec) == {"sgd": SGD}


def test_given_options_win_and_tuples_become_lists():
    assert catalogue.resolve("optimizers", {"sgd": {"momentum": 0}}) == {"sgd": {**SGD, "momentum": 0}}
    assert catalogue.resolve("datasets", "busi")["busi"]["classes"] == ["benign", "malignant", "normal"]


@pytest.mark.parametrize("spec", [3, None, [], {}, ["sgd"], {"sgd": 3}, {"sgd": {}, "adam": {}}, {1: {}}])
def test_other_grammar_is_refused(spec):
    with pytest.raises(ValueError, match=r"optimizers: write NAME or \{NAME: \{option: value\}\}, got "):
        catalogue.resolve("optimizers", spec)


@pytest.mark.parametrize(
    ("room", "spec", "sentence"),
    [
        ("models", "Unet", "models: unknown name 'Unet'; did you mean 'UNet'? there is: "),
        ("models", "zzz", "models: unknown name 'zzz'; there is: "),
        ("losses", {"dice": {"smoth": 1.0}}, "losses.dice: unknown option 'smoth'; did you mean 'smooth'? there is: "),
        ("losses", {"kld": {"x": 1}}, "losses.kld: unknown option 'x'; there is: none"),
        ("models", {"UNet": {"width": 1.5}}, "models.UNet.width: expected a whole number, got 1.5"),
        ("models", {"UNet": {"width": True}}, "models.UNet.width: expected a whole number, got True"),
        ("models", {"UNet": {"decoder": 2}}, "models.UNet.decoder: expected a word, got 2"),
        ("optimizers", {"sgd": {"nesterov": 1}}, "optimizers.sgd.nesterov: expected true or false, got 1"),
        ("datasets", {"busi": {"classes": "benign"}}, "datasets.busi.classes: expected a list, got 'benign'"),
        (
            "optimizers",
            {"adam": {"learning_rate": "1e-3"}},
            "optimizers.adam.learning_rate: expected a number, got '1e-3'; YAML reads 1e-3 as a word, write 1.0e-3",
        ),
        ("optimizers", {"sgd": {"momentum": float("nan")}}, "momentum: expected a finite number, got nan"),
        ("preprocess", "resize", "preprocess.resize: the option 'size' must be given"),
    ],
)
def test_a_refusal_says_who_what_and_what_exists(room, spec, sentence):
    with pytest.raises(ValueError) as refused:
        catalogue.resolve(room, spec)
    assert sentence in str(refused.value)


def test_only_a_number_in_disguise_gets_the_hint_on_yaml():
    with pytest.raises(ValueError, match="expected true or false, got 'true'$"):
        catalogue.resolve("optimizers", {"sgd": {"nesterov": "true"}})
    with pytest.raises(ValueError, match="expected a number, got 'one'$"):
        catalogue.resolve("losses", {"dice": {"smooth": "one"}})


@pytest.mark.parametrize("ask", [catalogue.options, catalogue.find, catalogue.summary, catalogue.subject])
def test_every_way_in_refuses_an_unknown_name(ask):
    with pytest.raises(ValueError, match="losses: unknown name 'bec'; did you mean 'bce'"):
        ask("losses", "bec")


def test_there_is_no_such_room():
    with pytest.raises(ValueError, match="unknown room 'modls'; did you mean 'models'.* there is: models, encoders"):
        catalogue.names("modls")
    with pytest.raises(ValueError, match="unknown room 'audit'; .*there is: models"):  # a package of another kind
        catalogue.names("audit")


def test_bind_gives_the_member_with_every_option():
    bound = catalogue.bind("losses", {"dice": {"over": "batch"}})
    assert isinstance(bound, functools.partial)
    assert bound.func is catalogue.find("losses", "dice")
    assert bound.keywords == {"smooth": 1.0, "over": "batch"}


@pytest.mark.parametrize("room", catalogue.ROOMS)
def test_what_is_read_from_the_source_is_what_python_says(room):
    for name in catalogue.names(room):
        parameters = inspect.signature(catalogue.find(room, name)).parameters.values()
        said = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
        read = catalogue.options(room, name)
        assert list(read) == list(said)
        for option, default in said.items():
            assert read[option].required == (default is inspect.Parameter.empty)
            assert read[option].required or read[option].default == default


def test_a_subject_is_the_first_argument():
    assert catalogue.subject("preprocess", "median") == catalogue.subject("preprocess", "resize") == "image"
    assert catalogue.subject("preprocess", "scale") == "images"
    assert catalogue.subject("losses", "bce") == "truth"


def test_a_summary_is_one_sentence():
    assert catalogue.summary("metrics", "iou") == "The overlap over the united area."


def test_a_spec_within_a_spec_is_checked_and_its_given_options_alone_are_kept():
    resolved = catalogue.resolve("models", {"UNet": {"encoder": {"plain": {"width": 4}}}})
    assert resolved["UNet"]["encoder"] == {"plain": {"width": 4}}
    assert catalogue.resolve("models", {"UNet": {"encoder": {"plain": {}}}})["UNet"]["encoder"] == "plain"
    with pytest.raises(ValueError, match="encoders.plain: unknown option 'widht'; did you mean 'width'"):
        catalogue.resolve("models", {"UNet": {"encoder": {"plain": {"widht": 4}}}})


def test_an_option_of_none_is_checked_by_what_the_signature_says():
    assert catalogue.resolve("models", {"UNet": {"width": None}})["UNet"]["width"] is None
    with pytest.raises(ValueError, match="models.UNet.batch_norm: expected true or false, got 1"):
        catalogue.resolve("models", {"UNet": {"batch_norm": 1}})


def test_a_list_of_specs_is_filled_in_whole_at_every_depth():
    inner = {"weighted_sum": {"parts": ["kld"], "weights": [2]}}
    spec = {"weighted_sum": {"parts": ["bce", {"dice": {"smooth": 2}}, inner], "weights": (1, 0.5, 1)}}
    bce = {"bce": {"positive_weight": 1.0, "label_smoothing": 0.0}}
    filled = {"weighted_sum": {"parts": [{"kld": {}}], "weights": [2.0]}}
    resolved = catalogue.resolve("losses", spec)
    assert resolved == {
        "weighted_sum": {
            "parts": [bce, {"dice": {"smooth": 2.0, "over": "image"}}, filled],
            "weights": [1.0, 0.5, 1.0],
        }
    }
    assert all(type(weight) is float for weight in resolved["weighted_sum"]["weights"])
    # a full form is its own
    assert catalogue.resolve("losses", resolved) == resolved


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"parts": ["bec"], "weights": [1.0]}, "losses: unknown name 'bec'; did you mean 'bce'"),
        ({"parts": [{"dice": {"smoth": 1.0}}], "weights": [1.0]}, "unknown option 'smoth'; did you mean 'smooth'"),
        ({"parts": [{"dice": {"smooth": "a"}}], "weights": [1.0]}, "losses.dice.smooth: expected a number, got 'a'"),
        ({"parts": [{"bce": {}, "dice": {}}], "weights": [1.0]}, "losses: write NAME or"),
        ({"parts": {"bce": {}}, "weights": [1.0]}, "losses.weighted_sum.parts: expected a list of losses, got {'bce'"),
        ({"parts": "bce", "weights": [1.0]}, "losses.weighted_sum.parts: expected a list of losses, got 'bce'"),
        ({"parts": [], "weights": []}, "losses.weighted_sum.parts: expected a list of losses, got []"),
        ({"parts": ["bce"], "weights": 1.0}, "losses.weighted_sum.weights: expected a list of numbers, got 1.0"),
        ({"parts": ["bce"], "weights": ["1"]}, "losses.weighted_sum.weights: expected a number, got '1'"),
        ({"parts": ["bce"], "weights": [True]}, "losses.weighted_sum.weights: expected a number, got True"),
        (
            {"parts": ["bce"], "weights": [float("inf")]},
            "losses.weighted_sum.weights: expected a finite number, got inf",
        ),
        ({"parts": ["bce"], "weights": [None]}, "losses.weighted_sum.weights: expected a number, got None"),
        ({"parts": ["bce"]}, "losses.weighted_sum: the option 'weights' must be given"),
        ({"weights": [1.0]}, "losses.weighted_sum: the option 'parts' must be given"),
        (
            {"parts": [{"weighted_sum": {"parts": ["dise"], "weights": [1.0]}}], "weights": [1.0]},
            "losses: unknown name 'dise'; did you mean 'dice'",
        ),
    ],
)
def test_a_list_of_specs_is_refused_as_a_spec_is(options, sentence):
    with pytest.raises(ValueError) as refused:
        catalogue.resolve("losses", {"weighted_sum": options})
    assert sentence in str(refused.value)

"""The classifier keeps scikit-learn's contract, and its own: synthetic items, conditions by name."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

import assay
from assay.errors import UserError
from assay.train.model import Model
from assay.types import Samples
from tests.support.toys import MLP, blobs

QUICK = assay.Training(epochs=2, steps=15, batch=32, learning_rate=2e-2, precision="fp32")
SOME = {
    "check_classifiers_classes",
    "check_dict_unchanged",
    "check_estimators_unfitted",
    "check_fit2d_1sample",
    "check_methods_sample_order_invariance",
    "check_n_features_in_after_fitting",
    "check_parameters_default_constructible",
}


def checks():
    return estimator_checks_generator(assay.Classifier(backbone=MLP, training=QUICK))


def name_of(check) -> str:
    return check.func.__name__


@pytest.mark.filterwarnings("ignore")
def test_some_of_the_checks_of_scikit_learn_pass():
    chosen = [(estimator, check) for estimator, check in checks() if name_of(check) in SOME]
    assert {name_of(check) for _, check in chosen} == SOME
    for estimator, check in chosen:
        check(estimator)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("number", range(sum(1 for _ in checks())))
def test_all_checks_of_scikit_learn_pass(number):
    estimator, check = list(checks())[number]
    check(estimator)  # that of the array API skips itself unless SCIPY_ARRAY_API is set


NAMES = np.array(["north", "east", "south", "west"])


def few(n: int = 24) -> tuple[np.ndarray, np.ndarray]:
    items = blobs(n, 0)
    return items.x, NAMES[items.y]


def made(**options) -> assay.Classifier:
    synthetic = blobs(120, 9, spread=0.3)
    return assay.Classifier(
        synthetic=(synthetic.x, NAMES[synthetic.y]), backbone=MLP, training=QUICK, **options
    )


def test_synthetic_items_teach_and_their_conditions_are_known_by_name():
    test = blobs(200, 1)
    with_names = made().fit(*few())
    assert with_names.classes_.tolist() == sorted(NAMES)
    assert with_names.model_.about.method == "mixed"
    assert with_names.score(test.x, NAMES[test.y]) > 0.9
    turned = blobs(120, 9, spread=0.3)
    wrong = made()
    wrong.synthetic = (turned.x, NAMES[(turned.y + 1) % 4])
    assert wrong.fit(*few()).score(test.x, NAMES[test.y]) < 0.6, "what they claim is learnt"
    probabilities = with_names.predict_proba(test.x)
    assert np.allclose(probabilities.sum(1), 1, atol=1e-5)
    assert (with_names.classes_[probabilities.argmax(1)] == with_names.predict(test.x)).all()


def test_grid_search_goes_over_methods_and_ratios():
    search = GridSearchCV(made(), {"method": ["real_only", "mixed"], "ratio": [1.0, 4.0]}, cv=2)
    search.fit(*few())
    assert len(search.cv_results_["params"]) == 4
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    pipe = make_pipeline(StandardScaler(), assay.Classifier(backbone=MLP, training=QUICK)).fit(*few())
    assert pipe.predict(few()[0]).shape == (24,)


def test_same_state_same_model_and_it_goes_home_as_a_file(tmp_path):
    one, same, other = (made(random_state=seed).fit(*few()) for seed in (3, 3, 4))
    assert one.model_.to_bytes() == same.model_.to_bytes()
    assert one.model_.to_bytes() != other.model_.to_bytes()
    x = few()[0]
    again = Model.load(one.model_.save(tmp_path / "m.safetensors"))
    assert (one.classes_[again.predict(x)] == one.predict(x)).all()
    assert (pickle.loads(pickle.dumps(one)).predict_proba(x) == one.predict_proba(x)).all()
    assert clone(one).get_params()["method"] is None


def test_images_and_signals_have_their_own_shape():
    x = np.random.default_rng(0).normal(size=(20, 2, 32)) + (np.arange(20) % 2)[:, None, None]
    found = assay.Classifier(training=QUICK, backbone="cnn1d:width=4", normalise="none").fit(
        x, np.arange(20) % 2
    )
    assert found.predict(x).shape == (20,)
    assert found.model_.about.shape == (2, 32)


def test_unlabelled_items_are_of_use_to_methods_that_adapt():
    options = {"unlabelled": blobs(40, 5).x, "backbone": MLP, "training": QUICK}
    assert assay.Classifier("dann", **options).fit(*few()).predict(few()[0]).shape == (24,)
    with pytest.raises(UserError, match="method dann: needs unlabelled items"):
        assay.Classifier("dann", backbone=MLP, training=QUICK).fit(*few())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"method": "tea"}, "unknown method 'tea'"),
        ({"method": "mixed"}, "method mixed: needs synthetic data"),
        (
            {"synthetic": (np.zeros((3, 10)), ["up", "north", "east"])},
            "synthetic y: up of item 0 is no class",
        ),
        ({"synthetic": Samples(np.zeros((3, 9)), np.zeros(3, int))}, "is no class of y"),
        ({"backbone": "tea"}, "unknown backbone 'tea'"),
    ],
)
def test_mistakes_are_value_errors_that_say_what_is_wrong(change, said):
    with pytest.raises(ValueError, match=said):
        assay.Classifier(**{"training": QUICK, **change}).fit(*few())

"""The same numbers as libraries that people use, computed by both in the same test."""

from __future__ import annotations

import warnings
from importlib.util import find_spec

import numpy as np
import pytest
import torch

from assay.metrics.accuracy import confusion
from assay.metrics.auroc import auroc
from assay.metrics.calibration_error import calibration_error
from assay.metrics.frechet import frechet_distance
from assay.metrics.kernel_distance import kernel_distance
from assay.metrics.label_errors import label_errors
from assay.metrics.macro_f1 import macro_f1
from assay.metrics.manifold import precision_recall_density_coverage
from assay.metrics.ssim import paired_ssim
from tests.support.vision import torchvision_or_skip

pytestmark = pytest.mark.peers

RNG = np.random.default_rng(0)
MIXING = RNG.normal(size=(24, 24)) / 5
REAL = RNG.normal(size=(400, 24)) @ MIXING
MADE = 0.8 * RNG.normal(size=(300, 24)) @ MIXING + 0.1
Y = RNG.integers(0, 4, 500)
PROBABILITY = RNG.dirichlet(np.ones(4), 500) * 0.6 + 0.4 * np.eye(4)[Y]


@pytest.fixture(autouse=True)
def _their_warnings():
    """Other libraries' warnings are theirs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.fixture
def vision():
    """Some of them look for torchvision, and stumble over one that does not load."""
    if find_spec("torchvision"):
        torchvision_or_skip()


def moments(rows):
    return rows.mean(0), np.cov(rows, rowvar=False)


# -- distances of sets ----------------------------------------------------------------------------------


def test_frechet_is_that_of_torch_fidelity(vision):
    theirs = pytest.importorskip("torch_fidelity.metric_fid")
    keys = "mu", "sigma"
    statistics = [dict(zip(keys, moments(rows), strict=True)) for rows in (REAL, MADE)]
    said = theirs.fid_statistics_to_metric(*statistics, verbose=False)[theirs.KEY_METRIC_FID]
    assert frechet_distance(REAL, MADE) == pytest.approx(said, rel=1e-8)


def test_frechet_is_that_of_torchmetrics(vision):
    fid = pytest.importorskip("torchmetrics.image.fid")
    values = [torch.from_numpy(part) for rows in (REAL, MADE) for part in moments(rows)]
    assert frechet_distance(REAL, MADE) == pytest.approx(fid._compute_fid(*values).item(), rel=1e-8)


def test_the_kernel_distance_is_that_of_torch_fidelity(vision):
    theirs = pytest.importorskip("torch_fidelity.metric_kid")
    whole = {"kid_subsets": 1, "kid_subset_size": 300, "kid_kernel": "poly", "rng_seed": 0}
    same_size = REAL[:300]
    features = [torch.from_numpy(rows) for rows in (same_size, MADE)]
    found = theirs.kid_features_to_metric(*features, **whole, verbose=False)
    assert kernel_distance(same_size, MADE) == pytest.approx(found[theirs.KEY_METRIC_KID_MEAN], rel=1e-6)


def test_the_kernel_distance_is_that_of_torchmetrics(vision):
    kid = pytest.importorskip("torchmetrics.image.kid")
    said = kid.poly_mmd(torch.from_numpy(REAL[:300]), torch.from_numpy(MADE)).item()
    assert kernel_distance(REAL[:300], MADE) == pytest.approx(said, rel=1e-8)


@pytest.mark.parametrize("k", [3, 5])
def test_precision_to_coverage_are_those_of_prdc(k):
    prdc = pytest.importorskip("prdc")
    theirs = prdc.compute_prdc(real_features=REAL, fake_features=MADE, nearest_k=k)
    ours = precision_recall_density_coverage(REAL, MADE, k)
    assert ours._asdict() == pytest.approx(theirs, abs=1e-12)


def test_precision_and_recall_are_those_of_torch_fidelity(vision):
    theirs = pytest.importorskip("torch_fidelity.metric_prc")
    settings = {"prc_neighborhood": 3, "prc_batch_size": 1000, "verbose": False}
    made_first = torch.from_numpy(MADE), torch.from_numpy(REAL)
    found = theirs.prc_features_to_metric(*made_first, **settings)
    ours = precision_recall_density_coverage(REAL, MADE, 3)
    assert ours.precision == pytest.approx(found[theirs.KEY_METRIC_PRECISION], abs=1e-6)
    assert ours.recall == pytest.approx(found[theirs.KEY_METRIC_RECALL], abs=1e-6)


# -- labels ---------------------------------------------------------------------------------------------


def test_label_errors_are_those_of_cleanlab():
    count = pytest.importorskip("cleanlab.count")
    given = np.where(np.arange(500) % 6 == 0, (Y + 1) % 4, Y)
    joint, errors = count.compute_confident_joint(given, PROBABILITY, return_indices_of_off_diagonals=True)
    ours = label_errors(PROBABILITY, given)
    assert set(np.flatnonzero(ours.mask)) == set(errors)
    share = 1 - np.trace(joint) / joint.sum()
    assert ours.rate == pytest.approx(share, abs=0.01), "they round the joint to whole items"


# -- likeness of items ----------------------------------------------------------------------------------


def test_ssim_is_that_of_scikit_image_in_one_window():
    skimage = pytest.importorskip("skimage.metrics")
    a = RNG.normal(size=(20, 9, 9))
    b = a + RNG.normal(size=(20, 9, 9))
    one = {"win_size": 9, "data_range": 1.0, "use_sample_covariance": False}
    theirs = [skimage.structural_similarity(x, y, **one) for x, y in zip(a, b, strict=True)]
    fewer = 81 / 80  # SynCheck's covariance is divided by n - 1, its variances by n
    assert paired_ssim(a, b) == pytest.approx(fewer * np.array(theirs), abs=1e-5)


# -- predictions ----------------------------------------------------------------------------------------


def test_metrics_of_predictions_are_those_of_torchmetrics(vision):
    functional = pytest.importorskip("torchmetrics.functional.classification")
    given, probability = torch.from_numpy(Y), torch.from_numpy(PROBABILITY)
    macro = {"num_classes": 4, "average": "macro"}
    matrix = confusion(Y, PROBABILITY.argmax(1), 4)
    theirs = functional.multiclass_f1_score(probability, given, **macro).item()
    assert macro_f1(matrix) == pytest.approx(theirs, abs=1e-6)
    theirs = functional.multiclass_auroc(probability, given, **macro).item()
    assert auroc(Y, PROBABILITY, 4) == pytest.approx(theirs, abs=1e-6)
    theirs = functional.multiclass_calibration_error(probability, given, 4, n_bins=15, norm="l1").item()
    assert calibration_error(Y, PROBABILITY) == pytest.approx(theirs, abs=1e-6)

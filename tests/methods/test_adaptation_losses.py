"""Value and gradient of every loss of the adaptation methods, against forms written independently in NumPy.

Gradients are held against central differences of those forms; what a loss holds constant is passed to the
form a second time, as `held`.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from scipy.special import log_softmax, rel_entr, softmax
from scipy.stats import entropy as shannon
from sklearn.cluster import KMeans

from assay.methods.clustering import class_means, kernel_kmeans, kmeans, rbf, spherical_kmeans
from assay.methods.consistency import divergence, perturbed
from assay.methods.dann import domain_loss
from assay.methods.disclusterda import (
    filtered_entropy,
    own_class_loss,
    retained,
    running_centroids,
    to_centroid_loss,
)
from assay.methods.distances import squared_distances
from assay.methods.entropy import entropy, imbalance
from assay.methods.gradient_reversal import reverse_gradient
from assay.methods.mcc import class_confusion
from assay.methods.mcd import discrepancy
from assay.methods.rca import joint_loss
from assay.methods.srdc_losses import auxiliary, kernel_log_probability, source_loss, student_t, target_loss
from assay.methods.virtual_adversarial import directions, kl_to, worst_change

B, K, D = 7, 4, 5
RNG = np.random.default_rng(3)
Z, Z2 = RNG.normal(0, 2, (B, K)), RNG.normal(0, 2, (B, K))
F, C = RNG.normal(0, 1, (B, D)), RNG.normal(0, 1, (K, D))
Y, W = np.array([0, 1, 2, 3, 3, 1, 0]), RNG.uniform(0.1, 1, B)
Y_T, W_T = torch.from_numpy(Y), torch.from_numpy(W)
ROW = np.arange(B)
UNIFORM = np.full((B, K), 1 / K)


def numeric_gradient(form, x: np.ndarray, step: float = 1e-6) -> np.ndarray:
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        moved = [x.copy(), x.copy()]
        moved[0][index] += step
        moved[1][index] -= step
        gradient[index] = (form(moved[0]) - form(moved[1])) / (2 * step)
    return gradient


def agree(loss, form, x: np.ndarray) -> None:
    """`loss` of a tensor and `form` of an array have one value and one gradient at x."""
    tensor = torch.tensor(x, requires_grad=True)
    value = loss(tensor)
    value.backward()
    assert_allclose(value.item(), form(x), rtol=1e-10)
    assert_allclose(tensor.grad, numeric_gradient(form, x), rtol=1e-5, atol=1e-8)


def picked(p: np.ndarray, y: np.ndarray = Y) -> np.ndarray:
    return p[np.arange(len(y)), y]


# -- predictions --------------------------------------------------------------------------------------


def test_entropy_of_predictions():
    agree(lambda z: entropy(z).mean(), lambda z: shannon(softmax(z, 1), axis=1).mean(), Z)
    assert_allclose(entropy(torch.zeros(1, K)), math.log(K), rtol=1e-6)


def test_imbalance_is_least_for_equally_likely_classes():
    agree(imbalance, lambda z: -np.log(softmax(z, 1).mean(0) + 1e-6).mean(), Z)
    one_class = torch.tensor([[50.0, 0, 0, 0]]).repeat(B, 1)
    assert imbalance(one_class) > imbalance(torch.zeros(B, K)) > math.log(K) - 1e-4


@pytest.mark.parametrize("detached", [False, True])
def test_filtered_entropy(detached):
    def form(z, held=Z):
        h = shannon(softmax(z, 1), axis=1)
        weight = np.exp(-shannon(softmax(held if detached else z, 1), axis=1))
        return (h * weight).mean()

    agree(lambda z: filtered_entropy(z, detached), form, Z)


def test_filtered_entropy_raises_high_entropies_unless_detached():
    for detached in (False, True):
        z = torch.tensor([[0.3, 0.0, 0.1, 0.2]], requires_grad=True)  # an entropy of about log 4 > 1
        filtered_entropy(z, detached).backward()
        with torch.no_grad():
            lower = entropy(z - 0.1 * z.grad) < entropy(z)
        assert bool(lower) == detached


def test_class_confusion():
    def form(z, held=Z):
        p = softmax(z / 2.5, 1)
        w = 1 + np.exp(-shannon(softmax(held / 2.5, 1), axis=1))
        w *= B / w.sum()
        c = sum(w[i] * np.outer(p[i], p[i]) for i in range(B))
        c /= c.sum(1, keepdims=True)
        return sum(c[i, j] for i in range(K) for j in range(K) if i != j) / K

    agree(lambda z: class_confusion(z, 2.5), form, Z)
    assert class_confusion(torch.eye(K).repeat(2, 1) * 1e3, 1.0) < 1e-6, "sure and spread: no confusion"
    assert_allclose(class_confusion(torch.zeros(B, K), 1.0), 1 - 1 / K, rtol=1e-6)


def test_discrepancy():
    other = torch.from_numpy(Z2)
    agree(lambda z: discrepancy(z, other), lambda z: np.abs(softmax(z, 1) - softmax(Z2, 1)).mean(), Z)
    assert_allclose(discrepancy(other, torch.from_numpy(Z)), discrepancy(torch.from_numpy(Z), other))


@pytest.mark.parametrize("domain", [0, 1])
def test_domain_loss(domain):
    agree(lambda z: domain_loss(z, domain), lambda z: -log_softmax(z, 1)[:, domain].mean(), Z[:, :2])


@pytest.mark.parametrize("domain", [0, 1])
def test_joint_loss_tells_domain_and_class(domain):
    joint = np.concatenate((Z, Z2), 1)
    agree(
        lambda z: joint_loss(z, Y_T, domain),
        lambda z: -picked(log_softmax(z, 1), Y + K * domain).mean(),
        joint,
    )


def test_gradients_are_reversed_and_values_kept():
    x = torch.tensor(F, requires_grad=True)
    y = reverse_gradient(x, 0.3)
    assert torch.equal(y, x)
    (2 * y).sum().backward()
    assert_allclose(x.grad, -0.6)


# -- consistency and virtual adversaries --------------------------------------------------------------


@pytest.mark.parametrize("kind", ["kl", "kl_detached", "l1", "l2", "cosine"])
def test_divergences(kind):
    def form(z, z2, held=Z):
        p, q = softmax(held if kind == "kl_detached" else z, 1), softmax(z2, 1)
        if kind.startswith("kl"):
            return rel_entr(p, q).sum(1).mean()
        if kind == "cosine":
            norms = np.linalg.norm(p, axis=1) * np.linalg.norm(q, axis=1)
            return (1 - (p * q).sum(1) / norms).mean()
        return (np.abs(p - q) ** (1 if kind == "l1" else 2)).sum(1).mean()

    first, second = torch.from_numpy(Z), torch.from_numpy(Z2)
    agree(lambda z2: divergence(first, z2, kind), lambda z2: form(Z, z2), Z2)
    if kind != "kl_detached":
        agree(lambda z: divergence(z, second, kind), lambda z: form(z, Z2), Z)
    assert_allclose(divergence(first, first, kind), 0, atol=1e-12)


def test_detached_consistency_trains_the_copy_alone():
    logits = torch.tensor(Z, requires_grad=True)
    copy = torch.tensor(Z2, requires_grad=True)
    divergence(logits, copy, "kl_detached").backward()
    assert logits.grad is None
    assert copy.grad.abs().sum() > 0


def test_kl_to_trains_the_other_side_alone():
    logits = torch.tensor(Z, requires_grad=True)
    agree(lambda z: kl_to(logits, z), lambda z: rel_entr(softmax(Z, 1), softmax(z, 1)).sum(1).mean(), Z2)
    assert logits.grad is None


def test_worst_change_beats_random_ones_and_has_the_stated_length():
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(D, K, generator=generator, dtype=torch.float64)

    def network(x):
        return x @ weight

    x = torch.from_numpy(F)
    noise = torch.randn(x.shape, generator=generator, dtype=torch.float64)
    change = worst_change(network, x, network(x), noise, 1e-2, 0.1)
    assert_allclose(change.norm(dim=1), 0.1, rtol=1e-5)
    worst = kl_to(network(x), network(x + change))
    random = [torch.randn(x.shape, generator=generator, dtype=torch.float64) for _ in range(20)]
    assert worst > max(kl_to(network(x), network(x + 0.1 * directions(d))) for d in random)


def test_perturbed_copies_follow_the_generator():
    for shape in ((6, 3, 8, 8), (6, 2, 30), (6, 10)):
        x = torch.rand(shape, generator=torch.Generator().manual_seed(1))
        copies = [perturbed(x, torch.Generator().manual_seed(seed)) for seed in (0, 0, 1)]
        assert torch.equal(copies[0], copies[1])
        assert not torch.equal(copies[0], copies[2])
        assert copies[0].shape == x.shape
        assert torch.equal(
            perturbed(x, torch.Generator(), deviation=0.0).round(decimals=5), x.round(decimals=5)
        )


# -- clusters -----------------------------------------------------------------------------------------


def test_student_kernel():
    centres = torch.from_numpy(C)
    for alpha in (1.0, 2.0):
        power = -(alpha + 1) / 2

        def form(f, alpha=alpha, power=power):
            distances = np.array([[((a - c) ** 2).sum() for c in C] for a in f])
            return ((1 + distances / alpha) ** power * np.arange(1, K + 1)).sum()

        def loss(f, alpha=alpha):
            return (student_t(f, centres, alpha) * torch.arange(1, K + 1)).sum()

        agree(loss, form, F)


def test_distances_of_equals_have_no_gradient():
    x = torch.tensor(F, requires_grad=True)
    d = squared_distances(x, x)
    assert_allclose(d.diagonal().detach(), 0)
    d.diagonal().sum().backward()
    assert_allclose(x.grad, 0)


@pytest.mark.parametrize("softmaxed", [False, True])
def test_kernel_probabilities(softmaxed):
    def form(s):
        p = softmax(s, 1) if softmaxed else s / s.sum(1, keepdims=True)
        return np.log(picked(p)).sum()

    similarity = RNG.uniform(0.05, 1, (B, K))
    agree(lambda s: kernel_log_probability(s, softmaxed)[ROW, Y_T].sum(), form, similarity)


@pytest.mark.parametrize("detached", [False, True])
@pytest.mark.parametrize("mix", [0.0, 0.5, 1.0])
def test_target_loss(mix, detached):
    def form(z, held=Z):
        p, q = softmax(z, 1), softmax(held if detached else z, 1)
        q = q / np.sqrt(q.sum(0, keepdims=True))
        q = mix * q / q.sum(1, keepdims=True) + (1 - mix) * np.eye(K)[Y]
        return -(q * np.log(p)).sum() / B

    agree(lambda z: target_loss(z.log_softmax(1), Y_T, mix, detached), form, Z)


def test_auxiliary_distribution_favours_rare_classes():
    p = torch.tensor([[0.5, 0.5], [0.9, 0.1], [0.9, 0.1]])
    q = auxiliary(p)
    assert_allclose(q.sum(1), 1, rtol=1e-6)
    assert q[0, 1] > 0.5


@pytest.mark.parametrize("soft", [False, True])
def test_source_loss(soft):
    def form(z):
        p, target = softmax(z, 1), np.eye(K)[Y]
        if soft:
            target = (1 - p) * target + p**2
        return -(W * (target * np.log(p)).sum(1)).mean()

    agree(lambda z: source_loss(z.log_softmax(1), Y_T, W_T, soft), form, Z)


@pytest.mark.parametrize("double", [False, True])
def test_to_centroid_loss(double):
    def form(d):
        logits = softmax(-d, 1) if double else -d
        return -picked(log_softmax(logits, 1)).mean()

    distances = RNG.uniform(0, 3, (B, K))
    agree(lambda d: to_centroid_loss(d, Y_T, double), form, distances)


def test_a_double_softmax_has_a_floor():
    perfect = 1e3 * (1 - torch.eye(K))[Y_T]
    assert to_centroid_loss(perfect, Y_T, double_softmax=False) < 1e-6
    floor = math.log(1 + (K - 1) / math.e)
    assert_allclose(to_centroid_loss(perfect, Y_T, double_softmax=True), floor, rtol=1e-6)


def test_own_class_loss():
    square = RNG.normal(0, 2, (K, K))
    form = lambda z: -np.diag(log_softmax(z / 2, 1)).mean()  # noqa: E731
    agree(lambda z: own_class_loss(z, 2.0), form, square)


def test_running_centroids_keep_absent_classes_and_start_from_the_first_mean():
    centroids = torch.from_numpy(C).clone()
    centroids[2] = 0
    labels = torch.tensor([0, 0, 2, 2, 2, 0, 0])
    keep = retained(centroids, labels, 0.7)
    assert_allclose(keep[:, 0], [0.7, 1, 0, 1])
    moved = running_centroids(centroids, keep, torch.from_numpy(F), labels)
    assert_allclose(moved[0], 0.7 * C[0] + 0.3 * F[[0, 1, 5, 6]].mean(0))
    assert_allclose(moved[2], F[[2, 3, 4]].mean(0))
    assert_allclose(moved[[1, 3]], C[[1, 3]])


def test_gradients_reach_centroids_through_the_batch_alone():
    old = torch.tensor(C, requires_grad=True)
    keep, labels = torch.full((K, 1), 0.7, dtype=torch.float64), torch.zeros(B, dtype=torch.int64)
    features = torch.tensor(F, requires_grad=True)
    running_centroids(old, keep, features, labels)[0].sum().backward()
    assert old.grad is None
    assert_allclose(features.grad, 0.3 / B)


def points() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(4 * corner, 1, (30, D)) for corner in np.eye(K, D)])


def test_kmeans_is_that_of_scikit_learn():
    x, start = points(), points()[::30] + 0.5
    labels, centres = kmeans(torch.from_numpy(x), torch.from_numpy(start), 30)
    theirs = KMeans(K, init=start, n_init=1, max_iter=30, tol=0).fit(x)
    assert (labels.numpy() == theirs.labels_).all()
    assert_allclose(centres, theirs.cluster_centers_, rtol=1e-6)


def test_linear_kernel_kmeans_is_kmeans():
    x = torch.from_numpy(points())
    start = torch.from_numpy(RNG.integers(0, K, len(x)))
    means = class_means(x, start, K)
    labels, _ = kmeans(x, means, 3)
    assert torch.equal(kernel_kmeans(x @ x.T, start, K, 3, torch.ones(len(x), dtype=x.dtype)), labels)


def test_an_empty_cluster_has_no_centre():
    x = torch.from_numpy(points())
    start = torch.cat((x[::40], torch.full((1, D), 1e3, dtype=x.dtype)))
    labels, centres = kmeans(x, start, 1)
    assert 3 not in labels
    assert_allclose(centres[3], 0)


def test_spherical_centres_are_sums_of_directions():
    x = torch.from_numpy(points())
    labels, centres = spherical_kmeans(x, x[::30], 1)
    sums = [(x[labels == k] / x[labels == k].norm(dim=1, keepdim=True)).sum(0) for k in range(K)]
    assert_allclose(centres, torch.stack(sums), rtol=1e-5)


def test_gaussian_kernel():
    x = points()[:6]
    expected = [[math.exp(-((a - b) ** 2).sum() / D) for b in x] for a in x]
    assert_allclose(rbf(torch.from_numpy(x)), expected, rtol=1e-9)

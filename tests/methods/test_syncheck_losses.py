from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from assay.methods.syncheck_losses import (
    one_vs_all,
    open_entropy,
    outlier_score,
    pseudo_label_loss,
    soft_consistency,
)
from tests.support import GOLDEN

VALUES = np.load(GOLDEN / "syncheck_losses.npz")
C = 7


def opened(key: str) -> torch.Tensor:
    return torch.from_numpy(VALUES[key]).requires_grad_()


def shaped(flat: torch.Tensor) -> torch.Tensor:
    return flat.view(-1, 2, C)


def test_one_vs_all_matches_the_published_code():
    flat = opened("logits_open")
    loss = one_vs_all(shaped(flat), torch.from_numpy(VALUES["label"]))
    loss.backward()
    assert_allclose(loss.detach(), VALUES["ova"], rtol=1e-5)
    assert_allclose(flat.grad, VALUES["ova_grad"], rtol=1e-5, atol=1e-8)


def test_open_entropy_matches_the_published_code():
    flat = opened("logits_open")
    loss = open_entropy(shaped(flat))
    loss.backward()
    assert_allclose(loss.detach(), VALUES["entropy"], rtol=1e-5)
    assert_allclose(flat.grad, VALUES["entropy_grad"], rtol=1e-5, atol=1e-8)


def test_soft_consistency_matches_the_published_code():
    weak, strong = opened("weak_open"), opened("strong_open")
    loss = soft_consistency(shaped(weak), shaped(strong))
    loss.backward()
    assert_allclose(loss.detach(), VALUES["consistency"], rtol=1e-5)
    assert_allclose(weak.grad, VALUES["consistency_grad_weak"], rtol=1e-5, atol=1e-8)
    assert_allclose(strong.grad, VALUES["consistency_grad_strong"], rtol=1e-5, atol=1e-8)


def test_outlier_score_and_kept_items_match_the_published_code():
    logits = torch.from_numpy(VALUES["logits_closed"])
    score = outlier_score(logits, shaped(torch.from_numpy(VALUES["logits_open"])))
    assert_allclose(score, VALUES["outlier_score"], rtol=1e-5)
    assert ((score < 0.5).numpy() == VALUES["kept"]).all()


def test_one_vs_all_by_hand():
    # two classes: q_inlier(y = 0) = sigmoid(2), and the only negative has q_outlier = sigmoid(1)
    logits = torch.tensor([[[0.0, 1.0], [2.0, 0.0]]])
    expected = math.log1p(math.exp(-2)) + math.log1p(math.exp(-1))
    assert_allclose(one_vs_all(logits, torch.tensor([0])), expected, rtol=1e-6)


def test_one_vs_all_counts_only_the_hardest_negative():
    logits = torch.zeros(1, 2, 3)
    logits[0, 1, 1] = 5.0  # class 1 claims an item of class 0
    base = one_vs_all(logits, torch.tensor([0]))
    logits[0, 0, 2] = 4.0  # class 2 rejects it more: no change, it was not the hardest
    assert_allclose(one_vs_all(logits, torch.tensor([0])), base)


def test_pseudo_label_loss_against_an_independent_form_with_its_gradient():
    rng = np.random.default_rng(0)
    weak = torch.tensor(rng.normal(size=(6, 4)), requires_grad=True)
    strong = torch.tensor(rng.normal(size=(6, 4)), requires_grad=True)
    loss = pseudo_label_loss(weak, strong, temperature=0.5, threshold=0.6)
    loss.backward()
    p_weak = np.exp(2 * weak.detach().numpy())
    p_weak /= p_weak.sum(1, keepdims=True)
    p = np.exp(strong.detach().numpy())
    p /= p.sum(1, keepdims=True)
    label, sure = p_weak.argmax(1), p_weak.max(1) >= 0.6
    assert 0 < sure.sum() < 6
    assert_allclose(loss.item(), -(np.log(p[np.arange(6), label]) * sure).sum() / 6, rtol=1e-12)
    assert_allclose(strong.grad, (p - np.eye(4)[label]) * sure[:, None] / 6, rtol=1e-10)
    assert weak.grad is None, "the label's side must not be trained"


@pytest.mark.parametrize("loss", [open_entropy, lambda x: soft_consistency(x, x.flip(0))])
def test_losses_survive_saturated_logits(loss):
    logits = (1e4 * torch.randn(5, 2, C, generator=torch.Generator().manual_seed(0))).requires_grad_()
    value = loss(logits)
    value.backward()
    assert torch.isfinite(value)
    assert torch.isfinite(logits.grad).all()

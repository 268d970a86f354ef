"""Optimisers: PyTorch's own numbers, without its compiler."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from assay.models import optimisers

TRAINING = """
import sys
from assay.train.one_run import train
from tests.support.toys import blob_task, run_of
train(blob_task(), None, run_of("real_unlabelled"))
print([name for name in ("torch._dynamo", "scipy.stats", "sklearn", "matplotlib") if name in sys.modules])
"""


@pytest.mark.parametrize(
    ("name", "options"), [("Adam", {}), ("AdamW", {"weight_decay": 0.1}), ("SGD", {"momentum": 0.9})]
)
def test_steps_are_those_of_pytorch_to_the_bit(name, options):
    def learnt(kind, interrupted):
        weight = torch.nn.Parameter(torch.linspace(-1, 1, 7))
        make = lambda: kind([{"params": [weight], "factor": 2}], lr=0.1, fused=True, **options)  # noqa: E731
        optimiser = make()
        for step in range(6):
            if interrupted and step == 3:
                state, optimiser = optimiser.state_dict(), make()
                optimiser.load_state_dict(state)
            optimiser.zero_grad()
            (weight**4).sum().backward()
            optimiser.step()
        return weight.detach()

    known = learnt(getattr(torch.optim, name), interrupted=False)
    for interrupted in (False, True):
        assert torch.equal(learnt(getattr(optimisers, name), interrupted), known)


def test_a_step_records_no_gradient():
    weight = torch.nn.Parameter(torch.ones(2))
    optimiser = optimisers.Adam([weight])
    weight.sum().backward()
    optimiser.step()
    assert weight.is_leaf
    assert weight.grad_fn is None


def test_hooks_are_heard():
    torch.optim.Adam([torch.zeros(1, requires_grad=True)])  # whose class has its hooks by now
    optimiser, heard = optimisers.Adam([torch.zeros(1, requires_grad=True)]), []
    optimiser.register_step_pre_hook(lambda *_: heard.append("before"))
    optimiser.register_step_post_hook(lambda *_: heard.append("after"))
    optimiser.step()
    assert heard == ["before", "after"]


def test_training_imports_no_compiler_and_nothing_for_statistics_or_pictures():
    assert subprocess.check_output([sys.executable, "-c", TRAINING], text=True).strip() == "[]"

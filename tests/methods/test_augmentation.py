"""An augmentation of one's own sees every batch, is part of a run's identity, and is refused if wrong."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from torch import nn

from assay.comparison.final import train_model
from assay.comparison.plan import plan
from assay.errors import UserError
from assay.methods.augmentation import reopened, settled
from assay.settings import as_dict
from assay.train.one_run import train
from tests.comparison.test_own_models import compared
from tests.support.toys import FAST, MLP, blob_task, blobs, run_of

BRIEF = dataclasses.replace(FAST, epochs=2, steps=3, learning_rate=0.03)
STRENGTH = 0.3
SEEN: list[torch.Size] = []


def shake(x, generator):
    return x + STRENGTH * torch.randn(x.shape, generator=generator)


def watching(x):
    SEEN.append(x.shape)
    return x


def silencing(x):
    return x * 0


class Masked(nn.Module):
    """Draws from the random numbers of PyTorch, as transforms of torchvision do."""

    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, x):
        return x * (torch.rand_like(x) > self.p)


def augmented(augment, method="mixed", **options):
    training = dataclasses.replace(BRIEF, augment=augment)
    return train(blob_task(), blobs(60, 11), run_of(method, training=training, **options))


def test_every_batch_of_every_stream_is_seen():
    SEEN.clear()
    augmented(watching, "real_unlabelled")
    assert [torch.Size([16, 10])] * (2 * 2 * 3) == SEEN, "two streams, epochs × steps"
    blind = augmented(silencing)
    assert blind.selections["last"]["accuracy"] < 0.5 < augmented("none").selections["last"]["accuracy"]


@pytest.mark.parametrize("augment", [shake, Masked(0.3)])
def test_the_same_run_gives_the_same_numbers_whatever_was_drawn_before(augment):
    first = augmented(augment)
    state = torch.random.get_rng_state()
    torch.rand(7)
    again = augmented(augment)
    torch.random.set_rng_state(state)
    assert first.history == again.history
    assert first.history != augmented(augment, seed=1).history
    assert first.history != augmented("none").history


def test_a_run_is_known_by_its_source_and_what_that_refers_to(monkeypatch):
    before = as_dict(run_of("mixed", training=dataclasses.replace(BRIEF, augment=shake)).training)
    assert before["augment"]["name"] == "shake"
    monkeypatch.setattr("tests.methods.test_augmentation.STRENGTH", 0.4)
    after = as_dict(run_of("mixed", training=dataclasses.replace(BRIEF, augment=shake)).training)
    assert before["augment"]["digest"] != after["augment"]["digest"]
    assert settled(lambda x: x).lasting is False


@pytest.mark.parametrize(
    ("augment", "said"),
    [
        (lambda x: x[:, :3], r"of a batch of shape \(2, 10\) it makes one of shape \(2, 3\)"),
        (lambda x: None, "it makes one of type NoneType; expected a tensor"),
        (lambda x, generator: x.tea, "AttributeError"),
        (3, "augment=3"),
        ("tea", "augment=tea"),
    ],
)
def test_what_makes_no_batch_is_refused_before_anything_trains(augment, said):
    with pytest.raises(UserError, match=said):
        plan(blob_task(), None, None, 1, MLP, dataclasses.replace(BRIEF, augment=augment), None, None)


def test_a_file_is_named_with_options_and_found_again_while_it_is_the_same(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text("def scale(x, by=2.0):\n    return x * by\n")
    result = compared(
        tmp_path / "runs", ["mixed"], training=dataclasses.replace(BRIEF, augment="mine.py:scale:by=0.5")
    )
    named = result.info["training"]["augment"]
    assert torch.equal(reopened(named)(torch.ones(2, 3), torch.Generator()), torch.full((2, 3), 0.5))
    model = train_model(blob_task(), blobs(60, 11), "mixed", like=result)
    assert model.about.method == "mixed"
    (tmp_path / "mine.py").write_text("def scale(x, by=3.0):\n    return x * by\n")
    with pytest.raises(UserError, match=r"augment=mine.py:scale:by=0.5: is another by now"):
        train_model(blob_task(), blobs(60, 11), "mixed", like=result)
    with pytest.raises(UserError, match=r"augment=shake: was a Python object"):
        reopened({"name": "shake", "digest": "0"})

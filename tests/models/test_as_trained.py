from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from torch import nn

from assay.data.normalise import normaliser
from assay.errors import UserError
from assay.models.as_trained import AsTrained, adjusted
from assay.types import Samples, Task

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Seen(nn.Module):
    """Gives back what it sees."""

    out_features = 3

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


def photographs(channels: int = 3) -> Task:
    x = np.random.default_rng(0).integers(0, 256, (6, channels, 8, 8)).astype(np.uint8)
    samples = Samples(x, np.arange(6) % 2)
    return Task("t", ("a", "b"), samples, samples, normalise="channel", kind="image")


def shown(task: Task, size: int = 8) -> np.ndarray:
    network = adjusted(AsTrained(Seen(), size, MEAN, DEVIATION, "bicubic"), task)
    return network(torch.from_numpy(normaliser(task)(task.labelled.x))).numpy()


@pytest.mark.parametrize("normalise", ["channel", "none"])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_network_sees_pixels_as_in_its_training_however_the_task_normalises(normalise, channels):
    task = replace(photographs(channels), normalise=normalise)
    pixels = np.repeat(task.labelled.x / 255, 3 // channels, axis=1)
    expected = (pixels - np.reshape(MEAN, (3, 1, 1))) / np.reshape(DEVIATION, (3, 1, 1))
    assert_allclose(shown(task), expected, atol=2e-6)


def test_real_pixels_are_as_good_as_whole_ones():
    task = photographs()
    part = Samples(task.labelled.x / np.float32(255), task.labelled.y)
    assert_allclose(shown(replace(task, labelled=part, test=part)), shown(task), atol=2e-6)


def test_items_standardised_each_for_itself_are_taken_as_they_are():
    task = replace(photographs(), normalise="item")
    assert_allclose(shown(task), normaliser(task)(task.labelled.x), atol=1e-6)


def test_whole_images_are_resized_to_the_size_of_the_training():
    task = photographs()
    flat = Samples(np.full_like(task.labelled.x, 51), task.labelled.y)
    seen = shown(replace(task, labelled=flat, test=flat, normalise="none"), size=12)
    assert seen.shape == (6, 3, 12, 12)
    assert_allclose(seen[0, :, 5, 5], (0.2 - np.array(MEAN)) / DEVIATION, atol=1e-5)


def test_numbers_that_are_no_pixels_are_refused():
    part = Samples(np.full((4, 3, 8, 8), 16.0), np.arange(4) % 2)
    with pytest.raises(UserError, match="from 16 to 16; a pre-trained network takes pixels"):
        shown(replace(photographs(), labelled=part, test=part, normalise="none"))

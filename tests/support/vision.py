"""torchvision, whose compiled part does not fit a CPU build of PyTorch from elsewhere."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
import torch


def torchvision_or_skip() -> ModuleType:
    """The library; where its operators did not load, they are declared and stay unusable."""
    try:
        import torchvision
    except RuntimeError:
        _declare_operators()
        import torchvision
    except ImportError:
        pytest.skip("no torchvision")
    return torchvision


def _declare_operators() -> None:
    for module in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[module]
    library = torch.library.Library("torchvision", "FRAGMENT")
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    torch.ops.assay_test_keeps = library

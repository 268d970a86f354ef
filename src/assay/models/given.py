"""A network of the user's own: a module, or a function or class that makes one."""

from __future__ import annotations

import copy
import functools
import inspect
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

import torch
from torch import Generator, Tensor, nn

from assay.errors import UserError
from assay.models.layers import keep_weights
from assay.own.source import told

LOG = logging.getLogger(__name__)
WHOLE = "none"
"""What `cut` says where nothing is to be taken off."""
ITEMS = 2
"""So many items of zeros go through a network to find the width of its features."""


@dataclass(frozen=True)
class Given:
    """Settings of a network of the user's own.

    Parameters
    ----------
    name : str
        As on the command line, or what Python calls it.
    digest : str
        Of its source text and, for a module, its weights: a run's identity.
    options : tuple of (str, value)
        Arguments of the function or class that makes it.
    initialise : bool
        Whether Assay draws the weights, from the run's seed and as of its own networks, or leaves them as
        they come. What a function draws comes from the run's seed in any case.
    cut : str
        A layer that is taken off, by its name in the network: the classifier, of which the method has its
        own. Empty: found by `settled`; ``none``: the network stays whole.
    make : callable
        Gives the network, of the shape of an item if it asks for one.
    """

    name: str
    digest: str
    options: tuple[tuple[str, Any], ...] = ()
    initialise: bool = False
    cut: str = ""
    make: Callable[..., Any] = field(default=lambda: None, compare=False, repr=False)

    def build(self, shape: tuple[int, ...], generator: Generator) -> GivenNetwork:
        """Network for items of `shape`; what it draws while it learns comes from `generator`.

        Raises
        ------
        UserError
            If no network comes of it, or it gives no features.
        """
        with drawing_from(
            Generator().manual_seed(generator.initial_seed())
        ):  # on the CPU, whatever the device
            network = self.make(*_shape_for(self.make, shape), **dict(self.options))
            if not isinstance(network, nn.Module) or isinstance(network, torch.jit.ScriptModule):
                raise UserError(f"backbone {self.name}: gives {_kind(network)}; expected a torch.nn.Module")
            if self.cut not in ("", WHOLE):
                _take_off(network, self.cut, self.name)
            features = width(network, shape, self.name)  # lazy layers draw their weights now
        found = GivenNetwork(network, generator, features)
        return found if self.initialise else keep_weights(found, trained=False)  # at the full rate

    def settled(self, shape: tuple[int, ...], classes: int) -> Given:
        """These settings, the classifier that the network ends in named in `cut`; what is done is logged."""
        if self.cut or not classes:
            return self
        network = self.build(shape, Generator()).network
        last, count = last_layer(network, shape)
        if count != classes:
            return self
        if not last:
            LOG.warning(
                "backbone %s: gives as many numbers as there are classes: features all the same", self.name
            )
            return self
        LOG.warning(
            "backbone %s: ends in a classifier of %d classes: its layer '%s' is taken off, features are what "
            "goes into it (cut=none leaves it)",
            *(self.name, classes, last),
        )
        return replace(self, cut=last)


def backbone(
    network: Any,
    *,
    name: str | None = None,
    initialise: bool = False,
    cut: str = "",
    options: Mapping[str, Any] | None = None,
) -> Given:
    """Settings of a network of one's own.

    Parameters
    ----------
    network : nn.Module, or callable that gives one
        A module is copied for each run. A callable is asked anew, with the shape of an item if its first
        parameter has no default, or is called ``shape``.
    name : str, optional
        What tables and files call it.
    initialise, cut
        As in `Given`.
    options : mapping, optional
        Further arguments of the callable.

    Raises
    ------
    UserError
        If it is neither.
    """
    if not (isinstance(network, nn.Module) or callable(network)):
        raise UserError(
            f"backbone: {_kind(network)}; expected a name, a torch.nn.Module, what makes one, or a "
            "classifier with fit and predict"
        )
    code, called = told(network), name or _called(network)
    if not code.lasting:
        LOG.warning(
            "backbone %s: has no source text of its own: finished runs are found again by this version of "
            "Python alone; a function with a name has no such limit",
            called,
        )
    make = functools.partial(copy.deepcopy, network) if isinstance(network, nn.Module) else network
    return Given(called, code.digest, tuple((options or {}).items()), initialise, cut, make)


class GivenNetwork(nn.Module):
    """A network whose own random numbers (dropout) come from a run's generator, its features flattened."""

    def __init__(self, network: nn.Module, generator: Generator, out_features: int) -> None:
        super().__init__()
        self.network, self.generator, self.out_features = network, generator, out_features

    def forward(self, x: Tensor) -> Tensor:
        """Features, shape (n, out_features)."""
        if not self.training:
            return self._features(x)
        with drawing_from(self.generator):
            return self._features(x)

    def _features(self, x: Tensor) -> Tensor:
        found = cast(Tensor, self.network(x.clone()).flatten(1))  # it may write into what it is given
        return found.float() if found.dtype == torch.float64 else found


@contextmanager
def drawing_from(generator: Generator) -> Iterator[None]:
    """Context in which PyTorch's global random numbers follow from a generator, and then are put back."""
    device = generator.device
    beside = [] if device.type == "cpu" else [device]
    seed = torch.empty((), dtype=torch.int64, device=device).random_(generator=generator)
    with torch.random.fork_rng(beside, device_type=device.type if beside else "cuda"):
        torch.manual_seed(int(seed))
        yield


def width(network: nn.Module, shape: tuple[int, ...], name: str) -> int:
    """How many features an item has, found by sending two through.

    Raises
    ------
    UserError
        If anything but a tensor with a row an item comes out.
    """
    features = _sent(network, shape)
    if not isinstance(features, Tensor):
        raise UserError(
            f"backbone {name}: its forward gives {_kind(features)}; expected a tensor (n, features)"
        )
    if features.ndim < 2 or len(features) != ITEMS:
        given = tuple(features.shape)
        raise UserError(f"backbone {name}: makes {given} of {ITEMS} items; expected (n, features)")
    if not features.is_floating_point():
        raise UserError(f"backbone {name}: makes numbers of {features.dtype}; expected real ones (float32)")
    return int(features[0].numel())


def last_layer(network: nn.Module, shape: tuple[int, ...]) -> tuple[str, int]:
    """The linear layer that the outputs come straight from ("" if from none), and how many they are."""
    outputs: dict[str, Tensor] = {}
    hooks = [
        layer.register_forward_hook(lambda _, __, y, name=name: outputs.update({name: y}))
        for name, layer in network.named_modules()
        if isinstance(layer, nn.Linear) and name
    ]
    y = _sent(network, shape)
    for hook in hooks:
        hook.remove()
    return next((name for name, output in outputs.items() if output is y), ""), int(y[0].numel())


def _sent(network: nn.Module, shape: tuple[int, ...]) -> Any:
    training = network.training
    with torch.no_grad():
        found = network.eval()(torch.zeros(ITEMS, *shape))
    network.train(training)
    return found


def _take_off(network: nn.Module, name: str, called: str) -> None:
    """Put nothing in the place of a layer.

    Raises
    ------
    UserError
        If there is no such layer.
    """
    if name not in dict(network.named_modules()):
        known = ", ".join(name for name, _ in network.named_children())
        raise UserError(f"backbone {called}: cut={name}: no layer of that name; known: {known}, none")
    home, _, own = name.rpartition(".")
    setattr(network.get_submodule(home), own, nn.Identity())


def _shape_for(make: Callable[..., Any], shape: tuple[int, ...]) -> tuple[Any, ...]:
    """The shape, for a callable that asks for one; nothing for others."""
    try:
        parameters = list(inspect.signature(make).parameters.values())
    except (TypeError, ValueError):
        return ()
    asking = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    wants = asking and (asking[0].default is inspect.Parameter.empty or asking[0].name == "shape")
    return (shape,) if wants else ()


def _kind(thing: Any) -> str:
    return "nothing" if thing is None else f"an object of type {type(thing).__name__}"


def _called(network: Any) -> str:
    return str(getattr(network, "__qualname__", type(network).__name__)).rpartition("<locals>.")[2]

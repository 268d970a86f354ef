"""``--json`` and ``--quiet`` of every verb: one object on standard output, words elsewhere or nowhere."""

from __future__ import annotations

import functools
import inspect
import io
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stdout
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

import typer

from assay.cli.stopping import stoppable
from assay.machine.launched import rank


@dataclass
class Answer:
    """What a verb has found, and whether it is wanted as JSON, without words, or both."""

    json: bool = False
    quiet: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    stack: ExitStack = field(default_factory=ExitStack)

    def want(self, as_json: bool, quiet: bool) -> None:
        """Send the words of the verb to standard error for JSON, nowhere where it is to be quiet."""
        self.json, self.quiet = self.json or as_json, self.quiet or quiet
        if as_json or quiet:
            self.stack.enter_context(redirect_stdout(io.StringIO() if self.quiet else sys.stderr))
        if quiet:
            from assay.runs.meter import hidden

            self.stack.enter_context(hidden())


CURRENT: ContextVar[Answer] = ContextVar("answer")


def note(**facts: Any) -> None:
    """Add to the object that the verb prints under ``--json``; a list is added to what it held before."""
    known = CURRENT.get(Answer()).facts
    for name, value in facts.items():
        known[name] = [*known.get(name, []), *value] if isinstance(value, list) else value


@contextmanager
def noting(name: str) -> Iterator[None]:
    """Context in which facts are noted under a name of their own."""
    answer = CURRENT.get(Answer())
    whole, answer.facts = answer.facts, {}
    try:
        yield
    finally:
        whole[name] = answer.facts
        answer.facts = whole


@contextmanager
def answering() -> Iterator[Answer]:
    """Context of one command line: what was recorded is printed in the end, if it is wanted."""
    answer = Answer()
    token = CURRENT.set(answer)
    try:
        with answer.stack:
            yield answer
    finally:
        CURRENT.reset(token)
        if answer.json and answer.facts and not rank():
            print(json.dumps(plain(answer.facts), allow_nan=False))


def plain(value: Any) -> Any:
    """JSON values: numbers that are not finite as null, paths and what else there is as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int) else plain_of_array(value)


def plain_of_array(value: Any) -> Any:
    """What numpy and others have as their own numbers and lists; the rest as text."""
    return plain(value.tolist()) if hasattr(value, "tolist") else str(value)


# -- verbs --------------------------------------------------------------------------------------------

Verb = TypeVar("Verb", bound=Callable[..., Any])
AsJson = Annotated[
    bool, typer.Option("--json", help="One JSON object on standard output, words on standard error.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but warnings and errors.")]
SHARED = {"as_json": AsJson, "quiet": Quiet}


class App(typer.Typer):
    """Verbs that take ``--json`` and ``--quiet`` beside their own options."""

    def __init__(self, prefix: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.prefix = prefix

    def command(self, name: str | None = None, **options: Any) -> Callable[[Verb], Verb]:
        """As typer's; the function itself stays as it is."""
        return self._with_shared(super().command(name, **options), lambda verb: f"{self.prefix}{verb}")

    def callback(self, **options: Any) -> Callable[[Verb], Verb]:
        """As typer's; the function itself stays as it is."""
        return self._with_shared(super().callback(**options), lambda _: self.prefix.strip())

    def _with_shared(self, add: Callable[[Any], Any], called: Callable[[str], str]) -> Callable[[Verb], Verb]:
        def decorate(function: Verb) -> Verb:
            add(_answering(function, called(function.__name__)))
            return function

        return decorate


def _answering(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The function with the shared options, as typer sees them in its signature."""

    @functools.wraps(function)
    def verb(*arguments: Any, as_json: bool = False, quiet: bool = False, **options: Any) -> Any:
        CURRENT.get(Answer()).want(as_json, quiet)
        note(verb=name)
        with stoppable("stopped; what is finished is kept"):
            return function(*arguments, **options)

    own = inspect.signature(function, eval_str=True)
    shared = [
        inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=a)
        for n, a in SHARED.items()
    ]
    signature = own.replace(parameters=[*own.parameters.values(), *shared])
    verb.__signature__ = signature  # type: ignore[attr-defined]
    verb.__annotations__ = {name: each.annotation for name, each in signature.parameters.items()}
    return verb

"""Where the data of a study come from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """Where the data come from, as on the command line; what is not given is the preset's.

    Attributes
    ----------
    task : str, optional
    options : str
        Of the generator, as ``key=value,...``.
    synthetic, unconditional : str, optional
        Files or folders of synthetic items that take the generators' place, or other generators.
    weights : str
        A file of weights that networks start from, "" for the preset's own start.
    accept : tuple of str
        Codes of what `assay.examine` refuses, to be taken nevertheless.
    """

    task: str | None = None
    options: str = ""
    synthetic: str | None = None
    unconditional: str | None = None
    weights: str = ""
    accept: tuple[str, ...] = ()

    @property
    def is_own(self) -> bool:
        """Whether real or synthetic data are the user's: then no published number is of them."""
        return bool(self.task or self.synthetic)

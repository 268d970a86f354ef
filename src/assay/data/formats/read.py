"""A user's own file, whatever its format, to items, labels, groups and parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

from assay.data.formats import delimited, mat, npy, parquet
from assay.data.npz import naming, read_arrays
from assay.data.own import Own, own_of
from assay.data.spellings import OTHER_KEYS, Source, sources
from assay.data.tabular.encode import reordered
from assay.data.tabular.naming import Naming, Reading
from assay.data.tabular.table import own_of_table
from assay.errors import UserError
from assay.table_columns import Features

TABLES = (*delimited.SUFFIXES, *parquet.SUFFIXES)


def is_file_of_arrays(path: Path) -> bool:
    """Whether a path is read here: a file, or a folder
    of ``.npy`` files."""
    return path.is_file() or (path.is_dir() and npy.holds_arrays(path))


def read_own(path: Path, options: Reading, known: Features | None = None, labelled: bool = True) -> Own:
    """What a user's file holds.

    Parameters
    ----------
    path : Path
        ``.npz``, ``.npy`` (with those that go with it), ``.mat``, ``.csv``, ``.tsv``, ``.parquet``, or a
        folder of ``.npy`` files.
    options : Reading
        Which columns of a table, or arrays of a file, are meant, and whether to stream.
    known : Features, optional
        How the real table was read, of a synthetic one.
    labelled : bool
        Whether a table must have a class.

    Raises
    ------
    UserError
        If the file is missing or damaged, has no items, or holds text or numbers where the other belongs.
    """
    if path.suffix.lower() in TABLES and path.is_file():
        with naming(path):
            _check_in_memory(options)
            return _of_table(path, options, known, labelled)
    _check_no_columns(path, options)
    with naming(path):
        if path.is_dir() or path.suffix.lower() == npy.SUFFIX:
            return own_of(npy.read_together(path, options.stream), path.name)
        _check_in_memory(options)
        if path.suffix.lower() == mat.SUFFIX:
            arrays, found = mat.read_together(path)
            own = own_of(arrays, path.name)
            return replace(own, findings=(*own.findings, *found))
    return _of_npz(path, known)


def _check_in_memory(options: Reading) -> None:
    if options.stream:
        raise UserError("stream: of .npy files, which lie as they are read; save x.npy with y.npy beside it")


def _of_table(path: Path, options: Naming, known: Features | None, labelled: bool) -> Own:
    if path.suffix.lower() in parquet.SUFFIXES:
        return own_of_table(parquet.read_parquet(path), options, known, None, labelled)
    table, found = delimited.read_delimited(path)
    own = own_of_table(table, options, known, None, labelled)
    return replace(own, findings=(*own.findings, *found))


def _check_no_columns(path: Path, options: Naming) -> None:
    said = [field.name for field in fields(Naming) if getattr(options, field.name) != field.default]
    if said:
        raise UserError(
            f"{path}: {said[0]}: of tables (.csv, .parquet); arrays are called x, y, group and split"
        )


def _of_npz(path: Path, known: Features | None) -> Own:
    chosen: list[Source] = []

    def wanted(keys: Sequence[str]) -> list[str]:
        chosen.extend(sources(keys))
        return [*(source.key for source in chosen), *(key for key in OTHER_KEYS if key in keys)]

    arrays = read_arrays(path, wanted)
    with naming(path):
        own = own_of(arrays, path.name, chosen)
        if not (own.features and known):
            return own
        return replace(own, x=reordered(own.x, own.features, known), features=known)

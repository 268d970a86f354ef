"""All inputs of the corpus by name."""

from __future__ import annotations

from importlib.util import find_spec

from tests.hostile import corpus_files as files
from tests.hostile.corpus import Case, array_cases

KINDS = {
    "npz": array_cases,
    "no file": files.no_file_cases,
    "log": files.log_cases,
    "table": files.table_cases,
    "weights": files.weight_cases,
    "picture": files.picture_cases,
    "JSON": files.text_cases,
    "library": files.library_cases,
    "settings": files.setting_cases,
    "manifest": files.manifest_cases,
}
CASES: dict[str, Case] = {f"{kind}: {name}": case for kind, cases in KINDS.items() for name, case in cases()}
if find_spec("h5py"):
    CASES |= {
        f"log: {name}": Case("log", files.hdf5_mat(fill), told) for name, (fill, told) in files.HDF5.items()
    }
if find_spec("pyarrow"):
    CASES |= {f"table: {name}": case for name, case in files.parquet_cases()}
SLOW = {"table: a number 80 million times", "npz: zeros that unpack to 3 GB", "library: of zeros that unpack"}

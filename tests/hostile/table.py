"""All inputs of the corpus by name."""

from __future__ import annotations

from tests.hostile.corpus import Case, array_cases

CASES: dict[str, Case] = {f"npz: {name}": case for name, case in array_cases()}
SLOW = {"npz: zeros that unpack to 3 GB"}

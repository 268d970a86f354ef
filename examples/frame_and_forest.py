"""A DataFrame and scikit-learn's forest (pip install pandas): do a mixture's rows add to its table?"""

from __future__ import annotations

import sys

import pandas
from sklearn.datasets import load_wine

import assay


def main(out: str = "runs/wine", seeds: int = 3, workers: int | None = None) -> None:
    """Thirteen columns about wine, three cultivars."""
    table: pandas.DataFrame = load_wine(as_frame=True).frame
    task = assay.open_task(table, label="target")
    made, _ = assay.synthesise("gaussian-mixture", 300, task)
    methods = ["synthetic_only", "mixed", "trts_filter"]
    options = {"methods": methods, "backbone": "forest", "seeds": seeds, "out": out, "workers": workers}
    result = assay.compare(task, made, **options)
    print(assay.table(result))
    print(assay.verdict(result))


if __name__ == "__main__":
    main(*sys.argv[1:2])

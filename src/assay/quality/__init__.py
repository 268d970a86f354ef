"""How good synthetic data is: scores that train models, and what they are made of."""

from __future__ import annotations

from assay.quality.score import Score, Scoring, score

__all__ = ["Score", "Scoring", "score"]

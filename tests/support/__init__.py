"""What several tests share: toy tasks, dying workers, stand-ins, and where the golden values lie."""

from pathlib import Path

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
GOLDEN = TESTS / "golden"

"""Reads one evaluation as JSON from standard input and fails when a figure of it is below a floor.

Usage: nearside eval SUITE --data DIR --json | threshold.py KEY FLOOR
"""

from __future__ import annotations

import json
import sys


def main() -> int:
    """Print the figure beside its floor; return 1 when it is below."""
    key, floor = sys.argv[1], float(sys.argv[2])
    figures = json.load(sys.stdin)
    value = float(figures[key])
    verdict = "ok" if value >= floor else "BELOW"
    print(f"{figures.get('suite', '')} {key} {value:.4f} (floor {floor:.2f}): {verdict}")
    return 0 if value >= floor else 1


if __name__ == "__main__":
    sys.exit(main())

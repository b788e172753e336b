"""Numbers in sentences."""

from __future__ import annotations


def digits(value: float) -> str:
    """A number with four significant digits, such as 0.1235, 12.35 or -1.235e-05."""
    return f"{value:.4g}"

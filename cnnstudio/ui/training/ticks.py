"""Where an axis has its numbers: loss on a logarithmic axis, accuracy in percent, epochs."""

from __future__ import annotations

import math

FEWEST = 3
"""A logarithmic axis with fewer round numbers gets more of them."""

MANY_DECADES = 4
"""An axis over more of them has powers of ten only."""

_MANTISSAS: tuple[tuple[float, ...], ...] = ((1, 3), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7))
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 25)


def log_axis(low: float, high: float) -> tuple[tuple[float, float], list[float]]:
    """Range and numbers of a logarithmic axis for values from `low` to `high`, both above 0."""
    wide = high > 10**MANY_DECADES * low
    for mantissas in ((1,), *_MANTISSAS) if wide else _MANTISSAS:
        candidates = _decades(low, high, mantissas)
        start = max((c for c in candidates if c <= low), default=low)
        ticks = [c for c in candidates if start <= c <= high * 1.001]
        if len(ticks) >= FEWEST:
            return (start, max(high, ticks[-1])), ticks
    return (low / 1.1, high * 1.1), [low, high] if high > low else [low]


def _decades(low: float, high: float, mantissas: tuple[float, ...]) -> list[float]:
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    return [float(f"{m}e{power}") for power in powers for m in mantissas]


def percent_axis(low: float) -> tuple[tuple[float, float], list[float]]:
    """Range and numbers of an axis that ends at 100 and shows values down to `low`, four steps."""
    step = next((s for s in _STEPS if 100 - 4 * s <= low), _STEPS[-1])
    start = max(0.0, 100 - math.ceil((100 - low) / step) * step)
    start = min(start, 100 - step)
    count = round((100 - start) / step)
    return (start, 100.0), [round(start + i * step, 6) for i in range(count + 1)]


def epoch_axis(now: float) -> tuple[tuple[float, float], list[float]]:
    """Range and numbers of an axis from 0 to the end of the present epoch."""
    end = max(1, math.ceil(now - 1e-9))
    step = 1
    while end / step > 6:
        step = {1: 2, 2: 5}.get(step, step * 2)
    return (0.0, float(end)), [float(tick) for tick in range(0, end + 1, step)]


def linear_axis(low: float, high: float) -> tuple[tuple[float, float], list[float]]:
    """Range and numbers of an even axis that shows `low` to `high` in at most five steps."""
    span = max(high - low, 1e-9 * max(abs(high), abs(low)), 1e-12)
    power = 10.0 ** math.floor(math.log10(span))
    step = next(m * power for m in (0.2, 0.25, 0.5, 1, 2, 2.5, 5, 10) if span / (m * power) <= 5)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    return (first * step, last * step), [_short(i * step) for i in range(first, last + 1)]


NINES = (0.0, 50.0, 70.0, 80.0, 90.0, 95.0, 98.0, 99.0, 99.5, 99.8, 99.9, 99.95, 99.98, 99.99)
"""The percents that a logarithmic axis of what is missing to 100 may have."""


PERFECT = 99.995
"""Percent: where 100 stands on a logarithmic axis of what is missing to it."""


def nines_axis(low: float, high: float) -> tuple[tuple[float, float], list[float]]:
    """Range and numbers, in percent, of an axis on which 90, 99 and 99.9 are evenly spread."""
    start = max(each for each in NINES if each <= max(0.0, low))
    end = min((each for each in NINES if each >= high and each > start), default=PERFECT)
    return (start, end), [each for each in NINES if start <= each <= end]


def span_ticks(start: float, end: float) -> list[float]:
    """Numbers between `start` and `end` of an axis that shows a part of the epochs."""
    return [tick for tick in linear_axis(start, end)[1] if start - 1e-9 <= tick <= end + 1e-9]


def number_words(number: float) -> str:
    """A number of an axis, as short as it can be: 0.0003, 12.5, 99.95, 2000, 3e-5, 1e13."""
    digits = 6 if 99 <= abs(number) < 1e5 else 3
    mantissa, power, exponent = f"{number:.{digits}g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if power else mantissa


def _short(number: float) -> float:
    """Without the last bits that no one means."""
    return float(f"{number:.10g}")

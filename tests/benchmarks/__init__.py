"""Programs that measure speed; run one with `python -m tests.benchmarks.NAME`."""

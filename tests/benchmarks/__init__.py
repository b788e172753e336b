"""Programs that measure speed; run one with `python -m tests.benchmarks.NAME`."""

from tests import own_folders

own_folders.use()

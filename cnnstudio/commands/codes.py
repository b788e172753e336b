"""The exit codes of the command line."""

DONE = 0
NO = 1
"""The network does not fit, or the answer is no."""
BAD_INPUT = 2
INTERRUPTED = 130
"""Ctrl+C, as shells count it."""
BROKEN_PIPE = 141
"""Whoever read the output has left, as shells count it."""

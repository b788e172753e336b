"""A training run beside the window: its thread, steering, curves and the way back in time."""

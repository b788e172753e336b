"""Learning, with NumPy only: models, losses, optimizers and the trainer."""

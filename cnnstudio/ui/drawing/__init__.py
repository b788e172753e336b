"""Draw a digit, or load a picture, and see what the network makes of it."""

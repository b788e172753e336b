"""Pictures: reading data sets and image files, and preparing them for a network."""

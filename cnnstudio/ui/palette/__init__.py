"""What networks begin with: the palette's tiles, templates and the gallery."""

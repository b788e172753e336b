"""What a network sees: feature maps, filters, their gradients, and the probe image."""

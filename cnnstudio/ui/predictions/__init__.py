"""What a network makes of labelled images: confusion and mistakes."""

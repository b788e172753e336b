"""Why this number: any value of any block, back to the pixels."""

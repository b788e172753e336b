"""The inspector: forms made from declarations, and the arithmetic of a block."""

"""The pipeline on the screen: cards in rows, connectors, drag and drop (`view.Canvas`)."""

"""The kept runs in the window: their table, two beside each other, and one run again."""

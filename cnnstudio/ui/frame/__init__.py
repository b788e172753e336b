"""The frame of the window: docks and tabs, toolbar, status bar, messages, and their places."""

"""The document and its files: the session, edits, clipboard, saving, autosave and recovery."""

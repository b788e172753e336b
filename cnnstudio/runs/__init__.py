"""The kept runs: what was trained, how, and what came of it, as plain files in a folder each."""

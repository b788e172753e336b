"""The chart of sizes by depth, and the list of problems."""

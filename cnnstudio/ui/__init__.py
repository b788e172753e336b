"""Everything with Qt: the window, its session and the worker that trains."""

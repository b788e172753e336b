"""Until the window is there only what it needs is imported, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

START = """
import gc, sys
from cnnstudio import cli
ui = cli.window_module()
assert gc.isenabled()
order = list(sys.modules)
assert order.index("numpy") < order.index("PySide6.QtCore")
app, window = ui.create(["cnnstudio"])
window.show()
app.processEvents()
late = ("onnx", "torch", "pyqtgraph", "cnnstudio.export.exporter")
print(*(name for name in late if name in sys.modules))
window.session.shut_down()
window.forecaster.stop()
window.finish_loading()
window.close()
"""


def test_the_window_opens_without_what_is_used_later() -> None:
    result = subprocess.run(
        [sys.executable, "-c", START], capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == ""

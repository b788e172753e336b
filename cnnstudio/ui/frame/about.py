"""About the program: version, licences and the sources that it teaches from."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from cnnstudio import __version__

SOURCES = (
    (
        "LeCun et al. 1998",
        "Gradient-based learning applied to document recognition",
    ),
    (
        "Dumoulin, Visin, arXiv 1603.07285",
        "A guide to convolution arithmetic for deep learning",
    ),
    (
        "Yu, Koltun, arXiv 1511.07122",
        "Multi-scale context aggregation by dilated convolutions",
    ),
    ("Liu et al. 2018, arXiv 1811.11718", "Partial convolution based padding"),
    ("Stanford cs231n", "Convolutional neural networks: notes and demonstration"),
    ("Harley 2015", "An interactive node-link visualization of convolutional neural networks"),
    ("Nielsen 2015, chapter 6", "Neural networks and deep learning"),
    ("Goodfellow, Bengio, Courville 2016, chapter 9", "Deep learning"),
)


def text() -> str:
    """The words of the box, as rich text."""
    sources = "".join(f"<li>{who}: <i>{what}</i></li>" for who, what in SOURCES)
    return (
        f"<h3>CNN Studio {__version__}</h3>"
        "<p>Build, check, train and look inside convolutional networks.</p>"
        f"<p>It teaches from</p><ul>{sources}</ul>"
        "<p>MNIST: Yann LeCun and Corinna Cortes, CC BY-SA 3.0. "
        "Inter: the Inter project authors, SIL OFL 1.1. CNN Studio: MIT.</p>"
    )


def show(parent: QWidget) -> None:
    """Show the box until it is closed."""
    box = QMessageBox(parent)
    box.setWindowTitle("About CNN Studio")
    box.setTextFormat(Qt.TextFormat.RichText)
    box.setText(text())
    box.exec()
    box.deleteLater()  # its parent would keep it

"""What the pad says of a drawing: the class that the network sees, or why it sees none."""

from __future__ import annotations

from cnnstudio.ui.canvas.output_face import Verdict, output_face
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.maps.probe import too_large


def refusal(session: Session) -> str | None:
    """Why the network says nothing of any picture, in one sentence; None when it can."""
    dataset, report = session.dataset, session.report
    if dataset is None:
        return f"The pictures of {session.data_name} are not loaded."
    misfit = next((block.name for block in report.blocks if not block.fits), None)
    if misfit is not None:
        return f"{misfit} does not fit: repair it first."
    if len(session.network) == 1:
        return "The network has no block yet that could answer."
    face = output_face(report, dataset, session.probe, None, trained=session.trained)
    if face.verdict is Verdict.MISFIT:
        return face.words
    reason = too_large(report)
    if reason is None and session.model is None:
        reason = "The weights of the network are still being drawn."
    return reason


def seen_words(name: str) -> str:
    """What is seen, as people say it: "Sees a 3", "Sees an 8", "Sees coat"."""
    if not name.isdecimal():
        return f"Sees {name}"
    is_vowel = name.startswith("8") or name in ("11", "18")
    return f"Sees {'an' if is_vowel else 'a'} {name}"

"""What the pad says of a drawing: the class that the network sees, or why it sees none."""

from __future__ import annotations

from cnnstudio.ui.canvas.output_face import Verdict, output_face
from cnnstudio.ui.document.reasons import misfit, no_pictures, undrawn
from cnnstudio.ui.document.session import Session


def refusal(session: Session) -> str | None:
    """Why the network says nothing of any picture, in one sentence; None when it can."""
    reason = no_pictures(session) or misfit(session)
    if reason:
        return reason
    if len(session.network) == 1:
        return "The network has no block yet that could answer."
    face = output_face(
        session.report, session.dataset, session.probe, None, trained=session.trained
    )
    if face.verdict is Verdict.MISFIT:
        return face.words
    return undrawn(session) or None


def seen_words(name: str) -> str:
    """What is seen, as people say it: "Sees a 3", "Sees an 8", "Sees coat"."""
    if not name.isdecimal():
        return f"Sees {name}"
    is_vowel = name.startswith("8") or name in ("11", "18")
    return f"Sees {'an' if is_vowel else 'a'} {name}"

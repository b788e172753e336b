"""The actions that come from data: templates, export formats, block types, panels, themes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import Qt

from cnnstudio.blocks.palette import PALETTE, Tile, TileGroup
from cnnstudio.network import templates
from cnnstudio.ui.canvas.view import Canvas
from cnnstudio.ui.document.diagram import FIGURES
from cnnstudio.ui.document.documents import EXPORT_FILTERS, Documents
from cnnstudio.ui.document.insertion import put_after_selection
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.frame.panels import PANELS, TABS, Panels
from cnnstudio.ui.icons import block_icon_name
from cnnstudio.ui.menu import needs
from cnnstudio.ui.menu.action_set import Checks, Handlers
from cnnstudio.ui.menu.actions import ACTIONS
from cnnstudio.ui.menu.spec import Spec
from cnnstudio.ui.theme import CHOICES, ThemeManager
from cnnstudio.ui.training.time_machine_actions import TIME_ACTIONS

_GO = "View/Go to"


def table() -> tuple[Spec, ...]:
    """All actions of the window, each family behind the action that it belongs to."""
    families: dict[str, Iterable[Spec]] = {
        "new": new_specs(),
        "export": export_specs(),
        "quick_add": insert_specs(),
        "zoom_out": panel_specs(),
        "reset_layout": theme_specs(),
        "start_over": TIME_ACTIONS,
    }
    found: list[Spec] = []
    for spec in ACTIONS:
        found += [spec, *families.get(spec.name, ())]
    return tuple(found)


def new_specs() -> Iterable[Spec]:
    """A new document from each template, and an empty one."""
    menu, ready = "File/New from template", (needs.idle,)
    help_words = "Begin with the INPUT alone."
    yield Spec(
        "new_empty",
        "Empty network",
        menu,
        help_words,
        icon="new",
        needs=ready,
        command="New: empty network",
    )
    for template in templates.list_all():
        yield Spec(
            f"new_{template.name}",
            template.title,
            menu,
            template.description,
            icon="new",
            needs=ready,
            section="templates",
            command=f"New from template: {template.title}",
        )


def export_specs() -> Iterable[Spec]:
    """The model in each format."""
    for suffix, words in EXPORT_FILTERS.items():
        title = words.partition(" (")[0]
        yield Spec(
            f"export_{suffix[1:]}",
            words,
            "File/Export as",
            f"Write the model as {title}, checked against the engine.",
            icon="export",
            needs=(needs.model,),
            section="formats",
            command=f"Export as {title}",
        )
    for suffix, words in FIGURES.items():
        yield Spec(
            f"figure_{suffix[1:]}",
            f"{words} of the network (*{suffix})",
            "File/Export as",
            f"Draw the network as a figure for a report and save it as {words}.",
            icon="export",
            section="figures",
            command=f"Save the network's figure as {words}",
        )


def insert_specs() -> Iterable[Spec]:
    """A block of each tile of the palette behind the selection; rare ones in their own menu."""
    for group in PALETTE:
        for tile in group.tiles:
            yield Spec(
                f"insert_{slug(tile.label)}",
                tile.label,
                _insert_menu(group, tile),
                f"Insert {tile.block.summary()} after the selection, or at the end.",
                icon=block_icon_name(tile.block),
                needs=(needs.idle,),
                section=group.title,
                command=f"Insert {tile.label}",
                family=tile.block.family,
            )


def _insert_menu(group: TileGroup, tile: Tile) -> str:
    title = group.title if group.title.isupper() else group.title.lower()
    return f"Insert/More {title} blocks" if tile.rare else "Insert"


def panel_specs() -> Iterable[Spec]:
    """The canvas and each panel gone to, panels shown or hidden, tabs brought to the front."""
    places = (("canvas", "the canvas"), *((panel.name, panel.title) for panel in PANELS))
    for number, (name, title) in enumerate(places, 1):
        help_words = f"Show {title} and give it the keyboard."
        yield Spec(f"go_{name}", f"Go to {title}", _GO, help_words, (f"Alt+{number}",))
    for tab in TABS:
        yield Spec(
            f"tab_{tab.name}",
            tab.title,
            _GO,
            f"Bring the tab {tab.title} to the front.",
            section="tabs",
            command=f"Show {tab.title}",
        )
    for panel in PANELS:
        yield Spec(
            f"panel_{panel.name}",
            panel.title,
            "View/Panels",
            f"Show or hide the panel {panel.title}.",
            icon="layout",
            command=f"Show or hide panel: {panel.title}",
        )


def theme_specs() -> Iterable[Spec]:
    """Light, dark, and as the system has it."""
    for choice in CHOICES:
        yield Spec(
            f"theme_{choice}",
            f"{choice.capitalize()} theme",
            "View/Theme",
            "Follow the system." if choice == "system" else f"Use the {choice} colours.",
            icon={"light": "sun", "dark": "moon"}.get(choice, "theme"),
            command=f"Theme: {choice}",
        )


def slug(words: str) -> str:
    """`words` as part of a name in code: "Conv 2D" is "conv_2d"."""
    return re.sub(r"\W+", "_", words.lower()).strip("_")


def family_handlers(
    session: Session,
    documents: Documents,
    canvas: Canvas,
    panels: Panels,
    choose_theme: Callable[[str], None],
) -> Handlers:
    """What these actions do."""
    tiles = [tile for group in PALETTE for tile in group.tiles]
    insert = partial(put_after_selection, session)
    return {
        **{f"new_{t.name}": partial(documents.new, t.name) for t in templates.list_all()},
        **{f"export_{s[1:]}": partial(documents.export, s) for s in EXPORT_FILTERS},
        **{f"figure_{s[1:]}": partial(documents.save_figure, s) for s in FIGURES},
        **{f"insert_{slug(tile.label)}": partial(insert, tile.block) for tile in tiles},
        "go_canvas": partial(canvas.setFocus, Qt.FocusReason.ShortcutFocusReason),
        **{f"go_{name}": partial(panels.go_to, name) for name in panels.docks},
        **{f"tab_{name}": partial(panels.show_tab, name) for name in panels.by_tab},
        **{f"panel_{name}": partial(panels.toggle, name) for name in panels.docks},
        **{f"theme_{name}": partial(choose_theme, name) for name in CHOICES},
    }


def checks(panels: Panels, themes: ThemeManager) -> Checks:
    """Whether each of these actions that can be on or off is on."""
    return {
        **{f"panel_{name}": partial(panels.is_shown, name) for name in panels.docks},
        **{f"theme_{name}": partial(_is_chosen, themes, name) for name in CHOICES},
    }


def _is_chosen(themes: ThemeManager, name: str) -> bool:
    return themes.choice == name

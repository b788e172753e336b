"""`cnnstudio runs`: the kept runs: list, show, compare, make again, delete and bring back."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from cnnstudio.commands import codes, output, reproducing
from cnnstudio.runs import wording
from cnnstudio.runs.comparison import Comparison, Difference, Flips, compare
from cnnstudio.runs.record import Facts, KeptRun
from cnnstudio.runs.store import Listed, RunStore, user_store

LONGEST = 60
"""Letters of a network that stand in the table."""


def run(arguments: Namespace) -> int:
    """Do what was asked for; without anything, list the runs."""
    return _ACTS[arguments.act or "list"](arguments, user_store())


def _list(arguments: Namespace, store: RunStore) -> int:
    deleted = arguments.act == "list" and arguments.deleted
    listing = store.listing(deleted=deleted)
    for warning in listing.warnings:
        output.note(warning)
    if arguments.json:
        for each in listing.runs:
            output.record(_record(each))
    elif listing.runs:
        output.table([_HEAD, *map(_row, listing.runs)], left=(0, 1, 2, 6, 7))
    elif deleted:
        output.note("There are no deleted runs that could be brought back.")
    else:
        output.note("No runs are kept yet; the window and cnnstudio train keep each that ends.")
    return codes.DONE


_HEAD = ("run", "title", "begun", "epochs", "validation", "test", "ended", "network")


def _row(each: Listed) -> tuple[str, ...]:
    facts = each.facts
    network = facts.network if len(facts.network) <= LONGEST else f"{facts.network[:LONGEST]}..."
    return (
        each.name,
        facts.title or "Untitled",
        wording.when(facts.begun),
        wording.epochs(facts),
        wording.percent(facts.best_accuracy),
        wording.percent(facts.test_accuracy),
        facts.ending,
        network,
    )


def _record(each: Listed) -> dict[str, Any]:
    return {"run": each.name, **msgspec.to_builtins(each.facts)}


def _show(arguments: Namespace, store: RunStore) -> int:
    name = store.find(arguments.run)
    kept = store.load(name)
    epochs = kept.project.history[kept.facts.epochs_before :]
    if arguments.json:
        output.record(_record(Listed(name, kept.facts)) | {"history": epochs})
        return codes.DONE
    for what, words in _facts(name, kept.facts):
        if words:
            output.line(f"{what:<12} {words}")
    if epochs:
        output.line()
        output.table([_EPOCH, *map(_epoch, epochs)], left=())
    return codes.DONE


def _facts(name: str, facts: Facts) -> Sequence[tuple[str, str]]:
    """What there is to say of a run, line by line."""
    made, threads = facts.environment, facts.environment.threads
    cores = "1 thread" if threads == 1 else f"{threads:,} threads"
    return (
        ("run", name),
        ("title", facts.title),
        ("begun", facts.begun.replace("T", " ")[:19]),
        ("ended", " ".join(filter(None, (facts.ending, facts.fault)))),
        ("network", facts.network),
        ("parameters", f"{facts.parameters:,}"),
        ("data", f"{facts.data}, {_limit(facts)}".removesuffix(", ")),
        ("recipe", f"{wording.recipe_of(facts)}, seed {facts.seed:,}"),
        ("changed", "; ".join(f"epoch {each.at:.2f}: {each.words}" for each in facts.changes)),
        ("epochs", f"{wording.epochs(facts)} in {wording.duration(facts.seconds)}, {cores}"),
        ("validation", f"{wording.percent(facts.best_accuracy)} at best"),
        ("test", wording.percent(facts.test_accuracy)),
        ("made by", f"CNN Studio {made.program}, NumPy {made.numpy}, {made.processor}"),
        ("repeats", facts.repeats),
        ("verdict", facts.verdict),
        ("note", facts.note),
    )


def _limit(facts: Facts) -> str:
    return "" if facts.limit is None else f"the first {facts.limit:,} training pictures"


_EPOCH = ("epoch", "loss", "accuracy", "validation loss", "validation")


def _epoch(epoch: Mapping[str, Any]) -> tuple[str, ...]:
    losses = [_loss(epoch.get(f"{of}_loss")) for of in ("train", "validation")]
    shares = [_share(epoch.get(f"{of}_accuracy")) for of in ("train", "validation")]
    return (str(epoch["epoch"]), losses[0], shares[0], losses[1], shares[1])


def _loss(value: float | None) -> str:
    return "-" if value is None or not np.isfinite(value) else f"{value:.4f}"


def _share(value: float | None) -> str:
    return wording.percent(None if value is None or not np.isfinite(value) else value)


def _compare(arguments: Namespace, store: RunStore) -> int:
    names = [store.find(words) for words in arguments.runs]
    first, second = (store.load(name) for name in names)
    found = compare(first, second)
    if arguments.json:
        output.record({"first": names[0], "second": names[1], **_comparison(found)})
        return codes.DONE
    output.table([("", *names), *_figures(first, second)], left=(0, 1, 2))
    for title, rows in (
        ("blocks", found.blocks),
        ("recipe", found.recipe),
        ("otherwise", found.others),
    ):
        output.line()
        output.line(f"{title}:" if rows else f"{title}: the same")
        if rows:
            output.table([_difference(row) for row in rows], left=(0, 1, 2))
    if found.flips is not None:
        output.line()
        output.line(_flips(found.flips))
    return codes.DONE


def _figures(first: KeptRun, second: KeptRun) -> list[tuple[str, ...]]:
    """What both came to."""
    figures: tuple[tuple[str, Callable[[Facts], str]], ...] = (
        ("title", lambda facts: facts.title),
        ("epochs", wording.epochs),
        ("validation", lambda facts: wording.percent(facts.best_accuracy)),
        ("test", lambda facts: wording.percent(facts.test_accuracy)),
        ("time", lambda facts: wording.duration(facts.seconds)),
    )
    return [(what, words(first.facts), words(second.facts)) for what, words in figures]


def _difference(row: Difference) -> tuple[str, ...]:
    return (f"  {row.what}", row.first or "-", row.second or "-")


def _flips(flips: Flips) -> str:
    return (
        f"Of {flips.images:,} {flips.of} pictures the second has {len(flips.mended):,} right that "
        f"the first had wrong, and {len(flips.spoiled):,} wrong that the first had right; "
        f"{len(flips.otherwise):,} are wrong in both in another way."
    )


def _comparison(found: Comparison) -> dict[str, Any]:
    rows = {"blocks": found.blocks, "recipe": found.recipe, "others": found.others}
    flips = found.flips
    return {
        **{name: [vars(each) for each in differences] for name, differences in rows.items()},
        "flips": None
        if flips is None
        else {
            "of": flips.of,
            "images": flips.images,
            "mended": flips.mended.tolist(),
            "spoiled": flips.spoiled.tolist(),
            "otherwise": flips.otherwise.tolist(),
        },
    }


def _reproduce(arguments: Namespace, store: RunStore) -> int:
    return reproducing.run(store.find(arguments.run), store, as_json=arguments.json)


def _delete(arguments: Namespace, store: RunStore) -> int:
    for name in _named(arguments, store):
        store.delete(name)
        output.line(f"deleted {name}; cnnstudio runs restore {name} brings it back")
    return codes.DONE


def _restore(arguments: Namespace, store: RunStore) -> int:
    for name in _named(arguments, store, deleted=True):
        store.restore(name)
        output.line(f"brought back {name}")
    return codes.DONE


def _named(arguments: Namespace, store: RunStore, *, deleted: bool = False) -> list[str]:
    """The runs that are meant, each once; nothing is done when a name is wrong."""
    found = (store.find(words, deleted=deleted) for words in arguments.runs)
    return list(dict.fromkeys(found))


_ACTS: Mapping[str, Callable[[Namespace, RunStore], int]] = {
    "list": _list,
    "show": _show,
    "compare": _compare,
    "reproduce": _reproduce,
    "delete": _delete,
    "restore": _restore,
}

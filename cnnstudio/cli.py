"""The command line: what can be asked, the exit codes, and one sentence for every error.

Nothing heavy is imported before it is known which command runs.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

from cnnstudio import __version__
from cnnstudio.commands.codes import BAD_INPUT, BROKEN_PIPE, DONE, INTERRUPTED, NO
from cnnstudio.errors import CnnStudioError, NetworkError

if TYPE_CHECKING:
    from cnnstudio.blocks.settings import Setting

_FILE_HELP = (
    "a .cnn file, a .json network, the name of a template, or a network in words: "
    '"CONV 6@5x5 + RELU > POOL max 2x2 > FC 10"'
)
_USAGE = "cnnstudio [FILE]\n       cnnstudio COMMAND ..."
_EPILOG = (
    "Without a command the window opens on FILE. "
    "FILE is a .cnn file, a .json network, the name of a template, such as lecture, or a network "
    'in words and in quotes, such as "INPUT 28x28x1 > CONV 6@5x5 + RELU > POOL max 2x2 > FC 10".'
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in `argv` (the process's own by default) and return the exit code.

    0 done, 1 the network does not fit or the answer is no, 2 bad input or usage.
    """
    if getattr(sys, "frozen", False):
        import multiprocessing

        multiprocessing.freeze_support()  # this may be a process that training has started
    # NumPy reads these when it is first imported: BLAS threads only disturb the engine's own.
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    _open_streams()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A file name may hold what the terminal or UTF-8 cannot show.
        sys.stdout.reconfigure(errors="backslashreplace")
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(words)
        sys.stdout.flush()
    except NetworkError as error:
        return _fail(str(error), NO)
    except CnnStudioError as error:
        return _fail(str(error))
    except MemoryError:
        return _fail("There is not enough memory for this network and batch size.")
    except BrokenPipeError:
        _give_up_output()  # whoever read it has left
        return BROKEN_PIPE
    except OSError as error:
        # What commands read and write they answer for themselves; this is their own output.
        _give_up_output()
        return _fail(f"The results cannot be written: {error.strerror or error}.")
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _open_streams() -> None:
    """Let what is written go nowhere in a process without a console, such as Windows' pythonw."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 to the end
            setattr(sys, name, nowhere)


def _run(words: list[str]) -> int:
    if not words or (words[0] not in _COMMANDS and not words[0].startswith("-")):
        return _open_window(words)
    try:
        arguments = _parser().parse_args(words)
    except SystemExit as stop:
        return int(stop.code or DONE)
    command = import_module(f"cnnstudio.commands.{arguments.command}")
    return int(command.run(arguments))


def _open_window(words: list[str]) -> int:
    if len(words) > 1:
        raise CnnStudioError(
            f"{words[0][:60]!r} is no command; the commands are {', '.join(_COMMANDS)}, "
            "and the window opens one file at a time."
        )
    if words:
        from cnnstudio.network import templates

        templates.open_document(words[0])
    try:
        app = window_module()
    except ImportError as error:
        raise CnnStudioError(
            f"The window cannot be opened, PySide6 is not usable here ({error}). "
            "The commands work without it: cnnstudio train lecture --epochs 4"
        ) from error
    return int(app.run(["cnnstudio", *words]))


def window_module() -> ModuleType:
    """``cnnstudio.ui.app``, imported in the quickest way; raises ImportError without Qt.

    PySide6 reads the source of each module that is imported after it, so what needs no Qt comes
    first; and the collector would look again and again through what imports make and do not drop.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        import_module("cnnstudio.engine.trainer")
        return import_module("cnnstudio.ui.app")
    finally:
        if enabled:
            gc.enable()


def _give_up_output() -> None:
    """Keep Python from writing what is left, and complaining again, while it shuts down."""
    with contextlib.suppress(OSError, ValueError):  # stdout may be no file of the system
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(sentence: str, code: int = BAD_INPUT) -> int:
    sys.stderr.write(f"{sentence}\n")
    return code


class _Parser(argparse.ArgumentParser):
    """A parser that answers bad usage with one sentence, which names the command it is about."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse does it, but words too many are an error of the command they are given to.

        That command's parser is asked in this way by the one above it, which would say so itself.
        """
        found, extra = super().parse_known_args(args, namespace)
        if extra:
            self.error(f"unrecognized arguments: {' '.join(extra)}")
        return found, extra

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="cnnstudio", usage=_USAGE, description=_EPILOG)
    parser.add_argument("--version", action="version", version=f"CNN Studio {__version__}")
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", prog="cnnstudio"
    )
    for name, (words, arguments) in _COMMANDS.items():
        arguments(commands.add_parser(name, help=words, description=words))
    return parser


_READERS: Mapping[str, Callable[[str], Any]] = {"WholeNumber": int, "Fraction": float}
"""How the words of an option become a value; the recipe's declarations check it further."""


def _templates(parser: argparse.ArgumentParser) -> None:
    _add_json(parser)


def _check(parser: argparse.ArgumentParser) -> None:
    _add_file(parser)
    forms = parser.add_mutually_exclusive_group()
    _add_json(forms)
    forms.add_argument("--text", action="store_true", help="print the network in words, one line")


def _train(parser: argparse.ArgumentParser) -> None:
    from cnnstudio.network.recipe import Recipe

    parser.description = (
        "Train the network and report each epoch. Settings that are not given are those of FILE."
    )
    _add_file(parser)
    parser.add_argument("--out", metavar="TRAINED.cnn", help="where to save the trained network")
    parser.add_argument(
        "--no-keep",
        action="store_true",
        help="do not keep the run in the table of runs, see cnnstudio runs",
    )
    _add_json(parser)
    groups = {title: parser.add_argument_group(title) for title in _TRAIN_GROUPS}
    _add_data(groups["data"])
    groups["data"].add_argument(
        "--limit", type=_positive, metavar="N", help="train with the first N pictures only"
    )
    for name, setting in Recipe.declarations().items():
        title = next((t for t, names in _TRAIN_GROUPS.items() if name in names), "learning")
        _add_setting(groups[title], name, setting)
    groups["computing"].add_argument(
        "--threads", type=_positive, metavar="N", help="threads to compute with (default: cores)"
    )
    _add_checkpoints(groups["checkpoints"])


_TRAIN_GROUPS: Mapping[str, tuple[str, ...]] = {
    "data": ("validation",),
    "learning": (),
    "augmentation": ("shift", "rotation", "scaling", "elastic", "changed"),
    "computing": ("seed",),
    "checkpoints": (),
}
"""The headings in the help of `train`, with the recipe's settings under them; the others are under
learning."""


def _add_setting(group: argparse._ArgumentGroup, name: str, setting: Setting) -> None:
    """An option for one of the recipe's settings; what it allows is checked by the recipe."""
    kind = type(setting).__name__
    unit = setting.unit.upper() if setting.unit.isalpha() else ""
    group.add_argument(
        f"--{name.replace('_', '-')}",
        type=_READERS.get(kind, str),
        metavar="|".join(getattr(setting, "options", ())) or unit or "N",
        help=setting.help.replace("%", "%%"),
    )


def _add_checkpoints(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--checkpoint",
        metavar="DIR",
        help="a folder to write the run to while it trains, so that it can be gone on with "
        "whatever ends it",
    )
    group.add_argument(
        "--resume",
        action="store_true",
        help="go on with the run in DIR to the same bits; options not given are those of that run",
    )
    group.add_argument(
        "--checkpoint-every",
        type=_seconds,
        metavar="SECONDS",
        help="the longest time between two checkpoints (default: 30; each epoch ends with one)",
    )


def _evaluate(parser: argparse.ArgumentParser) -> None:
    _add_file(parser)
    _add_data(parser)
    _add_json(parser)


def _predict(parser: argparse.ArgumentParser) -> None:
    _add_file(parser)
    parser.add_argument("images", metavar="IMAGE", nargs="+", help="PNG, PGM or PPM pictures")
    _add_json(parser)


def _export(parser: argparse.ArgumentParser) -> None:
    _add_file(parser)
    parser.add_argument(
        "out",
        metavar="OUT",
        help="the suffix decides: .onnx .npz .safetensors, or .svg for a figure of the network",
    )


def _runs(parser: argparse.ArgumentParser) -> None:
    _add_json(parser)
    acts = parser.add_subparsers(dest="act", metavar="ACT", prog="cnnstudio runs")
    for name, (words, runs) in _RUN_ACTS.items():
        act = acts.add_parser(name, help=words, description=words)
        if runs is not None:
            key, count = ("run", None) if runs == 1 else ("runs", runs)
            act.add_argument(key, metavar="RUN", nargs=count, help=_RUN_HELP)
        if name == "list":
            act.add_argument(
                "--deleted", action="store_true", help="list what restore can bring back instead"
            )
        if name not in ("delete", "restore"):
            act.add_argument(
                "--json", action="store_true", default=argparse.SUPPRESS, help=_JSON_HELP
            )


_RUN_HELP = "the name of a run, its beginning or its last six letters, or newest"

_RUN_ACTS: Mapping[str, tuple[str, int | str | None]] = {
    "list": ("list the runs, the newest first (this is done without ACT, too)", None),
    "show": ("show all there is to know of a run", 1),
    "compare": ("show what differs between two runs, and what came of it", 2),
    "reproduce": ("make a run again and say whether the curve is the same", 1),
    "delete": ("delete runs, so that restore can bring them back", "+"),
    "restore": ("bring deleted runs back", "+"),
}
"""What can be done with runs, and with how many."""


_COMMANDS = {
    "templates": ("list the built-in networks", _templates),
    "check": ("show sizes, parameters, cost and problems", _check),
    "train": ("train the network and report each epoch", _train),
    "evaluate": ("measure a trained network on the test pictures", _evaluate),
    "predict": ("say which class each picture belongs to", _predict),
    "export": ("write the network for other programs", _export),
    "runs": ("list, show, compare, reproduce and delete the runs that were kept", _runs),
}
"""What each command does, and what adds its arguments to a parser."""


def _add_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help=_FILE_HELP)


def _add_data(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--data",
        metavar="NAME",
        help="mnist, or a folder with four files of MNIST's form (default: that of FILE)",
    )


_JSON_HELP = "print one JSON object a line"


def _add_json(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--json", action="store_true", help=_JSON_HELP)


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1 up")
    return number


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds from 0 up")
    return number

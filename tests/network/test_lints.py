"""Warnings of maps that shrink, of linear pairs, and of tables that leave maps out."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnstudio.blocks import (
    Activation,
    AvgPool2D,
    BatchNorm,
    Block,
    Conv2D,
    Dropout,
    FullyConnected,
    GlobalAvgPool2D,
    Input,
    LocallyConnected2D,
    MaxPool2D,
    Residual,
    TableConv2D,
)
from cnnstudio.network import Network, Problem, check, templates
from cnnstudio.network.repair import size_words
from tests.strategies import networks

RELU = {"activation": "relu"}
VALID = Conv2D(6, 5, **RELU)


def warnings(*blocks: Block, side: int = 32) -> list[str]:
    report = check(Network((Input(1, side, side), *blocks)))
    assert report.ok
    return [problem.message for _, problem in report.problems]


def shrinking(*blocks: Block, side: int = 32) -> list[str]:
    return [words for words in warnings(*blocks, side=side) if "shrinks the maps" in words]


def test_one_sentence_for_all_convolutions_in_a_row() -> None:
    assert shrinking(VALID, VALID, VALID) == [
        "CONV 3 shrinks the maps once more, 32 -> 28 -> 24 -> 20 from CONV 1 on, for nothing but "
        "their border. Padding 2 (same) keeps their size."
    ]


def test_a_long_row_is_told_by_its_ends() -> None:
    (words,) = shrinking(*[VALID] * 5)
    assert "32 -> 28 -> ... -> 12 from CONV 1 on" in words


def test_maps_that_are_not_square_and_kernels_that_are_even() -> None:
    blocks = (Conv2D(4, (5, 3), **RELU), Conv2D(4, (5, 3), **RELU))
    (words,) = shrinking(*blocks)
    assert "32 -> 28x30 -> 24x28 from CONV 1 on" in words
    assert words.endswith("Padding 2x1 (same) keeps their size.")
    (words,) = shrinking(VALID, Conv2D(4, 4, **RELU))
    assert words.endswith("An odd kernel with padding same keeps their size.")
    (words,) = shrinking(VALID, Conv2D(4, 3, dilation=2, **RELU))
    assert words.endswith("Padding 2 (same) keeps their size.")


@pytest.mark.parametrize("between", [Activation("elu"), BatchNorm(), Dropout()], ids=repr)
def test_what_keeps_the_size_may_stand_between(between: Block) -> None:
    (words,) = shrinking(VALID, between, VALID)
    assert words.startswith("CONV 2 shrinks the maps once more, 32 -> 28 -> 24 from CONV 1")


def test_tables_and_local_filters_shrink_as_well() -> None:
    assert shrinking(VALID, TableConv2D(5, **RELU))
    assert shrinking(VALID, LocallyConnected2D(4, 5, **RELU))


@pytest.mark.parametrize(
    "blocks",
    [
        (VALID,),
        (VALID, MaxPool2D(), VALID),
        (VALID, AvgPool2D(), VALID),
        (VALID, Conv2D(6, 4, stride=2, **RELU)),
        (VALID, Conv2D(6, 5, padding=2, **RELU), VALID),
        (Conv2D(6, 5, padding="same", **RELU), Conv2D(6, 5, padding="same", **RELU)),
        (Conv2D(6, 5, padding="full", **RELU), VALID),
        (Conv2D(6, 3, **RELU), Conv2D(6, 3, **RELU)),
        (VALID, Conv2D(10, 28)),
    ],
    ids=repr,
)
def test_no_sentence_where_the_size_falls_for_a_reason_or_hardly(blocks: tuple[Block, ...]) -> None:
    assert shrinking(*blocks) == []


def test_every_row_of_convolutions_has_its_sentence() -> None:
    found = shrinking(VALID, VALID, MaxPool2D(), VALID, VALID)
    assert [words.split(" shrinks")[0] for words in found] == ["CONV 2", "CONV 4"]
    assert "12 -> 8 -> 4 from CONV 3 on" in found[1]


WARNED = {
    "nielsen-1": ("no convolution before it",),
    "best": ("shrinks the maps once more", "of all parameters"),
    "nielsen-2": ("of all parameters",),
    "nielsen-6": ("of all parameters",),
    "nielsen-7": ("of all parameters",),
}
"""The book's network without a convolution and its heavy layers, which teach what the next ones
mend, and those of `best`, whose convolutions without padding cost less."""


def test_templates_have_no_warnings_but_these() -> None:
    for template in templates.list_all():
        problems = check(template.project.network, classes=10).problems
        found = [problem.message for _, problem in problems]
        wanted = WARNED.get(template.name, ())
        assert len(found) == len(wanted), template.name
        assert all(words in sentence for words, sentence in zip(wanted, found, strict=True))


@pytest.mark.parametrize(
    ("block", "less"),
    [
        (FullyConnected(500, **RELU), "fewer units"),
        (LocallyConnected2D(20, 5, padding=2, **RELU), "fewer filters"),
        (Residual((LocallyConnected2D(20, 5, padding=2),), "relu"), "smaller blocks in it"),
    ],
)
def test_a_heavy_block_is_told_what_would_make_it_lighter(block: Block, less: str) -> None:
    (words,) = warnings(Conv2D(4, 3, **RELU), block, FullyConnected(10), side=12)
    assert words.endswith(f"A pooling block before it, or {less}, would make it lighter.")


# ---- every lint: an example, a near miss, and repairs that take it away

EXAMPLES = {
    "linear pair": (Conv2D(4, 3), BatchNorm(), Conv2D(4, 3, **RELU), FullyConnected(10)),
    "linear into units": (Conv2D(4, 3), GlobalAvgPool2D(), FullyConnected(10)),
    "shrinking": (VALID, VALID, FullyConnected(10)),
    "shrinking, even kernel": (VALID, Conv2D(4, 4, **RELU), FullyConnected(10)),
    "idle activation": (VALID, MaxPool2D(), Activation("leaky_relu"), FullyConnected(10)),
    "heavy": (VALID, FullyConnected(100, **RELU), FullyConnected(10)),
    "no convolution": (FullyConnected(20, **RELU), FullyConnected(10)),
    "no convolution, odd picture": (MaxPool2D(4, 4), Dropout(), FullyConnected(10)),
    "unlinked maps": (
        Conv2D(8, 3, padding=1, **RELU),
        TableConv2D(3, **RELU),
        FullyConnected(10),
    ),
    "gaps": (VALID, Conv2D(6, 1, stride=2, rounding="floor", **RELU), FullyConnected(10)),
    "gaps of a pool": (VALID, MaxPool2D((2, 1), (2, 3)), FullyConnected(10)),
    "wide pool": (VALID, MaxPool2D(14, 14), MaxPool2D(3, 1, 1), FullyConnected(10)),
    "idle weights": (VALID, MaxPool2D(14, 14), Conv2D(4, 5, padding="same", **RELU)),
    "single pixels": (Conv2D(6, 1, **RELU), FullyConnected(10)),
    "another number of values": (VALID, FullyConnected(12)),
    "maps at the end": (VALID,),
    "a function on the output": (VALID, FullyConnected(10, **RELU)),
    "softmax at the end": (VALID, FullyConnected(10), Activation("softmax")),
    "tanh at the end": (VALID, FullyConnected(10), Activation("tanh")),
    "dropout at the end": (VALID, FullyConnected(10), Dropout()),
    "batch norm at the end": (VALID, FullyConnected(10), BatchNorm()),
}
"""Of 32x32 pictures and ten classes; the first words are the lint's, see `WORDS`."""

WORDS = {
    "linear": "no non-linear function between",
    "shrinking": "shrinks the maps",
    "idle activation": "changes nothing",
    "heavy": "of all parameters",
    "no convolution": "no convolution before it",
    "unlinked": "its table links the others to no filter",
    "gaps": "are never seen",
    "wide pool": "holds padding wherever it stands",
    "idle weights": "on nothing but padding",
    "single pixels": "single pixels of a single map",
    "another": "but the data has 10 classes",
    "maps at": "but the data has 10 classes",
    "a function": "to the network's output",
    "softmax": "is a softmax inside the network",
    "tanh": "to the network's output",
    "dropout": "sets some of the network's output to zero",
    "batch": "normalises the network's output",
}


def problems_like(name: str, network: Network) -> list[Problem]:
    words = next(words for start, words in WORDS.items() if name.startswith(start))
    return [p for _, p in check(network, classes=10).problems if words in p.message]


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_lint_fires_and_each_of_its_repairs_takes_it_away(name: str) -> None:
    network = Network((Input(1, 32, 32), *EXAMPLES[name]))
    (problem,) = problems_like(name, network)
    assert problem.severity == "warning"
    assert problem.message.endswith(".")
    assert problem.repairs
    for repair in problem.repairs:
        mended = repair.apply(network)
        assert check(mended).ok
        if name != "heavy":
            assert problems_like(name, mended) == []


@pytest.mark.parametrize(
    ("name", "blocks"),
    [
        ("linear", (Conv2D(4, 3), GlobalAvgPool2D())),
        ("linear", (Conv2D(4, 3), MaxPool2D(), FullyConnected(10))),
        ("idle activation", (VALID, BatchNorm(), Activation("relu"), FullyConnected(10))),
        ("idle activation", (VALID, Activation("sigmoid"), FullyConnected(10))),
        ("idle activation", (Conv2D(6, 5, activation="tanh"), Activation("relu"))),
        ("heavy", (Conv2D(32, 5, **RELU), MaxPool2D(14, 14), FullyConnected(10))),
        ("heavy", (FullyConnected(100, **RELU), FullyConnected(10))),
        ("no convolution", (Residual((Conv2D(1, 3, padding=1),)), FullyConnected(10))),
        ("no convolution", (MaxPool2D(8, 8), TableConv2D(2, [[0]]), FullyConnected(10))),
        ("gaps", (VALID, MaxPool2D(3, 3, rounding="floor"), FullyConnected(10))),
        ("gaps", (Conv2D(6, 3, stride=5, dilation=2, rounding="floor"), FullyConnected(10))),
        ("gaps", (Conv2D(6, 32, stride=50, **RELU), FullyConnected(10))),
        ("wide pool", (VALID, MaxPool2D(14, 14), MaxPool2D(2, 1), FullyConnected(10))),
        ("idle weights", (VALID, MaxPool2D(14, 14), Conv2D(4, 3, padding="same"))),
        (
            "idle weights",
            (MaxPool2D(16, 16), Conv2D(4, 5, padding=2, padding_mode="replicate")),
        ),
        ("single pixels", (VALID, Conv2D(6, 1, **RELU), FullyConnected(10))),
        ("single pixels", (Conv2D(6, (1, 3), **RELU), FullyConnected(10))),
        ("another", (VALID, FullyConnected(10))),
        ("a function", (VALID, FullyConnected(12, **RELU))),
        ("dropout", (VALID, Dropout(), FullyConnected(10))),
        ("batch", (VALID, BatchNorm(), FullyConnected(10))),
    ],
)
def test_a_lint_is_silent_at_a_near_miss(name: str, blocks: tuple[Block, ...]) -> None:
    assert problems_like(name, Network((Input(1, 32, 32), *blocks))) == []


def test_an_empty_network_is_not_nagged_about() -> None:
    assert check(Network(), classes=10).problems == ()


def test_a_heavy_block_becomes_lighter_by_what_is_said() -> None:
    network = Network((Input(1, 32, 32), *EXAMPLES["heavy"]))
    (problem,) = problems_like("heavy", network)
    assert [str(repair) for repair in problem.repairs] == [
        "insert POOL 2x2 before it -> 118,866 parameters",
        "units 50 -> 235,916 parameters",
        "insert a global average before it -> 1,866 parameters",
    ]
    for repair in problem.repairs:
        total = check(repair.apply(network)).parameters
        assert repair.leads_to == f"{total:,} parameters"


def test_a_first_convolution_is_offered_as_an_insertion() -> None:
    network = Network((Input(1, 32, 32), *EXAMPLES["no convolution"]))
    (problem,) = problems_like("no convolution", network)
    (repair,) = problem.repairs
    assert repair.change == "insert CONV 8 @ 3x3 and POOL after INPUT"
    assert [type(block) for block in repair.apply(network).blocks[1:3]] == [Conv2D, MaxPool2D]


def test_the_units_of_the_output_are_not_offered_to_be_halved() -> None:
    network = Network((Input(1, 32, 32), VALID, Conv2D(4, 1, **RELU), FullyConnected(10)))
    (problem,) = problems_like("heavy", network)
    assert problem.message.endswith("A pooling block before it would make it lighter.")
    assert not [repair for repair in problem.repairs if "units" in repair.change]


def test_idle_weights_are_counted() -> None:
    """Of five taps on two pixels with padding 2, the outermost two never meet a pixel."""
    network = Network(
        (Input(1, 8, 8), MaxPool2D(4, 4), Conv2D(4, 5, padding=2, **RELU), FullyConnected(10))
    )
    (problem,) = problems_like("idle weights", network)
    assert "has 16 of the 25 weights of each kernel" in problem.message
    assert [repair.change for repair in problem.repairs] == ["kernel 3, pad 1"]


def test_a_repair_that_breaks_a_later_block_says_so_and_gives_way_to_others() -> None:
    strided = Conv2D(4, 2, stride=3, **RELU)
    network = Network((Input(1, 32, 32), strided, MaxPool2D(11, 11), FullyConnected(10)))
    (problem,) = problems_like("gaps", network)
    assert [str(repair) for repair in problem.repairs] == [
        "stride 2 -> POOL 1 no longer fits",
        "kernel 3, rounding floor -> POOL 1 no longer fits",
    ]
    network = Network((Input(1, 32, 32), strided, MaxPool2D(2, 1), FullyConnected(10)))
    (problem,) = problems_like("gaps", network)
    assert len(problem.repairs) == 2
    assert not any("no longer" in repair.leads_to for repair in problem.repairs)


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(networks(5), st.integers(1, 12))
def test_every_repair_of_a_lint_leads_to_what_it_says(network: Network, classes: int) -> None:
    report = check(network, classes)
    for place, problem in report.problems:
        for repair in problem.repairs if problem.severity == "warning" else ():
            mended = check(repair.apply(network), classes)
            if "no longer fits" in repair.leads_to:
                assert not mended.ok
            elif repair.leads_to.endswith("parameters"):
                assert mended.ok
                assert repair.leads_to == f"{mended.parameters:,} parameters"
            else:
                assert mended.ok or not report.ok
                new = repair.places(network)[place]
                size = None if new is None else mended.blocks[new].output_shape
                assert repair.leads_to in ("", size and size_words(size))


def linear(*blocks: Block) -> list[str]:
    return [words for words in warnings(*blocks) if "no non-linear function" in words]


def test_linear_pairs() -> None:
    assert linear(Conv2D(4, 3), BatchNorm(), Conv2D(4, 3))
    assert linear(Conv2D(4, 3), AvgPool2D(), Conv2D(4, 3))
    assert linear(FullyConnected(8), FullyConnected(4))
    assert not linear(Conv2D(4, 3), BatchNorm(), Activation("relu"), Conv2D(4, 3))
    assert not linear(Conv2D(4, 3), MaxPool2D(), Conv2D(4, 3))


def test_a_depthwise_convolution_and_one_that_mixes_are_no_linear_pair() -> None:
    assert not linear(Conv2D(4, 3, **RELU), Conv2D(4, 3, groups=4), Conv2D(8, 1))


def test_a_block_with_rows_of_its_own_parts_linear_pairs() -> None:
    shortcut = Residual((Conv2D(4, 3, padding=1, **RELU),))
    assert not linear(Conv2D(4, 3), shortcut, Conv2D(4, 3))


def test_maps_that_a_table_leaves_out() -> None:
    first, table = Conv2D(8, 3, padding=1, **RELU), TableConv2D(3, **RELU)
    assert warnings(first, table, side=12) == [
        "CONV 2 looks at 6 of the 8 maps that it gets: its table links the others to no filter. "
        "Link them, or make fewer maps before it."
    ]
    assert warnings(Conv2D(6, 3, padding=1, **RELU), table, side=12) == []

"""The text form: every network is one line and comes back; what is wrong is named and placed."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings

from cnnstudio.blocks import (
    BLOCK_TYPES,
    Activation,
    AvgPool2D,
    BatchNorm,
    Conv2D,
    ConvTranspose2D,
    Dropout,
    Flatten,
    FullyConnected,
    GlobalAvgPool2D,
    Input,
    LocallyConnected2D,
    MaxPool2D,
    Parallel,
    Residual,
    TableConv2D,
    TiledConv2D,
    Upsample,
)
from cnnstudio.errors import CnnStudioError, TextFormError
from cnnstudio.network import Network, check, templates, vocabulary
from cnnstudio.network.text_form import (
    LARGEST,
    is_text_form,
    read,
    read_blocks,
    write,
    write_blocks,
)
from tests.strategies import networks

LINE = (
    "INPUT 32x32x1 > CONV 6@5x5 + RELU > POOL max 2x2 > CONV 16@5x5 + RELU > POOL max 2x2 "
    "> FC 120 > FC 100 > FC 10"
)


@settings(max_examples=300)
@given(networks())
def test_every_network_comes_back(network):
    line = write(network)
    assert read(line) == network
    assert "\n" not in line
    assert write(read(line)) == line
    assert is_text_form(line)


@settings(max_examples=100)
@given(networks())
def test_case_spacing_and_arrows_are_free(network):
    line = write(network)
    for loose in (
        line.lower(),
        line.upper(),
        line.replace(" > ", "->"),
        line.replace(" > ", "\n"),
        line.replace(" > ", " →\n\n\t").replace("@", " @ "),
        re.sub(r"(?<=\d)x(?=\d)", " × ", line),
        line.translate(str.maketrans("[]", "()")),
        f"\n  {line}  \n",
    ):
        assert read(loose) == network


def test_the_line_of_the_lecture():
    network = read(LINE)
    conv = [Conv2D(filters, 5, activation="relu") for filters in (6, 16)]
    assert network == Network(
        (Input(height=32, width=32), conv[0], MaxPool2D(), conv[1], MaxPool2D(),
         FullyConnected(120), FullyConnected(100), FullyConnected(10))
    )  # fmt: skip
    assert write(network) == LINE
    assert check(network).parameters == 63_802


def test_the_templates_are_written_as_people_would():
    assert write(templates.load("lecture").network) == (
        "INPUT 28x28x1 pad 2 > CONV 6@5x5 + RELU > POOL max 2x2 > CONV 16@5x5 + RELU > "
        "POOL max 2x2 > FC 120 + RELU > FC 100 + RELU > FC 10"
    )
    for name in templates.names():
        network = templates.load(name).network
        assert read(write(network)) == network


SMALL = Conv2D(4, 3, padding="same")

WRITTEN = [
    (Conv2D(6, 5), "CONV 6@5x5"),
    (Conv2D(6, (5, 3), stride=2, padding="same"), "CONV 6@5x3 stride 2 same"),
    (Conv2D(6, 5, padding=(2, 1), bias=False), "CONV 6@5x5 pad 2x1 bias=false"),
    (
        Conv2D(6, 5, padding=2, padding_mode="reflect", dilation=2, groups=3, rounding="floor"),
        "CONV 6@5x5 pad 2 padding_mode=reflect dilation=2 groups=3 rounding=floor",
    ),
    (Conv2D(6, 5, true_convolution=True), "CONV 6@5x5 true_convolution=true"),
    (Conv2D(6, 5, activation="scaled_tanh"), "CONV 6@5x5 + SCALED_TANH"),
    (ConvTranspose2D(6, 2, stride=2), "TRANSPOSED 6@2x2 stride 2"),
    (ConvTranspose2D(6, 3, stride=2, output_padding=1),
     "TRANSPOSED 6@3x3 stride 2 output_padding=1"),
    (LocallyConnected2D(6, 5), "LOCAL 6@5x5"),
    (TiledConv2D(6, 5), "TILED 6@5x5"),
    (TiledConv2D(6, 5, tiles=(2, 3)), "TILED 6@5x5 tiles 2x3"),
    (TableConv2D(5), "CONV table 5x5"),
    (TableConv2D(5, table=((0, 1), (2,))), "CONV table 5x5 table=0,1/2"),
    (MaxPool2D(), "POOL max 2x2"),
    (MaxPool2D(3, 3), "POOL max 3x3"),
    (MaxPool2D(3, 2), "POOL max 3x3 stride 2"),
    (MaxPool2D((2, 3), (2, 3)), "POOL max 2x3"),
    (AvgPool2D(3, 2, padding=1, count_padding=False),
     "POOL average 3x3 stride 2 pad 1 count_padding=false"),
    (GlobalAvgPool2D(), "POOL global"),
    (FullyConnected(120, activation="tanh"), "FC 120 + TANH"),
    (FullyConnected(10, bias=False), "FC 10 bias=false"),
    (Activation("leaky_relu"), "LEAKY_RELU"),
    (Activation("softmax"), "SOFTMAX"),
    (BatchNorm(), "BATCHNORM"),
    (BatchNorm(momentum=0.2, epsilon=1e-3), "BATCHNORM momentum 0.2 epsilon 0.001"),
    (Dropout(), "DROPOUT 0.5"),
    (Dropout(0.3), "DROPOUT 0.3"),
    (Flatten(), "FLATTEN"),
    (Upsample(2, "bilinear"), "UPSAMPLE 2x2 bilinear"),
    (Residual((SMALL, Activation("relu"), SMALL), "relu"),
     "RESIDUAL [CONV 4@3x3 same > RELU > CONV 4@3x3 same] + RELU"),
    (Parallel(((SMALL,), (), (MaxPool2D(), SMALL)), "sum"),
     "PARALLEL [CONV 4@3x3 same |  | POOL max 2x2 > CONV 4@3x3 same] sum"),
    (Parallel(((),)), "PARALLEL []"),
    (Residual((Parallel(((SMALL,), (Residual((SMALL,)),))),)),
     "RESIDUAL [PARALLEL [CONV 4@3x3 same | RESIDUAL [CONV 4@3x3 same]]]"),
]  # fmt: skip


@pytest.mark.parametrize(("block", "line"), WRITTEN, ids=[line for _, line in WRITTEN])
def test_how_blocks_are_written(block, line):
    assert write_blocks((block,)) == line
    assert read_blocks(line) == (block,)


def test_every_block_type_is_among_them():
    assert {type(block) for block, _ in WRITTEN} | {Input} == set(BLOCK_TYPES)


RELU = Conv2D(6, 5, activation="relu")

UNDERSTOOD = [
    ("conv 6 5x5 relu", (RELU,)),
    ("Conv2D 6 5 + ReLU", (RELU,)),
    ("convolution filters 6 kernel 5 activation relu", (RELU,)),
    ("CONV 6 @ 5 × 5 · ReLU", (RELU,)),
    ("CONV filters=6 kernel=5x5 activation=RELU", (RELU,)),
    ("conv 6 filters 5*5 + relu", (RELU,)),
    ("conv 6@5x5 no bias s2 p1", (Conv2D(6, 5, 2, 1, bias=False),)),
    ("conv 6@5x5 stride2 bias=off without bias", None),
    ("conv 6@5x5 floor leaky relu", None),
    ("conv 6@5x5 floor + leaky relu", (Conv2D(6, 5, activation="leaky_relu", rounding="floor"),)),
    ("pool", (MaxPool2D(),)),
    ("pool 3", (MaxPool2D(3, 3),)),
    ("pool 2x2 average", (AvgPool2D(),)),
    ("avg pool 3 s2", (AvgPool2D(3, 2),)),
    ("MaxPool2D 2x2 + relu", (MaxPool2D(), Activation("relu"))),
    ("conv 6@5x5 + bn + relu", (Conv2D(6, 5), BatchNorm(), Activation("relu"))),
    ("fc10 + softmax", (FullyConnected(10), Activation("softmax"))),
    ("dense 120 > dropout 30%", (FullyConnected(120), Dropout(0.3))),
    ("Global average pool > linear 10", (GlobalAvgPool2D(), FullyConnected(10))),
    ("Leaky ReLU > scaled tanh", (Activation("leaky_relu"), Activation("scaled_tanh"))),
    ("parallel [conv 4@3x3 same] [] sum", (Parallel(((SMALL,), ()), "sum"),)),
    ("parallel branches=[conv 4@3x3 same | ] join=sum", (Parallel(((SMALL,), ()), "sum"),)),
    ("residual\n[\n  conv 4@3x3 same\n  > relu\n]\n+ relu\nfc 10",
     (Residual((SMALL, Activation("relu")), "relu"), FullyConnected(10))),
    ("INPUT 32x32 > FC 10", (FullyConnected(10),)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "blocks"), UNDERSTOOD, ids=[text for text, _ in UNDERSTOOD])
def test_what_people_write_is_understood(text, blocks):
    if blocks is None:
        with pytest.raises(TextFormError):
            read_blocks(text)
    else:
        assert read_blocks(text) == blocks


def test_the_picture():
    assert read("INPUT 32x32x1").input == Input(height=32, width=32)
    assert read("INPUT 28x28x3 pad 2").input == Input(channels=3, pad=2)
    assert read("INPUT 20 x 30").input == Input(height=20, width=30)
    assert read("INPUT").input == Input()
    assert read("FC 10") == Network((Input(), FullyConnected(10)))
    assert read_blocks("INPUT 28x28") == ()


REFUSED = [
    ("CONV 6@5y5", 'Block 1 (character 6): kernel "5y5" is not understood; expected a number '
     "such as 5, or rows x columns such as 5x5."),
    ("INPUT 28x28 > CONB 6@5x5", 'Block 2 (character 15): "CONB" is no block; did you mean CONV?'),
    ("FC 10 > POOL mux 2x2", 'Block 2 (character 14): "mux" says nothing about POOL max; '),
    ("CONV 6@5x5 strides=2", 'Block 1 (character 12): CONV has no setting "strides"; did you '
     "mean stride?"),
    ("CONV 6@5x5 sume", '"sume" says nothing about CONV; did you mean same?'),
    ("CONV 6@5x5 + RLU", 'Block 2 (character 14): "RLU" is no block; did you mean RELU?'),
    ("INPUT 28x28 CONV 6@5x5", '"CONV" is a block of its own; put > before it, behind INPUT.'),
    ("CONV 6@0x5", "Kernel must be a whole number from 1 to 255"),
    ("CONV 5000@5", "Filters must be a whole number from 1 to 4,096, not 5000."),
    ("CONV 6", "CONV lacks its kernel, as in CONV 6@5x5."),
    ("FC", "FC lacks its units, as in FC 100."),
    ("RESIDUAL > FC 10", "RESIDUAL lacks its blocks, as in RESIDUAL [CONV 8@3x3]."),
    ("CONV 6@5x5 pad", '"pad" of CONV needs a value, as in pad 2.'),
    ("CONV 6@5x5 stride 2 stride 3", "Block 1 (character 21): stride of CONV is given twice."),
    ("CONV 6@5x5 bias=maybe", 'bias "maybe" is not understood; expected true or false.'),
    ("CONV 6@5x5 rounding=up", 'rounding "up" is not understood; expected one of exact, floor'),
    ("POOL 2x2 global", "Block 1 (character 10): POOL global has no kernel."),
    ("FC 10 20", '"20" is one number too many for FC'),
    ("FLATTEN 5", 'FLATTEN has no settings, so "5" is too much.'),
    ("DROPOUT 30", "Rate must be a number from 0 to 0.95, not 30.0."),
    ("POOL 6@5x5", '"6@5x5" is not for POOL max, as in POOL max 5x5.'),
    ("INPUT 3x3x3x3", 'size "3x3x3x3" of INPUT: expected height x width x channels'),
    ("CONV 6@5x5 > > FC 10", "Block 2 (character 14): here a block such as CONV 6@5x5 is missing."),
    ("> FC 10", "Block 1 (character 1): here a block such as CONV 6@5x5 is missing."),
    ("FC 10 >", "Block 2 (character 8): here a block such as CONV 6@5x5 is missing."),
    ("FC 10\n> FC 10\n> FX 10", 'Block 3 (line 3, character 3): "FX" is no block; did you mean'),
    ("RESIDUAL [FC 10", 'Block 1 (character 10): this "[" is not closed.'),
    ("FC 10]", 'Block 1 (character 6): "]" closes no bracket.'),
    ("FC 10 | FC 10", '"|" can only part the rows in the brackets of a block.'),
    ("FC [FC 10]", "FC holds no rows of blocks, so it takes no brackets."),
    ("RESIDUAL [FC 10 | FC 10]", 'RESIDUAL holds one row of blocks, so it takes no "|".'),
    ("RESIDUAL []", "Row must be a row of 1 to 100 blocks"),
    ("RESIDUAL [FC 10 > FX 10]", "Block 2 in the brackets of block 1 (character 19): "),
    ("FC 10 > INPUT 28x28", "INPUT can only be the first block of a network."),
    ("RESIDUAL [INPUT 28x28]", "INPUT can only be the first block of a network."),
    ("RESIDUAL [" * 9 + "RELU" + "]" * 9, "rows may stand at most 6 deep in rows."),
    ("", "There is no block in the text"),
    (" \n ", "There is no block in the text"),
    ("x" * (LARGEST + 1), "The text has 1,000,001 characters"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), REFUSED, ids=[text[:30] for text, _ in REFUSED])
def test_what_is_wrong_is_named_with_its_place(text, words):
    with pytest.raises(TextFormError) as caught:
        read(text)
    sentence = str(caught.value)
    assert words in sentence
    assert sentence.endswith((".", "?"))
    assert "\n" not in sentence
    assert sentence.isascii()


ALPHABET = "0159x@>+[]()|=,./%-_ \n\tCONVPOLFRESIDUALconvpoolfc²→×é"


def mutated(chance: random.Random, line: str) -> str:
    """`line` with a few random changes of the kind that typing makes."""
    letters = list(line)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        place = chance.randrange(len(letters) + 1)
        length = chance.choice((0, 0, 1, 1, 2, 8))
        piece = "".join(chance.choices(ALPHABET, k=chance.choice((0, 1, 1, 2, 5))))
        if chance.random() < 0.2 and letters:  # a piece of the line itself, at another place
            start = chance.randrange(len(letters))
            piece = "".join(letters[start : start + chance.randint(1, 20)])
        letters[place : place + length] = piece
    return "".join(letters)


def test_mutated_lines_are_understood_or_refused_in_one_sentence():
    """12,000 of them: nothing but CnnStudioError, and what is understood comes back again."""
    chance = random.Random(4)
    lines = [LINE, *(line for _, line in WRITTEN), *(text for text, _ in UNDERSTOOD)]
    understood = 0
    for _ in range(12_000):
        text = mutated(chance, chance.choice(lines))
        try:
            network = read(text)
        except CnnStudioError as error:
            sentence = str(error)
            assert sentence.endswith((".", "?")), sentence
            assert "\n" not in sentence, sentence
        else:
            understood += 1
            assert read(write(network)) == network, text
        is_text_form(text)
    assert 500 < understood < 11_500


def test_long_and_deep_texts_are_answered_at_once():
    for text in ("-" * 100_000, "[" * 100_000, "conv " * 20_000, "1 " * 50_000, "=" * 100_000,
                 "RESIDUAL[" * 10_000, "9" * 100_000, "CONV " + "x" * 100_000, "\n" * 100_000,
                 "5x" * 50_000, "6 @ " * 25_000):  # fmt: skip
        with pytest.raises(TextFormError) as caught:
            read(text)
        assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (LINE, True),
        ("CONV 6@5x5", True),
        ("fc 10", True),
        ("INPUT", True),
        ("fc10 > relu", True),
        ("INPT 28x28 > CONV 6@5x5", True),
        ("lecture", False),
        ("flatten", False),
        ("a.cnn", False),
        ("folder/conv.json", False),
        ("some words > others", False),
        ('{"blocks": []}', False),
        ("", False),
        ("x" * (LARGEST + 1), False),
    ],
)
def test_what_is_meant_as_a_network(text, answer):
    assert is_text_form(text) is answer


def test_the_names_that_are_written_are_the_types_own():
    names = [vocabulary.name_of(kind) for kind in BLOCK_TYPES]
    assert len(set(names)) == len(names)
    for kind in BLOCK_TYPES:
        for name in (vocabulary.name_of(kind), kind.__name__):
            found = vocabulary.meaning(name)
            assert found is not None
            assert found.kind is kind

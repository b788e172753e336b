"""How each block computes: the layers that do a block's arithmetic, in their order."""

from __future__ import annotations

from collections.abc import Mapping

from cnnstudio.blocks import (
    Activation,
    AvgPool2D,
    BatchNorm,
    Block,
    Conv2D,
    Dropout,
    Flatten,
    FullyConnected,
    Input,
    MaxPool2D,
    Parallel,
    Residual,
    TableConv2D,
)
from cnnstudio.engine.layers.activation import FinishLayer
from cnnstudio.engine.layers.composite import CompositeLayer
from cnnstudio.engine.layers.connection_table import TableConvolutionLayer
from cnnstudio.engine.layers.convolution import ConvolutionLayer
from cnnstudio.engine.layers.dropout import DropoutLayer
from cnnstudio.engine.layers.flatten import FlattenLayer
from cnnstudio.engine.layers.fully_connected import FullyConnectedLayer
from cnnstudio.engine.layers.input import InputLayer
from cnnstudio.engine.layers.layer import Layer
from cnnstudio.engine.layers.normalization import BatchNormLayer
from cnnstudio.engine.layers.pooling import AvgPoolLayer, MaxPoolLayer

LAYERS: Mapping[type[Block], tuple[type[Layer], ...]] = {
    Input: (InputLayer,),
    Conv2D: (ConvolutionLayer, FinishLayer),
    TableConv2D: (TableConvolutionLayer, FinishLayer),
    MaxPool2D: (MaxPoolLayer,),
    AvgPool2D: (AvgPoolLayer,),
    FullyConnected: (FlattenLayer, FullyConnectedLayer, FinishLayer),
    Activation: (FinishLayer,),
    BatchNorm: (BatchNormLayer,),
    Dropout: (DropoutLayer,),
    Flatten: (FlattenLayer,),
    Residual: (CompositeLayer, FinishLayer),
    Parallel: (CompositeLayer,),
}
"""The layers of every block type; one that has nothing to do at its place is left out."""

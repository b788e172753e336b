"""How each block computes: the layers that do a block's arithmetic, in their order."""

from __future__ import annotations

from collections.abc import Mapping

from cnnstudio.blocks import (
    Activation,
    AvgPool2D,
    BatchNorm,
    Block,
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
from cnnstudio.engine.layers.activation import FinishLayer
from cnnstudio.engine.layers.composite import CompositeLayer
from cnnstudio.engine.layers.connection_table import TableConvolutionLayer
from cnnstudio.engine.layers.convolution import ConvolutionLayer
from cnnstudio.engine.layers.dropout import DropoutLayer
from cnnstudio.engine.layers.flatten import FlattenLayer
from cnnstudio.engine.layers.fully_connected import FullyConnectedLayer
from cnnstudio.engine.layers.input import InputLayer
from cnnstudio.engine.layers.layer import Layer
from cnnstudio.engine.layers.local_convolution import PlaceBiasLayer, UnsharedConvolutionLayer
from cnnstudio.engine.layers.normalization import BatchNormLayer
from cnnstudio.engine.layers.pooling import AvgPoolLayer, GlobalAvgPoolLayer, MaxPoolLayer
from cnnstudio.engine.layers.transposed_convolution import TransposedConvolutionLayer
from cnnstudio.engine.layers.upsample import BilinearLayer, NearestLayer

LAYERS: Mapping[type[Block], tuple[type[Layer], ...]] = {
    Input: (InputLayer,),
    Conv2D: (ConvolutionLayer, FinishLayer),
    ConvTranspose2D: (TransposedConvolutionLayer, FinishLayer),
    LocallyConnected2D: (UnsharedConvolutionLayer, PlaceBiasLayer, FinishLayer),
    TiledConv2D: (UnsharedConvolutionLayer, FinishLayer),
    TableConv2D: (TableConvolutionLayer, FinishLayer),
    MaxPool2D: (MaxPoolLayer,),
    AvgPool2D: (AvgPoolLayer,),
    GlobalAvgPool2D: (GlobalAvgPoolLayer,),
    FullyConnected: (FlattenLayer, FullyConnectedLayer, FinishLayer),
    Activation: (FinishLayer,),
    BatchNorm: (BatchNormLayer,),
    Dropout: (DropoutLayer,),
    Flatten: (FlattenLayer,),
    Upsample: (NearestLayer, BilinearLayer),
    Residual: (CompositeLayer, FinishLayer),
    Parallel: (CompositeLayer,),
}
"""The layers of every block type; one that has nothing to do at its place is left out."""

"""EfficientNet-Lite in torch, to be trained: convolutions with folded normalisation, GeM pooling, a projection.

The normalisation is folded because a batch of a few products seen many times is no sample of what the network will
meet: its statistics stay those of ImageNet. Parameters have the names of `efficientnet_lite_pytorch`, so that the state
of a `Trunk` goes to `engine.training.backbone` as it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from engine.training.backbone import Weights, block_count, fold_norms, same_width, strided_blocks

_LEAST = 1e-6


class FixedDepthwise(torch.autograd.Function):
    """A depthwise convolution whose kernels are not trained; the gradient of its input is a forward convolution too.

    On a CPU the library's own backward pass takes several times as long, in bfloat16 many times: with it, a step of the
    last ten blocks of Lite2 took 33 ms of processor time a picture instead of 14 ms.
    """

    @staticmethod
    def forward(
        context: Any, maps: torch.Tensor, kernels: torch.Tensor, bias: torch.Tensor, stride: int, pads: tuple[int, int]
    ) -> torch.Tensor:
        """(N, C, h, w), kernels (C, 1, k, k), bias (C,) -> (N, C, h', w'); `pads` before and after, of both axes."""
        context.save_for_backward(kernels)
        context.stride, context.pads, context.side = stride, pads, maps.shape[2]
        before, after = pads
        padded = functional.pad(maps, (before, after, before, after)) if before != after else maps
        return functional.conv2d(padded, kernels, bias, stride, before if before == after else 0, 1, len(kernels))

    @staticmethod
    def backward(context: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """The full correlation with the turned kernels, of gradients that stand `stride` apart."""
        (kernels,) = context.saved_tensors
        stride, side, taps = context.stride, context.side, kernels.shape[2]
        before = context.pads[0]
        apart = gradient
        if stride > 1:
            rows, channels, height, width = gradient.shape
            apart = gradient.new_zeros((rows, channels, stride * (height - 1) + 1, stride * (width - 1) + 1))
            apart[:, :, ::stride, ::stride] = gradient
        full = functional.conv2d(apart, kernels.flip(2, 3), None, 1, taps - 1, 1, len(kernels))
        # pixels that no kernel reached at the far border get no gradient
        missing = max(0, before + side - full.shape[2])
        if missing:
            full = functional.pad(full, (0, missing, 0, missing))
        to_bias = gradient.float().sum(dim=(0, 2, 3)).to(gradient.dtype) if context.needs_input_grad[2] else None
        return full[:, :, before : before + side, before : before + side], None, to_bias, None, None


class Convolution(nn.Module):
    """A convolution with TensorFlow's padding and, if `clip`, ReLU6."""

    def __init__(self, weights: Weights, name: str, stride: int = 1, clip: bool = False) -> None:
        super().__init__()
        kernel = torch.from_numpy(np.array(weights[f"{name}.weight"]))
        self.weight = nn.Parameter(kernel)
        self.bias = nn.Parameter(torch.from_numpy(np.array(weights[f"{name}.bias"])))
        self._stride, self._clip, self._taps = stride, clip, int(kernel.shape[2])
        self._groups = int(kernel.shape[0]) if kernel.shape[1] == 1 else 1

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """(N, C, h, w) -> (N, D, h', w')."""
        side = maps.shape[2]
        padding = max(0, (-(-side // self._stride) - 1) * self._stride + self._taps - side)
        before, after = padding // 2, padding - padding // 2
        if self._groups > 1 and torch.is_grad_enabled() and not self.weight.requires_grad:
            with torch.autocast(maps.device.type, enabled=False):
                kernels, bias = self.weight.to(maps.dtype), self.bias.to(maps.dtype)
                found = FixedDepthwise.apply(maps, kernels, bias, self._stride, (before, after))
        else:
            if before != after:
                maps, before = functional.pad(maps, (before, after, before, after)), 0
            found = functional.conv2d(maps, self.weight, self.bias, self._stride, before, 1, self._groups)
        result: torch.Tensor = functional.hardtanh(found, 0.0, 6.0) if self._clip else found
        return result


class Block(nn.Module):
    """Expansion, depthwise convolution and projection, added to the input where the shapes allow it."""

    def __init__(self, weights: Weights, number: int, stride: int) -> None:
        super().__init__()
        at = f"_blocks.{number}"
        self._expand_conv = (
            Convolution(weights, f"{at}._expand_conv", clip=True) if f"{at}._expand_conv.weight" in weights else None
        )
        self._depthwise_conv = Convolution(weights, f"{at}._depthwise_conv", stride, clip=True)
        self._project_conv = Convolution(weights, f"{at}._project_conv")
        self._skips = stride == 1 and same_width(weights, number)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """(N, C, h, w) -> (N, D, h', w')."""
        wide = maps if self._expand_conv is None else self._expand_conv(maps)
        found = self._project_conv(self._depthwise_conv(wide))
        return found + maps if self._skips else found


class Trunk(nn.Module):
    """Pictures -> the last feature map. The stem, blocks before `first_block` and depthwise kernels are not trained.

    A depthwise kernel finds edges and spots, in any shop the same; what they mean is in the dense layers.
    """

    def __init__(self, weights: Weights, first_block: int = 0) -> None:
        super().__init__()
        weights = fold_norms(weights)
        strided = strided_blocks(weights)
        self._conv_stem = Convolution(weights, "_conv_stem", 2, clip=True)
        self._blocks = nn.ModuleList(
            Block(weights, number, 2 if number in strided else 1) for number in range(block_count(weights))
        )
        self._conv_head = Convolution(weights, "_conv_head", clip=True)
        if not 0 <= first_block <= len(self._blocks):
            raise ValueError(f"there is no block {first_block}")
        self.first_block = first_block
        for frozen in (self._conv_stem, *self._blocks[:first_block]):
            frozen.requires_grad_(False)
        for block in self._blocks:
            block._depthwise_conv.weight.requires_grad_(False)
        # Channels last is the layout that the libraries for CPUs and GPUs are fastest in.
        self.to(memory_format=torch.channels_last)

    @property
    def channels(self) -> int:
        """Channels of the last feature map."""
        return int(self._conv_head.weight.shape[0])

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """(N, 3, S, S) -> (N, C, h, w)."""
        return self.back(self.front(pictures))

    @torch.no_grad()
    def front(self, pictures: torch.Tensor) -> torch.Tensor:
        """(N, 3, S, S) -> the map that the first trained block gets."""
        maps: torch.Tensor = self._conv_stem(pictures.contiguous(memory_format=torch.channels_last))
        for block in self._blocks[: self.first_block]:
            maps = block(maps)
        return maps

    def back(self, maps: torch.Tensor) -> torch.Tensor:
        """From what `front` gives to the last feature map (N, C, h, w)."""
        for block in self._blocks[self.first_block :]:
            maps = block(maps)
        found: torch.Tensor = self._conv_head(maps)
        return found

    def trained_layers(self) -> Iterator[tuple[int, nn.Module]]:
        """The layers that are trained, each with its number of blocks before the head: 0 is the head itself."""
        count = len(self._blocks)
        for number in range(self.first_block, count):
            yield count - number, self._blocks[number]
        yield 0, self._conv_head

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """The folded weights by name, as `write_backbone` takes them."""
        return {name: values.detach().cpu().numpy().copy() for name, values in self.state_dict().items()}


class EmbeddingNetwork(nn.Module):
    """Pictures -> embeddings of length 1: trunk, GeM pooling with p = 2, unit length, projection, unit length.

    `architecture` says what the weights fit, for checkpoints: channels and kernels of all convolutions.
    """

    def __init__(self, weights: Weights, dimension: int, first_block: int, seed: int) -> None:
        super().__init__()
        self.trunk = Trunk(weights, first_block)
        channels = self.trunk.channels
        if dimension > channels:
            raise ValueError(f"an embedding of {dimension} numbers from {channels} channels")
        self.projection = nn.Linear(channels, dimension)
        generator = torch.Generator().manual_seed(seed)
        nn.init.orthogonal_(self.projection.weight, generator=generator)
        nn.init.zeros_(self.projection.bias)
        # A random direction has about one in each channel at the length sqrt(C); an eighth keeps the bias in play.
        self.length = math.sqrt(channels) / 8

    @property
    def architecture(self) -> str:
        """Shapes of all convolutions, and of the projection."""
        kernels = [(name, tuple(values.shape)) for name, values in self.state_dict().items() if values.ndim == 4]
        shapes = " ".join(f"{name.removeprefix('trunk.').removesuffix('.weight')}{shape}" for name, shape in kernels)
        return f"{shapes} projection{tuple(self.projection.weight.shape)}"

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """(N, 3, S, S) -> (N, D), float32, rows of length 1."""
        return self.embed(gem(self.trunk(pictures)))

    def embed(self, pooled: torch.Tensor) -> torch.Tensor:
        """Pooled maps (N, C), float32, -> (N, D), rows of length 1."""
        with torch.autocast(pooled.device.type, enabled=False):
            direction = functional.normalize(pooled, dim=1) * self.length
            return functional.normalize(self.projection(direction), dim=1)

    def trained(self) -> dict[str, nn.Parameter]:
        """The parameters that are trained, by name."""
        return {name: values for name, values in self.named_parameters() if values.requires_grad}


def gem(maps: torch.Tensor) -> torch.Tensor:
    """Generalised mean pooling with p = 2, (N, C, h, w) -> (N, C) in float32; see `engine.training.head`."""
    return maps.float().clamp(min=_LEAST).square().mean(dim=(2, 3)).sqrt()

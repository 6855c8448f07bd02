"""The two networks of DiffusionAD in plain PyTorch, written for comparison with the engine: same parameter names, same weights by formula.

Only the variant that the full-size model uses: residual up and down blocks, attention at the given resolutions, BatchNorm segmentation network.
"""
import math

import torch
import torch.nn.functional as F
from torch import nn


def formula(position, count, device):
    """The numbers u in [-1, 1) of tensor number `position`, as float64 (SplitMix64 of position and flat index)."""
    def logical_shift(value, bits):
        return (value >> bits) & ((1 << (64 - bits)) - 1)

    def signed(value):
        return value - (1 << 64) if value >= 1 << 63 else value

    x = torch.arange(count, dtype=torch.int64, device=device) + signed(((position << 40) + 0x9E3779B97F4A7C15) % (1 << 64))
    x = (x ^ logical_shift(x, 30)) * signed(0xBF58476D1CE4E5B9)
    x = (x ^ logical_shift(x, 27)) * signed(0x94D049BB133111EB)
    x = x ^ logical_shift(x, 31)
    return logical_shift(x, 11).to(torch.float64) * 2.0**-53 * 2 - 1


def fill_by_formula(network, salt=0):
    """Sets every entry of the state dictionary by its position in it."""
    state = network.state_dict()
    for position, (name, tensor) in enumerate(state.items()):
        if name.endswith("num_batches_tracked"):
            tensor.zero_()
            continue
        u = formula(position + salt, tensor.numel(), tensor.device)
        if tensor.dim() >= 2:
            u = u * math.sqrt(3.0 / (tensor.numel() // tensor.shape[0]))
        elif name.endswith("running_mean"):
            u = 0.1 * u
        elif name.endswith("running_var"):
            u = 1 + 0.5 * u
        elif name.endswith("weight"):
            u = 1 + 0.1 * u
        else:
            u = 0.05 * u
        tensor.copy_(u.to(torch.float32).reshape(tensor.shape))
    return network


class TimeEmbedding(nn.Sequential):
    def __init__(self, size):
        super().__init__(Sinusoid(size), nn.Linear(size, 4 * size), nn.SiLU(), nn.Linear(4 * size, 4 * size))

    def forward(self, t):
        sinusoid, *layers = self
        y = sinusoid(t).to(layers[0].weight.dtype)
        for layer in layers:
            y = layer(y)
        return y


class Sinusoid(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.size = size

    def forward(self, t):
        half = self.size // 2
        frequencies = torch.exp(-math.log(10000) / half * torch.arange(half, dtype=torch.float32, device=t.device))
        angles = t[:, None].float() * frequencies[None]
        return torch.cat([angles.sin(), angles.cos()], dim=1)


class GroupNorm(nn.GroupNorm):
    """PyTorch's own on a card. On a CPU, which only rehearses, in float32: version 1.13 computes something else from channels-last bfloat16."""

    def forward(self, x):
        if x.is_cuda:
            return F.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)
        return F.group_norm(x.float(), self.num_groups, self.weight.float(), self.bias.float(), self.eps).to(x.dtype)


def resize(x, change):
    if change == "down":
        return F.avg_pool2d(x, 2)
    return F.interpolate(x, scale_factor=2, mode="nearest") if change == "up" else x


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, time_size, change=None):
        super().__init__()
        self.change = change
        self.in_layers = nn.Sequential(GroupNorm(32, inputs), nn.SiLU(), nn.Conv2d(inputs, outputs, 3, padding=1))
        self.embed_layers = nn.Sequential(nn.SiLU(), nn.Linear(time_size, outputs))
        self.out_layers = nn.Sequential(GroupNorm(32, outputs), nn.SiLU(), nn.Identity(), nn.Conv2d(outputs, outputs, 3, padding=1))
        self.skip_connection = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)

    def forward(self, x, embedding):
        h = self.in_layers[2](resize(self.in_layers[1](self.in_layers[0](x)), self.change))
        h = h + self.embed_layers(embedding).to(h.dtype)[:, :, None, None]
        return self.skip_connection(resize(x, self.change)) + self.out_layers(h)


def spelled_out_attention(q, k, v):
    """What F.scaled_dot_product_attention computes, for versions before 2.0, which lack it: those only rehearse, they are never timed on a card."""
    scores = (q @ k.transpose(-2, -1)).float() * q.shape[-1] ** -0.5
    return scores.softmax(dim=-1).to(v.dtype) @ v


attend = getattr(F, "scaled_dot_product_attention", spelled_out_attention)


class Attention(nn.Module):
    def __init__(self, channels, heads):
        super().__init__()
        self.heads = heads
        self.norm = GroupNorm(32, channels)
        self.to_qkv = nn.Conv1d(channels, 3 * channels, 1)
        self.proj_out = nn.Conv1d(channels, channels, 1)

    def forward(self, x, embedding):
        n, c, h, w = x.shape
        flat = x.reshape(n, c, h * w)
        qkv = self.to_qkv(self.norm(flat)).reshape(n, self.heads, 3, c // self.heads, h * w).transpose(3, 4)
        y = attend(qkv[:, :, 0], qkv[:, :, 1], qkv[:, :, 2])
        return (flat + self.proj_out(y.transpose(2, 3).reshape(n, c, h * w))).reshape(n, c, h, w)


class Stage(nn.Sequential):
    def forward(self, x, embedding):
        for layer in self:
            x = layer(x) if isinstance(layer, nn.Conv2d) else layer(x, embedding)
        return x


class UNet(nn.Module):
    def __init__(self, size=256, base=128, multipliers=(1, 1, 2, 2, 4, 4), attention=(32, 16, 8), heads=4, blocks=2):
        super().__init__()
        time_size = 4 * base
        self.time_embedding = TimeEmbedding(base)
        self.down = nn.ModuleList([Stage(nn.Conv2d(3, base, 3, padding=1))])
        channels, skips, resolution = base, [base], size
        for level, multiplier in enumerate(multipliers):
            for _ in range(blocks):
                layers = [ResidualBlock(channels, base * multiplier, time_size)]
                channels = base * multiplier
                if resolution in attention:
                    layers.append(Attention(channels, heads))
                self.down.append(Stage(*layers))
                skips.append(channels)
            if level + 1 < len(multipliers):
                self.down.append(Stage(ResidualBlock(channels, channels, time_size, "down")))
                skips.append(channels)
                resolution //= 2
        self.middle = Stage(ResidualBlock(channels, channels, time_size), Attention(channels, heads), ResidualBlock(channels, channels, time_size))
        self.up = nn.ModuleList()
        for level, multiplier in reversed(list(enumerate(multipliers))):
            for block in range(blocks + 1):
                layers = [ResidualBlock(channels + skips.pop(), base * multiplier, time_size)]
                channels = base * multiplier
                if resolution in attention:
                    layers.append(Attention(channels, heads))
                if level > 0 and block == blocks:
                    layers.append(ResidualBlock(channels, channels, time_size, "up"))
                    resolution *= 2
                self.up.append(Stage(*layers))
        self.out = nn.Sequential(GroupNorm(32, channels), nn.SiLU(), nn.Conv2d(channels, 3, 3, padding=1))

    def forward(self, x, t):
        embedding = self.time_embedding(t)
        saved = []
        for stage in self.down:
            x = stage(x, embedding)
            saved.append(x)
        x = self.middle(x, embedding)
        for stage in self.up:
            x = stage(torch.cat([x, saved.pop()], dim=1), embedding)
        return self.out(x)


def double_convolution(inputs, outputs):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(),
                         nn.Conv2d(outputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU())


def up_convolution(inputs, outputs):
    return nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True), nn.Conv2d(inputs, outputs, 3, padding=1),
                         nn.BatchNorm2d(outputs), nn.ReLU())


class Encoder(nn.Module):
    def __init__(self, inputs, w):
        super().__init__()
        widths = [inputs, w, 2 * w, 4 * w, 8 * w, 8 * w, 8 * w]
        for i in range(6):
            setattr(self, f"block{i + 1}", double_convolution(widths[i], widths[i + 1]))

    def forward(self, x):
        outputs = []
        for i in range(6):
            x = getattr(self, f"block{i + 1}")(F.max_pool2d(x, 2) if i else x)
            outputs.append(x)
        return outputs


class Decoder(nn.Module):
    STEPS = ["_b", "1", "2", "3", "4"]

    def __init__(self, outputs, w):
        super().__init__()
        inputs, widths, skips = [8 * w, 8 * w, 4 * w, 2 * w, w], [8 * w, 4 * w, 2 * w, w, w], [8 * w, 8 * w, 4 * w, 2 * w, w]
        for step, fan_in, width, skip in zip(self.STEPS, inputs, widths, skips):
            setattr(self, "up" + step, up_convolution(fan_in, width))
            setattr(self, "db" + step, double_convolution(width + skip, width))
        self.fin_out = nn.Sequential(nn.Conv2d(w, outputs, 3, padding=1))

    def forward(self, encoded):
        x = encoded[5]
        for step, skip in zip(self.STEPS, reversed(encoded[:5])):
            x = getattr(self, "db" + step)(torch.cat([getattr(self, "up" + step)(x), skip], dim=1))
        return self.fin_out(x)


class SegmentationNetwork(nn.Module):
    def __init__(self, inputs=6, outputs=1, w=64):
        super().__init__()
        self.encoder_segment = Encoder(inputs, w)
        self.decoder_segment = Decoder(outputs, w)

    def forward(self, x):
        return torch.sigmoid(self.decoder_segment(self.encoder_segment(x)).float())

"""PyTorch's counterparts of the engine's operations, found by the names that the operation table gives them."""
import re

import torch
import torch.nn.functional as F

from networks import attend, resize
from timing import DEVICE, graphed, median_seconds

CALLS = 16
# More than the second-level cache of any card: operands rotate, so that no call finds its inputs in a cache.
BEYOND_CACHES = 256 << 20

CONVOLUTION = re.compile(r"conv2d(Forward|BackwardData|BackwardWeights) (\d+)x(\d+)x(\d+)x(\d+) to (\d+) channels, kernel (\d), stride (\d)")
GROUP_NORM = re.compile(r"groupNorm(Forward|Backward) (\d+)x(\d+)x(\d+)x(\d+) in (\d+) groups(?: from (\d+) and (\d+) channels)? (NONE|SILU) (NONE|UP|DOWN)")
BATCH_NORM = re.compile(r"batchNorm(ForwardTraining|ForwardInference|Backward) (\d+)x(\d+)x(\d+)x(\d+) in 1 groups (NONE|RELU)")
ATTENTION = re.compile(r"attention(Forward|Backward) (\d+)x(\d+)x(\d+), (\d+) heads of (\d+)")


def activations(dtype, n, h, w, c):
    return torch.randn(n, c, h, w, device=DEVICE, dtype=dtype).contiguous(memory_format=torch.channels_last)


def forward_or_gradient(direction, function, inputs, parameters):
    """A call of `function(*inputs, *parameters)`, or of its gradient by all of them over a graph that is built beforehand."""
    if not direction.startswith("Backward"):
        def call():
            with torch.no_grad():
                return function(*inputs, *parameters)
        return call
    sources = [tensor.requires_grad_() for tensor in (*inputs, *parameters)]
    y = function(*sources)
    dy = torch.randn_like(y)
    return lambda: torch.autograd.grad(y, sources, dy, retain_graph=True)


def convolution(match, dtype):
    direction, *sizes = match.groups()
    n, h, w, c, k, kernel, stride = map(int, sizes)
    x = activations(dtype, n, h, w, c)
    weight = torch.randn(k, c, kernel, kernel, device=DEVICE, dtype=dtype).contiguous(memory_format=torch.channels_last)
    if direction == "Forward":
        return lambda: F.conv2d(x, weight, stride=stride, padding=kernel // 2)
    dy = torch.randn_like(F.conv2d(x, weight, stride=stride, padding=kernel // 2))
    wanted = [direction == "BackwardData", direction == "BackwardWeights", False]
    return lambda: torch.ops.aten.convolution_backward(dy, x, weight, [0], [stride] * 2, [kernel // 2] * 2, [1, 1], False, [0, 0], 1, wanted)


def group_norm(match, dtype):
    direction, n, h, w, c, groups, head, tail, activation, change = match.groups()
    n, h, w, c, groups = map(int, (n, h, w, c, groups))
    inputs = [activations(dtype, n, h, w, channels) for channels in ([int(head), int(tail)] if head else [c])]
    parameters = [torch.randn(c, device=DEVICE, dtype=dtype) for _ in range(2)]

    def function(*tensors):
        x = torch.cat(tensors[:-2], dim=1) if head else tensors[0]
        y = F.group_norm(x, groups, *tensors[-2:])
        return resize(F.silu(y) if activation == "SILU" else y, change.lower())

    return forward_or_gradient(direction, function, inputs, parameters)


def batch_norm(match, dtype):
    direction, *sizes, activation = match.groups()
    n, h, w, c = map(int, sizes)
    mean, variance = torch.zeros(c, device=DEVICE), torch.ones(c, device=DEVICE)
    parameters = [torch.randn(c, device=DEVICE) for _ in range(2)]

    def function(x, gamma, beta):
        y = F.batch_norm(x, mean, variance, gamma, beta, training=direction != "ForwardInference")
        return F.relu(y) if activation == "RELU" else y

    return forward_or_gradient(direction, function, [activations(dtype, n, h, w, c)], parameters)


def attention(match, dtype):
    direction, *sizes = match.groups()
    n, tokens, channels, heads, size = map(int, sizes)
    inputs = [torch.randn(n, heads, tokens, size, device=DEVICE, dtype=dtype) for _ in range(3)]
    return forward_or_gradient(direction, attend, inputs, [])


COUNTERPARTS = ((CONVOLUTION, convolution), (GROUP_NORM, group_norm), (BATCH_NORM, batch_norm), (ATTENTION, attention))
# These kinds all have a counterpart: a name of theirs that no pattern knows is an error, not a gap in the table.
KINDS = re.compile(r"(conv2d|groupNorm|batchNorm|attention)(?!\w*Quantized)")


def operation_seconds(name, precision, megabytes):
    """PyTorch's time for an operation of ours, by its name; None for the kinds that have no counterpart here."""
    dtype = torch.bfloat16 if precision == "BFLOAT16" else torch.float32
    for pattern, counterpart in COUNTERPARTS:
        match = pattern.match(name)
        if match:
            sets = max(1, min(CALLS, int(BEYOND_CACHES / max(1, megabytes * 1e6)) + 1))

            def prepare():
                calls = [counterpart(match, dtype) for _ in range(sets)]

                def work():
                    for i in range(CALLS):
                        calls[i % sets]()
                return work

            return median_seconds(graphed(prepare)) / CALLS
    if KINDS.match(name):
        raise SystemExit(f"no pattern of operations.py knows the operation '{name}'")
    return None


def ceilings():
    """What the card can do at best through its maker's library: a large matrix product, a large copy."""
    results = {}
    size = 8192 if DEVICE == "cuda" else 256
    for precision, dtype in (("BFLOAT16", torch.bfloat16), ("FLOAT32", torch.float32)):
        a, b = (torch.randn(size, size, device=DEVICE, dtype=dtype) for _ in range(2))
        results[f"tflops_{precision}"] = 2e-12 * size**3 / median_seconds(lambda: a @ b)
    source = torch.randn(size * size * 4, device=DEVICE)
    target = torch.empty_like(source)
    results["copy_gigabytes_per_second"] = 8e-9 * source.numel() / median_seconds(lambda: target.copy_(source))
    return results

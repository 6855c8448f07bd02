"""PyTorch beside the engine on one card: the same networks with the same weights, outputs compared first, then times.

usage: peer.py FOLDER   where FOLDER holds ours.json, ours-noise.f32 and ours-score.f32 of CardBenchmark; writes results.json and prints a table.
Runs on a CPU too (float32, no compilation), to rehearse.
"""
import json
import re
import statistics
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F

from networks import SegmentationNetwork, UNet, fill_by_formula, formula

IMAGES = 8000
TIMESTEP = 200
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
REPEATS = 20 if DEVICE == "cuda" else 1


def synchronize():
    if DEVICE == "cuda":
        torch.cuda.synchronize()


def median_seconds(work, repeats=REPEATS):
    work()
    synchronize()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        synchronize()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def graphed(work):
    """The work as one CUDA graph, after a warm-up on a side stream; on a CPU the work itself."""
    if DEVICE != "cuda":
        return work
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            work()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    return graph.replay


def images(n, size):
    return formula(IMAGES, n * 3 * size * size, DEVICE).to(torch.float32).reshape(n, 3, size, size)


def multipliers(size):
    return {256: (1, 1, 2, 2, 4, 4), 128: (1, 1, 2, 3, 4), 64: (1, 2, 3, 4), 32: (1, 2, 3, 4)}[size]


def networks(ours):
    unet = UNet(ours["image_size"], ours["base_channels"], multipliers(ours["image_size"]))
    segmentation = SegmentationNetwork(w=ours["segmentation_channels"])
    return fill_by_formula(unet.to(DEVICE)), fill_by_formula(segmentation.to(DEVICE))


def compare(ours, folder):
    """Both programs must compute the same before their times mean anything: float32, relative to the largest value."""
    unet, segmentation = networks(ours)
    unet.eval(), segmentation.eval()
    size = ours["image_size"]
    x = images(1, size)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    with torch.no_grad():
        noise = unet(x, torch.full((1,), TIMESTEP, device=DEVICE))
        score = segmentation(torch.cat([x, x], dim=1))
    errors = {}
    for name, theirs in (("noise", noise), ("score", score)):
        mine = torch.frombuffer(bytearray((folder / f"ours-{name}.f32").read_bytes()), dtype=torch.float32).reshape(1, size, size, -1)
        theirs = theirs.permute(0, 2, 3, 1).cpu()
        errors[name] = ((mine - theirs).abs().max() / theirs.abs().max()).item()
        if not errors[name] <= 1e-3:
            raise SystemExit(f"the two programs do not compute the same: {name} differs by {errors[name]:.3g} of its largest value")
    return errors


class OneStep(torch.nn.Module):
    """From images to score maps: both noise scales as one batch, guidance, segmentation (linear schedule, timesteps 200 and 400)."""

    def __init__(self, unet, segmentation):
        super().__init__()
        self.unet, self.segmentation = unet, segmentation
        alpha_bar = torch.cumprod(1 - torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64), 0)
        self.small, self.big = alpha_bar[200].item(), alpha_bar[400].item()

    def forward(self, x, noise_small, noise_big, t):
        small, big = self.small, self.big
        x_small = small**0.5 * x + (1 - small) ** 0.5 * noise_small
        x_big = big**0.5 * x + (1 - big) ** 0.5 * noise_big
        eps_small, eps_big = self.unet(torch.cat([x_small, x_big]), t).float().chunk(2)
        x0_big = ((1 / big) ** 0.5 * x_big - (1 / big - 1) ** 0.5 * eps_big).clamp(-1, 1)
        renoised = small**0.5 * x0_big + (1 - small) ** 0.5 * eps_small
        guided = eps_small - (1 - small) ** 0.5 * (renoised - x_small)
        x0 = ((1 / small) ** 0.5 * x_small - (1 / small - 1) ** 0.5 * guided).clamp(-1, 1)
        return self.segmentation(torch.cat([x, x0], dim=1))


def one_step(ours, compiled):
    lines = []
    size = ours["image_size"]
    for batch in ours["batches"]:
        unet, segmentation = networks(ours)
        model = OneStep(unet, segmentation).eval().to(memory_format=torch.channels_last)
        if compiled:
            model = torch.compile(model, mode="max-autotune")
        x = images(batch, size).contiguous(memory_format=torch.channels_last)
        noise = [torch.randn_like(x) for _ in range(2)]
        t = torch.tensor([200] * batch + [400] * batch, device=DEVICE)

        def work():
            with torch.no_grad(), torch.autocast(DEVICE, dtype=torch.bfloat16):
                return model(x, *noise, t)

        # torch.compile in this mode records graphs itself.
        seconds = median_seconds(work if compiled else graphed(work))
        lines.append({"mode": "compile max-autotune" if compiled else "eager, CUDA graph", "precision": "BFLOAT16", "batch": batch,
                      "milliseconds": 1e3 * seconds, "images_per_second": batch / seconds})
    return lines


def training_step(ours):
    """Both networks, autocast, the whole batch at once as the reference trains; out of memory is a result too."""
    batch, size = ours["training_batch"], ours["image_size"]
    unet, segmentation = (network.to(memory_format=torch.channels_last) for network in networks(ours))
    model = OneStep(unet, segmentation).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, **({"fused": True} if DEVICE == "cuda" else {}))
    x = images(batch, size).contiguous(memory_format=torch.channels_last)
    noise = [torch.randn_like(x) for _ in range(2)]
    t = torch.tensor([200] * batch + [400] * batch, device=DEVICE)
    mask = torch.full((batch, 1, size, size), 0.5, device=DEVICE)

    def work():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(DEVICE, dtype=torch.bfloat16):
            score = model(x, *noise, t)
        score = score.float()
        bce = F.binary_cross_entropy(score, mask, reduction="none")
        loss = 5 * (0.5 * (1 - torch.exp(-bce)) ** 4 * bce).mean() + F.smooth_l1_loss(score, mask)
        loss.backward()
        optimizer.step()

    try:
        if DEVICE == "cuda":
            torch.cuda.reset_peak_memory_stats()
        seconds = median_seconds(work, max(1, REPEATS // 4))
    except torch.OutOfMemoryError as error:
        return {"precision": "BFLOAT16", "batch": batch, "failed": str(error).split(". ")[0]}
    peak = torch.cuda.max_memory_allocated() >> 20 if DEVICE == "cuda" else 0
    return {"precision": "BFLOAT16", "batch": batch, "milliseconds": 1e3 * seconds, "memory_mib": peak}


CONVOLUTION = re.compile(r"conv2d(Forward|BackwardData|BackwardWeights) (\d+)x(\d+)x(\d+)x(\d+) to (\d+) channels, kernel (\d), stride (\d)")
CALLS = 8


def operation_seconds(name, precision):
    """PyTorch's time for an operation of ours, by its name; None where it has no single counterpart."""
    match = CONVOLUTION.match(name)
    if not match:
        return None
    direction, *sizes = match.groups()
    n, h, w, c, k, kernel, stride = map(int, sizes)
    dtype = torch.bfloat16 if precision == "BFLOAT16" else torch.float32
    x = torch.randn(n, c, h, w, device=DEVICE, dtype=dtype).contiguous(memory_format=torch.channels_last)
    weight = torch.randn(k, c, kernel, kernel, device=DEVICE, dtype=dtype).contiguous(memory_format=torch.channels_last)
    y = F.conv2d(x, weight, stride=stride, padding=kernel // 2)
    if direction == "Forward":
        def call():
            return F.conv2d(x, weight, stride=stride, padding=kernel // 2)
    else:
        mask = [direction == "BackwardData", direction == "BackwardWeights", False]

        def call():
            return torch.ops.aten.convolution_backward(y, x, weight, [0], [stride] * 2, [kernel // 2] * 2, [1, 1], False, [0, 0], 1, mask)

    def work():
        for _ in range(CALLS):
            call()

    return median_seconds(graphed(work)) / CALLS


def operations(ours):
    torch.backends.cudnn.benchmark = True
    lines = []
    for line in ours["operations"]:
        seconds = operation_seconds(line["operation"], line["precision"])
        if seconds is not None:
            lines.append({"operation": line["operation"], "precision": line["precision"], "microseconds": 1e6 * seconds})
    return lines


def ceilings():
    """What the card can do at best: a large matrix product through its maker's library, a large copy."""
    results = {}
    size = 8192 if DEVICE == "cuda" else 256
    for precision, dtype in (("BFLOAT16", torch.bfloat16), ("FLOAT32", torch.float32)):
        a, b = (torch.randn(size, size, device=DEVICE, dtype=dtype) for _ in range(2))
        results[f"matmul_tflops_{precision}"] = 2e-12 * size**3 / median_seconds(lambda: a @ b)
    source = torch.randn(size * size * 4, device=DEVICE)
    target = torch.empty_like(source)
    results["copy_gigabytes_per_second"] = 8e-9 * source.numel() / median_seconds(lambda: target.copy_(source))
    return results


def table(results):
    ours, theirs = results["ours"], results["pytorch"]
    print(f"{ours['device']}; PyTorch {theirs['version']}")
    print(f"\n{'one step':34}{'batch':>6}{'ms':>10}{'images/s':>10}")
    for who, lines in (("ours", ours["one_step"]), ("PyTorch", theirs["one_step"])):
        for line in lines:
            name = f"{who} {line.get('mode', '')} {line['precision'].lower()}"
            print(f"{name:34}{line['batch']:6}{line['milliseconds']:10.2f}{line['images_per_second']:10.1f}")
    print(f"\n{'training step':34}{'batch':>6}{'ms':>10}{'MiB':>10}")
    for who, lines in (("ours", ours["training_step"]), ("PyTorch", [theirs["training_step"]])):
        for line in lines:
            name = f"{who} {line['precision'].lower()}"
            print(f"{name:34}{line['batch']:6}" + (f"{line['milliseconds']:10.1f}{line['memory_mib']:10}" if "failed" not in line else "  " + line["failed"]))
    known = {(line["operation"], line["precision"]): line["microseconds"] for line in theirs["operations"]}
    print(f"\n{'operation':86}{'us':>9}{'PyTorch':>9}{'TFLOP/s':>9}{'GB/s':>8}")
    for line in ours["operations"]:
        peer = known.get((line["operation"], line["precision"]))
        name = f"{line['operation']} {line['precision'].lower()}"
        print(f"{name:86}{line['microseconds']:9.1f}{f'{peer:9.1f}' if peer else '':>9}{line['tflops']:9.1f}{line['gigabytes_per_second']:8.0f}")
    print("\nceilings: " + ", ".join(f"{name} {value:.1f}" for name, value in theirs["ceilings"].items()))


def main(folder):
    ours = json.loads((folder / "ours.json").read_text())
    theirs = {"version": torch.__version__, "output_error": compare(ours, folder), "ceilings": ceilings()}
    theirs["one_step"] = one_step(ours, False) + (one_step(ours, True) if DEVICE == "cuda" else [])
    theirs["training_step"] = training_step(ours)
    theirs["operations"] = operations(ours)
    results = {"ours": ours, "pytorch": theirs}
    (folder / "results.json").write_text(json.dumps(results, indent=2))
    table(results)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))

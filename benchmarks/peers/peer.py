"""PyTorch beside the engine on one card: the same networks with the same weights, outputs compared first, then times.

usage: peer.py FOLDER PART   where FOLDER holds results.json, ours-noise.f32 and ours-score.f32 of CardBenchmark, and PART is one of
    pytorch             compares outputs; one-step inference, eager, launched one by one and as a graph; a training step, eager
    compile-BATCH       one-step inference of BATCH images by torch.compile
    compile-training    the training step by torch.compile
    pytorch-operations  ceilings of PyTorch's libraries, and the operations that results.json lists
Lines go into results.json as they are measured. On a card PyTorch must be 2.0 or later. Runs on a CPU too, once and with a training step in float32,
to rehearse.
"""
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

from networks import SegmentationNetwork, UNet, fill_by_formula, formula
from operations import ceilings, operation_seconds
from results import Results
from timing import DEVICE, REPEATS, graphed, median_seconds

# The images' number in the formula of the weights, past all parameters, and the timesteps; NetworkTimes.java has the same.
IMAGES = 8000
TIMESTEP = 200
TRAINING_TIMESTEPS = (200, 600)
# Of the largest difference, relative to the largest value.
FLOAT32_BOUND = 1e-3
# Of the difference's root mean square, relative to that of the values: three times and more what rounding was seen to add up to.
BFLOAT16_BOUNDS = {"noise": 0.05, "score": 0.02}
# How many losses of a training are compared, and the bound of their relative difference. The gradient that reaches the UNet through the guided image
# is mostly rounding in bfloat16, PyTorch's as much as ours: a second loss can be compared in float32 only.
COMPARED_LOSSES = {"FLOAT32": (2, 1e-4), "BFLOAT16": (1, 0.01)}
# How a model runs: what a line of results says. A graph spares eager PyTorch the launches, which at batch 1 take longer than the card's work.
EAGER, GRAPH, COMPILED = "eager", "eager in a CUDA graph", "compile max-autotune"


def images(n, size):
    return formula(IMAGES, n * 3 * size * size, DEVICE).to(torch.float32).reshape(n, 3, size, size)


def networks(ours):
    shape = ours["unet"]
    widths = [int(multiplier) for multiplier in shape["multipliers"]]
    unet = UNet(shape["imageSize"], shape["baseChannels"], widths, shape["attentionResolutions"], shape["heads"], shape["resBlocks"])
    segmentation = SegmentationNetwork(w=ours["segmentation"]["baseChannels"])
    return fill_by_formula(unet.to(DEVICE)), fill_by_formula(segmentation.to(DEVICE))


class Different(Exception):
    """Two programs that should compute the same do not."""


def require(error, bound, what):
    if not error <= bound:
        raise Different(f"{what} do not compute the same: they differ by {error:.3g}, {bound} is allowed")


def forget_peak():
    if DEVICE == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def peak_mib():
    """Taken from the card since forget_peak(), what the allocator keeps in reserve included; 0 on a CPU."""
    return torch.cuda.max_memory_reserved() >> 20 if DEVICE == "cuda" else 0


def compare(results, folder):
    """Both programs must compute the same before their times mean anything: float32 without TF32."""
    ours = results.ours
    unet, segmentation = networks(ours)
    unet.eval(), segmentation.eval()
    size = ours["unet"]["imageSize"]
    x = images(1, size)
    with torch.no_grad():
        theirs = {"noise": unet(x, torch.full((1,), TIMESTEP, device=DEVICE)), "score": segmentation(torch.cat([x, x], dim=1))}
    errors = {}
    for name, tensor in theirs.items():
        mine = torch.frombuffer(bytearray((folder / f"ours-{name}.f32").read_bytes()), dtype=torch.float32).reshape(1, size, size, -1)
        expected = tensor.permute(0, 2, 3, 1).cpu()
        errors[name] = ((mine - expected).abs().max() / expected.abs().max()).item()
        require(errors[name], FLOAT32_BOUND, f"the two programs' {name} networks")
    results.set("output_error", errors)


class OneStep(torch.nn.Module):
    """From images to score maps: both noise scales as one batch, guidance, segmentation (linear schedule). Weights are converted to `dtype`."""

    def __init__(self, unet, segmentation, timesteps=(200, 400), dtype=torch.float32):
        super().__init__()
        self.unet, self.segmentation, self.dtype = unet.to(dtype), segmentation.to(dtype), dtype
        alpha_bar = torch.cumprod(1 - torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64), 0)
        self.small, self.big = (alpha_bar[timestep].item() for timestep in timesteps)

    def forward(self, x, noise_small, noise_big, t):
        """Scores, and the predicted noise of both scales, in float32."""
        small, big = self.small, self.big
        x_small = small**0.5 * x + (1 - small) ** 0.5 * noise_small
        x_big = big**0.5 * x + (1 - big) ** 0.5 * noise_big
        eps_small, eps_big = self.unet(torch.cat([x_small, x_big]).to(self.dtype), t).float().chunk(2)
        x0_big = ((1 / big) ** 0.5 * x_big - (1 / big - 1) ** 0.5 * eps_big).clamp(-1, 1)
        renoised = small**0.5 * x0_big + (1 - small) ** 0.5 * eps_small
        guided = eps_small - (1 - small) ** 0.5 * (renoised - x_small)
        x0 = ((1 / small) ** 0.5 * x_small - (1 / small - 1) ** 0.5 * guided).clamp(-1, 1)
        return self.segmentation(torch.cat([x, x0], dim=1).to(self.dtype)), eps_small, eps_big


def inputs(batch, size, timesteps):
    """Images, both noises, and the timesteps of the batch of both scales."""
    noise = images(2 * batch, size).contiguous(memory_format=torch.channels_last)
    x = images(batch, size).contiguous(memory_format=torch.channels_last)
    return x, *noise.chunk(2), torch.tensor([timesteps[0]] * batch + [timesteps[1]] * batch, device=DEVICE)


def maybe_compiled(model, mode):
    return torch.compile(model, mode="max-autotune") if mode == COMPILED else model


def peak_of(work):
    """Peak memory of work that has run before: a compiler's trials and a graph's recording take more, once."""
    forget_peak()
    work()
    return peak_mib()


def measure_line(results, kind, line, measure):
    """Adds the line with what `measure()` finds, in the place of an older one. What fails keeps no other line from being measured; out of memory is a result."""
    results.drop(kind, lambda other: other["mode"] == line["mode"] and other["batch"] == line["batch"])
    try:
        line.update(measure())
    except torch.cuda.OutOfMemoryError as error:
        line["failed"] = str(error).split(". ")[0]
    except Different as error:
        line["failed"] = str(error)
        results.differences.append(str(error))
    results.append(kind, line)


def one_step(results, batch, mode):
    """Weights and activations in bfloat16, channels last; what they compute is first compared with the same networks in float32."""
    timesteps = (200, 400)

    def measure():
        float32 = OneStep(*networks(results.ours), timesteps).eval().to(memory_format=torch.channels_last)
        arguments = inputs(batch, results.ours["unet"]["imageSize"], timesteps)
        with torch.no_grad():
            expected = float32(*arguments)
        model = maybe_compiled(OneStep(float32.unet, float32.segmentation, timesteps, torch.bfloat16).eval(), mode)

        def work():
            with torch.no_grad():
                return model(*arguments)

        errors = {}
        for name, actual, wanted in zip(("score", "noise"), work(), expected):
            errors[name] = ((actual - wanted).pow(2).mean() / wanted.pow(2).mean()).sqrt().item()
            require(errors[name], BFLOAT16_BOUNDS[name], f"PyTorch's networks ({mode}) in bfloat16 and in float32, {name},")
        work()
        memory = peak_of(work)
        # torch.compile in this mode records graphs itself.
        seconds = median_seconds(graphed(lambda: work) if mode == GRAPH else work)
        return {"milliseconds": 1e3 * seconds, "images_per_second": batch / seconds, "memory_mib": memory, "output_error": errors}

    measure_line(results, "one_step", {"mode": mode, "precision": "BFLOAT16", "batch": batch}, measure)


def training_step(results, mode):
    """Both networks, the whole batch at once as the reference trains; bfloat16 by autocast, weights and optimizer in float32.

    Its first losses are compared with ours: the second one depends on every gradient of the first.
    """
    ours = results.ours
    precision = "BFLOAT16" if DEVICE == "cuda" else "FLOAT32"
    batch, size = ours["training_batch"], ours["unet"]["imageSize"]

    def measure():
        unet, segmentation = (network.to(memory_format=torch.channels_last) for network in networks(ours))
        model = maybe_compiled(OneStep(unet, segmentation, TRAINING_TIMESTEPS).train(), mode)
        optimizer = torch.optim.Adam([{"params": unet.parameters(), "lr": 1e-4}, {"params": segmentation.parameters(), "lr": 1e-5}],
                                     **({"fused": True} if DEVICE == "cuda" else {}))
        x, noise_small, noise_big, t = inputs(batch, size, TRAINING_TIMESTEPS)
        mask = torch.full((batch, 1, size, size), 0.5, device=DEVICE)

        def work():
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast(DEVICE, dtype=torch.bfloat16, enabled=precision == "BFLOAT16"):
                score, eps_small, eps_big = model(x, noise_small, noise_big, t)
            bce = F.binary_cross_entropy(score, mask, reduction="none")
            focal = (0.5 * (1 - torch.exp(-bce)) ** 4 * bce).mean()
            noise_loss = F.mse_loss(eps_small, noise_small) + F.mse_loss(eps_big, noise_big)
            loss = noise_loss + 5 * focal + F.smooth_l1_loss(score, mask)
            loss.backward()
            optimizer.step()
            return loss.detach()

        losses = [work().item() for _ in range(2)]
        compare_losses(losses, precision, ours.get("training_step", []))
        memory = peak_of(work)
        seconds = median_seconds(work, max(1, REPEATS // 4))
        return {"losses": losses, "milliseconds": 1e3 * seconds, "images_per_second": batch / seconds, "memory_mib": memory}

    measure_line(results, "training_step", {"mode": mode, "precision": precision, "batch": batch}, measure)


def compare_losses(theirs, precision, our_lines):
    mine = next((line["losses"] for line in our_lines if line["precision"] == precision and "losses" in line), None)
    if mine is None:
        raise SystemExit("the engine's training step was not measured: run the part networks first")
    count, bound = COMPARED_LOSSES[precision]
    for ours, loss in zip(mine[:count], theirs):
        require(abs(loss - ours) / abs(ours), bound, "the losses of the two programs' training steps")


def operations(results):
    results.set("ceilings", ceilings())
    results.set("operations", [])
    if "operations" not in results.ours:
        raise SystemExit("the engine's operations were not measured: run the part operations first")
    for line in results.ours["operations"]:
        megabytes = line["gigabytes_per_second"] * line["microseconds"] * 1e-3
        seconds = operation_seconds(line["operation"], line["precision"], megabytes)
        if seconds is not None:
            results.append("operations", {"operation": line["operation"], "precision": line["precision"], "microseconds": 1e6 * seconds})


def main(folder, part):
    results = Results(folder)
    results.set("version", torch.__version__)
    results.set("device", torch.cuda.get_device_name() if DEVICE == "cuda" else "CPU, to rehearse")
    torch.manual_seed(20230814)
    # The engine's float32 is float32, and so is what it is compared and timed against.
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    if "unet" not in results.ours:
        raise SystemExit("the engine's networks were not measured: run the part networks first")
    if part == "pytorch":
        compare(results, folder)
        for batch in results.ours["batches"]:
            for mode in (EAGER, GRAPH):
                one_step(results, batch, mode)
        training_step(results, EAGER)
    elif part == "compile-training":
        training_step(results, COMPILED)
    elif part.startswith("compile-"):
        one_step(results, int(part.removeprefix("compile-")), COMPILED)
    elif part == "pytorch-operations":
        operations(results)
    else:
        raise SystemExit(__doc__)
    if results.differences:
        raise SystemExit("; ".join(results.differences))
    print(f"{part} measured")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    try:
        main(Path(sys.argv[1]), sys.argv[2])
    except Different as error:
        raise SystemExit(str(error))

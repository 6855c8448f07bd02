"""Times work on the GPU; on a CPU, to rehearse, each piece of work once."""
import statistics
import time

import torch

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


def graphed(prepare):
    """The work that `prepare()` returns, as one CUDA graph; on a CPU the work itself.

    `prepare` runs on the stream that is captured: autograd runs a backward pass on the stream of its forward pass.
    """
    if DEVICE != "cuda":
        return prepare()
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        work = prepare()
        for _ in range(3):
            work()
    synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph, stream=side):
        work()
    return graph.replay

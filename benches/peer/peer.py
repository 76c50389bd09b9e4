"""The same network in PyTorch: what the training of `dam` is measured against.

`dam bench --export` writes items, first weights and the loss of each epoch of a full-batch training, and how long it took.
This program trains on the same items from the same weights in f32, checks that the losses are the same, and prints the
time of both, in turns, and their ratio. It needs PyTorch and safetensors; nothing else of the project does.

    python benches/peer/peer.py --dam target/release/dam

The network is the one of docs/numerics.md: h = <zeta, xi> for all items and memory vectors by one matrix product, from
which every clamped state differs by one class neuron's weight; autograd for the gradient; the step of section 3. Items are
taken a chunk at a time, so that what is in flight stays in the cache: `--chunk` 250 was the fastest of 50 to 8000.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from safetensors import safe_open

TEMPERATURE, LEAK, MOMENTUM, RATE, DECAY = 0.95, 0.01, 0.6, 0.08, 0.999
# Of the loss: the two add in different orders.
TOLERANCE = 1e-4


def interaction(x, n):
    """Eq. 20: x^n above zero, -leak x below."""
    return torch.where(x > 0, x**n, -LEAK * x)


def loss_of(weights, states, targets, n, scale):
    """Sum over items and class neurons of (target - field)^2; class neurons are off in `states`."""
    h = states @ weights.T
    classes = weights[:, -targets.shape[1] :]
    on = h[:, None, :] + 2 * classes.T[None, :, :]
    fields = (interaction(scale * on, n) - interaction(scale * h, n)[:, None, :]).sum(2)
    return ((targets - fields) ** 2).sum()


def train(weights, states, targets, n, epochs, chunk, evaluate):
    """Full-batch training; returns the loss of each epoch, before its step."""
    weights = weights.clone().requires_grad_(True)
    velocity, losses = torch.zeros_like(weights), []
    items, pixels = len(states), weights.shape[1] - targets.shape[1]
    scale = 1 / (TEMPERATURE * weights.shape[1])
    for epoch in range(1, epochs + 1):
        weights.grad, total = None, 0.0
        for part, aims in zip(states.split(chunk), targets.split(chunk)):
            loss = evaluate(weights, part, aims, n, scale) / items
            loss.backward()
            total += loss.item()
        losses.append(total)
        with torch.no_grad():
            velocity = MOMENTUM * velocity + weights.grad
            largest = velocity.abs().amax(1, keepdim=True).clamp_min(1e-30)
            weights -= RATE * DECAY**epoch * velocity / largest
            weights[:, :pixels].clamp_(-1, 1)
    return losses


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dam", type=Path, default=Path("target/release/dam"), help="the command to compare with")
    parser.add_argument("--n", type=int, nargs="+", default=[2, 20], help="interaction vertices")
    parser.add_argument("--items", type=int, default=8000)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--runs", type=int, default=5, help="of each, in turns")
    parser.add_argument("--threads", type=int, default=1, help="of both")
    parser.add_argument("--chunk", type=int, default=250)
    parser.add_argument("--compile", action="store_true", help="with torch.compile")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    # As `dam` does with powers that nothing is left of: subnormal numbers take many times as long.
    torch.set_flush_denormal(True)
    evaluate = torch.compile(loss_of) if arguments.compile else loss_of
    failed = False
    print(f"PyTorch {torch.__version__}, {arguments.items} items, full batch, threads: {arguments.threads}; us an item-presentation")
    for n in arguments.n:
        ours, theirs, apart = [], [], 0.0
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "bench.safetensors"
            for run in range(arguments.runs + 1):
                subprocess.run(
                    [arguments.dam, "bench", "--export", file, "--n", str(n), "--items", str(arguments.items)]
                    + ["--epochs", str(arguments.epochs), "--threads", str(arguments.threads)],
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
                with safe_open(file, "pt") as tensors:
                    weights, states = tensors.get_tensor("weights"), tensors.get_tensor("states").float()
                    targets, losses = tensors.get_tensor("targets").float(), tensors.get_tensor("losses")
                    seconds = tensors.get_tensor("seconds").item()
                start = time.perf_counter()
                mine = train(weights, states, targets, n, arguments.epochs, arguments.chunk, evaluate)
                elapsed = time.perf_counter() - start
                apart = max(apart, *(abs(a / b - 1) for a, b in zip(mine, losses.tolist())))
                if run > 0:  # The first warms up.
                    ours.append(seconds)
                    theirs.append(elapsed)
        each = 1e6 / (arguments.items * arguments.epochs)
        a, b = statistics.median(ours) * each, statistics.median(theirs) * each
        ratio = statistics.median(b / a for a, b in zip(ours, theirs))
        print(f"n = {n:<3} dam {a:7.2f}   PyTorch {b:7.1f}   ratio {ratio:5.1f}   losses differ by {apart:.1e}")
        failed |= not apart < TOLERANCE
    if failed:
        sys.exit(f"the two do not learn the same: losses differ by more than {TOLERANCE}")


if __name__ == "__main__":
    main()

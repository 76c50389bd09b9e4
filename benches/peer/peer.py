"""The same training in PyTorch, eager and compiled, and in JAX: what the training of `dam` is measured against.

`dam bench --export` writes items, first weights, the order of the items, its settings, the loss of each epoch, and how long
that took. This program trains on the same items from the same weights in f32 in each of the three ways, checks that the
losses are the same, and prints the times, in turns, and how many times as long as `dam` the fastest of the three takes.

    pip install torch jax safetensors
    python benches/peer/peer.py --dam target/release/dam

The network is the one of docs/numerics.md: h = <zeta, xi> for all items and memory vectors by one matrix product, from
which every clamped state differs by one class neuron's weight; the gradient by the library's own differentiation; the step
of section 3. Items are taken a chunk at a time, so that what is in flight stays in the cache: `--chunk` 250 was the fastest
of 50 to 8000. All run on the same cores, as many as `--threads`.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from safetensors import safe_open

# Of the loss, for each step before it: each adds in an order of its own, and what that changes grows with the steps.
TOLERANCE = 5e-5


class Training:
    """What `dam bench --export` wrote."""

    def __init__(self, file):
        with safe_open(file, "numpy") as tensors:
            get = tensors.get_tensor
            self.weights, self.orders, self.losses = get("weights"), get("orders"), get("losses")
            self.states, self.targets = get("states").astype(np.float32), get("targets").astype(np.float32)
            self.seconds = get("seconds").item()
            metadata = tensors.metadata()
        self.batch = int(metadata["batch"])
        settings = json.loads(metadata["settings"])
        expected = {"loss": "power", "error_exponent": 1, "coding": "bipolar", "context": "off", "reduction": "mean", "decays": "batch"}
        for key, value in expected.items():
            if settings.get(key, value) != value:
                sys.exit(f"{key} is {settings[key]}: this program knows {value} alone")
        self.n, self.momentum, self.floor = settings["n"], settings["momentum"], settings["floor"]
        self.rate, self.decay = settings["learning_rate"], settings["decay"]
        self.scale = 1 / (settings["temperature"] * self.weights.shape[1])
        self.leak = {"rising-leak": 1, "falling-leak": -1}[settings["interaction"]] * settings["leak"]
        self.tanh = settings["activation"] == "tanh"
        self.pixels = self.weights.shape[1] - self.targets.shape[1]

    def batches(self):
        """The items of each minibatch and the learning rate of its step, epoch after epoch."""
        number = 0
        for order in self.orders:
            parts = [order[i : i + self.batch].astype(np.int64) for i in range(0, len(order), self.batch)]
            yield [(part, self.rate * self.decay ** (number + i + 1)) for i, part in enumerate(parts)]
            number += len(parts)


class Torch:
    def __init__(self, compiled, threads):
        import torch

        self.torch, self.name = torch, "compiled" if compiled else "eager"
        torch.set_num_threads(threads)
        # As `dam` does with powers that nothing is left of: subnormal numbers take many times as long.
        torch.set_flush_denormal(True)
        self.loss = torch.compile(self.loss_of) if compiled else self.loss_of

    def loss_of(self, weights, states, targets, n, scale, leak, tanh):
        """Sum over items and class neurons of (target - activation of the field)^2; class neurons are off in `states`."""
        interaction = lambda x: self.torch.where(x > 0, x**n, leak * x)
        h = states @ weights.T
        classes = weights[:, -targets.shape[1] :]
        on = h[:, None, :] + 2 * classes.T[None, :, :]
        fields = (interaction(scale * on) - interaction(scale * h)[:, None, :]).sum(2)
        return ((targets - (fields.tanh() if tanh else fields)) ** 2).sum()

    def train(self, given, chunk):
        torch = self.torch
        weights = torch.tensor(given.weights).requires_grad_(True)
        states, targets = torch.tensor(given.states), torch.tensor(given.targets)
        velocity, losses = torch.zeros_like(weights), []
        for batches in given.batches():
            total = 0.0
            for items, rate in batches:
                weights.grad = None
                items = torch.tensor(items)
                for part in items.split(chunk):
                    arguments = (given.n, given.scale, given.leak, given.tanh)
                    loss = self.loss(weights, states[part], targets[part], *arguments) / len(items)
                    loss.backward()
                    total += loss.item() / len(batches)
                with torch.no_grad():
                    velocity = given.momentum * velocity + weights.grad
                    weights -= rate * velocity / velocity.abs().amax(1, keepdim=True).clamp_min(given.floor)
                    weights[:, : given.pixels].clamp_(-1, 1)
            losses.append(total)
        return losses


class Jax:
    name = "jax"

    def __init__(self):
        import jax
        import jax.numpy as jnp

        def loss_of(weights, states, targets, n, scale, leak, tanh):
            interaction = lambda x: jnp.where(x > 0, x**n, leak * x)
            h = states @ weights.T
            on = h[:, None, :] + 2 * weights[:, -targets.shape[1] :].T[None, :, :]
            fields = (interaction(scale * on) - interaction(scale * h)[:, None, :]).sum(2)
            return ((targets - (jnp.tanh(fields) if tanh else fields)) ** 2).sum()

        def step(weights, velocity, gradient, rate, momentum, floor, pixels):
            velocity = momentum * velocity + gradient
            largest = jnp.maximum(jnp.abs(velocity).max(1, keepdims=True), floor)
            weights = weights - rate * velocity / largest
            return weights.at[:, :pixels].set(jnp.clip(weights[:, :pixels], -1, 1)), velocity

        self.jnp = jnp
        self.slope = jax.jit(jax.value_and_grad(loss_of), static_argnums=(3, 4, 5, 6))
        self.step = jax.jit(step, static_argnums=(4, 5, 6))

    def train(self, given, chunk):
        jnp = self.jnp
        weights, states, targets = jnp.array(given.weights), jnp.array(given.states), jnp.array(given.targets)
        velocity, losses = jnp.zeros_like(weights), []
        for batches in given.batches():
            total = 0.0
            for items, rate in batches:
                gradient = 0
                for first in range(0, len(items), chunk):
                    part = items[first : first + chunk]
                    arguments = (given.n, given.scale, given.leak, given.tanh)
                    loss, slope = self.slope(weights, states[part], targets[part], *arguments)
                    gradient = gradient + slope / len(items)
                    total += float(loss) / len(items) / len(batches)
                weights, velocity = self.step(weights, velocity, gradient, rate, given.momentum, given.floor, given.pixels)
            losses.append(total)
        weights.block_until_ready()
        return losses


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dam", type=Path, default=Path("target/release/dam"), help="the command to compare with")
    parser.add_argument("--n", type=int, nargs="+", default=[2, 5, 10, 20], help="interaction vertices")
    parser.add_argument("--items", type=int, default=8000)
    parser.add_argument("--batch", type=int, help="items of a minibatch, instead of all")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--runs", type=int, default=7, help="of each, in turns")
    parser.add_argument("--threads", type=int, default=1, help="of all")
    parser.add_argument("--chunk", type=int, default=250)
    parser.add_argument("--peers", nargs="+", choices=["eager", "compiled", "jax"], default=["eager", "compiled", "jax"])
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.threads])
    make = {
        "eager": lambda: Torch(False, arguments.threads),
        "compiled": lambda: Torch(True, arguments.threads),
        "jax": Jax,
    }
    peers = [make[name]() for name in arguments.peers]
    batch = f"batches of {arguments.batch}" if arguments.batch else "full batch"
    print(f"{arguments.items} items, {batch}, threads: {arguments.threads}; us an item-presentation, medians of {arguments.runs}")
    print("n      dam" + "".join(f"{peer.name:>11}" for peer in peers) + "   fastest / dam   losses apart")
    failed = False
    for n in arguments.n:
        ours, theirs, apart = [], [[] for _ in peers], 0.0
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "bench.safetensors"
            command = [arguments.dam, "bench", "--export", file, "--n", n, "--items", arguments.items]
            command += ["--epochs", arguments.epochs, "--threads", arguments.threads]
            command += ["--batch", arguments.batch] if arguments.batch else []
            for run in range(arguments.runs + 1):
                subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
                given = Training(file)
                seconds = []
                for peer in peers:
                    start = time.perf_counter()
                    losses = peer.train(given, arguments.chunk)
                    seconds.append(time.perf_counter() - start)
                    apart = max(apart, *(abs(a / b - 1) for a, b in zip(losses, given.losses.tolist())))
                if run > 0:  # The first warms up, and compiles.
                    ours.append(given.seconds)
                    for all_of_it, one in zip(theirs, seconds):
                        all_of_it.append(one)
        each = 1e6 / (arguments.items * arguments.epochs)
        fastest = min(theirs, key=statistics.median)
        ratio = statistics.median(peer / dam for dam, peer in zip(ours, fastest))
        times = "".join(f"{statistics.median(times) * each:11.1f}" for times in theirs)
        print(f"{n:<3} {statistics.median(ours) * each:6.2f}{times} {ratio:15.1f} {apart:14.1e}", flush=True)
        steps = arguments.epochs * -(-arguments.items // (arguments.batch or arguments.items))
        failed |= not apart < TOLERANCE * steps
    if failed:
        sys.exit(f"they do not learn the same: losses differ by more than {TOLERANCE} a step")


if __name__ == "__main__":
    main()

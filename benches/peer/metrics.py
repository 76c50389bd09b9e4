"""Forgetting and transfer of results, by avalanche's own classes.

    pip install avalanche-lib
    python benches/peer/metrics.py results/store/trials/*.json

Each file is a result of `dam` (docs/result-file.md). Avalanche's metrics are given the accuracies one by one, as its evaluation
loop gives them, and what they say is held against what the file says. Fails where anything differs by more than 1e-12.
"""

import json
import sys

from avalanche.evaluation.metrics.forgetting_bwt import BWT, Forgetting
from avalanche.evaluation.metrics.forward_transfer import ForwardTransfer

TOLERANCE = 1e-12


def by_avalanche(result):
    """Forgetting, backward and forward transfer, each the mean over tasks."""
    accuracy = result["accuracy_matrix"]
    forgetting, backward, forward = Forgetting(), BWT(), ForwardTransfer()
    for task, untrained in enumerate(result["untrained_accuracy"]):
        forward.update(task, untrained, initial=True)
    for after, row in enumerate(accuracy):
        for task in range(after + 1):
            forgetting.update(task, row[task], initial=task == after)
            backward.update(task, row[task], initial=task == after)
        if after + 1 < len(accuracy):
            forward.update(after + 1, row[after + 1])
    return [mean(metric.result()) for metric in (forgetting, backward, forward)]


def mean(values):
    return sum(values.values()) / len(values)


def main(paths):
    worst, compared = 0.0, 0
    for path in paths:
        with open(path) as file:
            result = json.load(file)
        if len(result["accuracy_matrix"]) < 2:
            continue
        forgetting, backward, forward = by_avalanche(result)
        # What avalanche calls forgetting is the backward transfer of Lopez-Paz and Ranzato with the other sign.
        ours = (-result["backward_transfer"], result["backward_transfer"], result["forward_transfer"])
        worst = max([worst] + [abs(a - b) for a, b in zip((forgetting, backward, forward), ours)])
        compared += 1
    print(f"{compared} results, largest difference {worst:.1e}")
    return 0 if compared and worst <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Scores of confusion matrices by scikit-learn, and of sequences by NumPy: `python scores.py RESULT.json... > scores.json`.

The first matrices are those of results of `dam run`, the others are drawn, some with classes that never occur or are never
answered. Needs scikit-learn.
"""

import json
import sys

import numpy as np
import sklearn
from sklearn.metrics import accuracy_score, f1_score


def scores(confusion):
    labels = [label for label, row in enumerate(confusion) for count in row for _ in range(count)]
    answers = [answer for row in confusion for answer, count in enumerate(row) for _ in range(count)]
    f1 = {average: f1_score(labels, answers, average=average, zero_division=0) for average in ("macro", "micro", "weighted")}
    return {"confusion": confusion, "accuracy": accuracy_score(labels, answers), **f1}


def sequence(matrix, untrained):
    """R[after][task]; divisors are T - 1."""
    r, b = np.array(matrix), np.array(untrained)
    last = len(r) - 1
    own = np.diag(r)
    return {
        "accuracy_matrix": matrix,
        "untrained_accuracy": untrained,
        "average_accuracy_after": [r[after, : after + 1].mean() for after in range(len(r))],
        # Rows from the task on: a task that was not yet learned was not yet there to be forgotten.
        "forgetting": float(np.mean([r[task:last, task].max() - r[last, task] for task in range(last)])),
        "backward_transfer": float((r[last] - own)[:last].mean()),
        "forward_transfer": float(np.mean([r[task - 1, task] - b[task] for task in range(1, len(r))])),
    }


found = [json.load(open(name)) for name in sys.argv[1:]]
rng = np.random.default_rng(17)
drawn = [rng.integers(0, 40, (classes, classes)).tolist() for classes in (2, 3, 10)]
# A class that never occurs, one that is never answered, one that is neither, and decisions that are all right or all wrong.
absent, silent, gone = (rng.integers(1, 40, (4, 4)) for _ in range(3))
absent[2, :] = 0
silent[:, 1] = 0
gone[3, :] = gone[:, 3] = 0
right, wrong = np.diag([5, 1, 9]), np.array([[0, 4, 1], [2, 0, 0], [0, 3, 0]])
drawn += [matrix.tolist() for matrix in (absent, silent, gone, right, wrong)]
json.dump(
    {
        "scikit_learn": sklearn.__version__,
        "scores": [scores(matrix) for result in found for matrix in result["confusion"]] + [scores(matrix) for matrix in drawn],
        "sequences": [sequence(result["accuracy_matrix"], result["untrained_accuracy"]) for result in found],
    },
    sys.stdout,
)
print()

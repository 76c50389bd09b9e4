"""Trains what networks for boards are compared with, and writes it as C headers: `cargo xtask peers` runs this.

    pip install numpy scikit-learn emlearn torch flatbuffers tflite
    python benches/peer/boards.py FOLDER

FOLDER has the images of `cargo xtask search`, in its three parts, packed as the boards' states are. Settings are chosen by
the validation images; the test images are looked at once, by the quantised models. `peers.tsv` there tells, for each: its
name, its C source in benches/peer/boards, and how many test images are right by the same arithmetic here.
"""

import sys
import warnings
from pathlib import Path

import emlearn
import lite
import numpy as np
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

PIXELS, CLASSES, TREES = 196, 10, 20
SEED = 1


def read(folder, part):
    """Images as 0 and 1, and labels."""
    labels = np.fromfile(folder / f"{part}.labels", np.uint8)
    states = np.fromfile(folder / f"{part}.bin", "<u4").reshape(len(labels), -1)
    bits = np.unpackbits(states.view(np.uint8), axis=1, bitorder="little")
    return bits[:, :PIXELS].astype(np.int64), labels


def bytes_of(weights):
    """Weights of 8 bits, and what they were multiplied by."""
    scale = 127 / np.abs(weights).max()
    return np.rint(weights * scale).astype(np.int64), scale


def words(weights):
    """Rows of weights plus 128, four to a word, as numbers of C."""
    packed = np.ascontiguousarray((weights + 128).astype(np.uint8)).view("<u4")
    return ", ".join(f"{word:#010x}u" for word in packed.ravel())


def write(folder, name, text):
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "model.h").write_text("#include <stdint.h>\n" + text)


def numbers(values):
    return ", ".join(str(int(value)) for value in np.ravel(values))


def linear(folder, training, validation, test):
    """Logistic regression; returns how many test images are right."""
    best = None
    for strength in [0.01, 0.1]:
        model = LogisticRegression(C=strength, max_iter=200).fit(*training)
        right = model.score(*validation)
        if best is None or right > best[0]:
            best = (right, model)
    weights, scale = bytes_of(best[1].coef_.T)
    biases = np.rint(best[1].intercept_ * scale).astype(np.int64)
    row = np.zeros((PIXELS, 12), np.int64)
    row[:, :CLASSES] = weights
    write(folder, "logistic regression", f"static const uint32_t rows[] = {{{words(row)}}};\n"
          f"static const int32_t biases[10] = {{{numbers(biases)}}};\n")
    return int(((test[0] @ weights + biases).argmax(1) == test[1]).sum())


def trained(hidden, training, validation):
    """Weights and biases of a perceptron with a hidden layer."""
    tensor = lambda part: (torch.tensor(part[0], dtype=torch.float32), torch.tensor(part[1], dtype=torch.int64))
    (items, labels), (shown, expected) = tensor(training), tensor(validation)
    best = None
    for rate in [0.003, 0.01]:
        torch.manual_seed(SEED)
        model = torch.nn.Sequential(torch.nn.Linear(PIXELS, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, CLASSES))
        optimizer = torch.optim.Adam(model.parameters(), lr=rate)
        epochs = 25
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
        for _ in range(epochs):
            for batch in torch.randperm(len(items)).split(200):
                optimizer.zero_grad()
                torch.nn.functional.cross_entropy(model(items[batch]), labels[batch]).backward()
                optimizer.step()
            schedule.step()
            with torch.no_grad():
                right = (model(shown).argmax(1) == expected).float().mean().item()
            if best is None or right > best[0]:
                best = (right, [parameter.detach().double().numpy().copy() for parameter in model.parameters()])
    return best[1]


def perceptron(folder, parameters, validation, test):
    """A perceptron in C; returns how many test images are right."""
    first, first_bias, second, second_bias = parameters
    hidden = len(first)
    rows, scale = bytes_of(first.T)
    hidden_biases = np.rint(first_bias * scale).astype(np.int64)
    # Hidden values of 8 bits: shifted so that as good as none is above 255.
    values = np.maximum(validation[0] @ rows + hidden_biases, 0)
    shift = max(0, int(np.ceil(np.log2(np.quantile(values, 0.999) / 255))))
    output, output_scale = bytes_of(second.T)
    biases = np.rint(second_bias * output_scale * scale / 2**shift).astype(np.int64)
    groups = rows.reshape(PIXELS, hidden // 16, 16).transpose(1, 0, 2)
    table = ", ".join("{" + numbers(row) + "}" for row in output)
    write(folder, f"perceptron {hidden}", f"#define HIDDEN {hidden}u\n#define SHIFT {shift}\n"
          f"static const uint32_t rows[] = {{{words(groups)}}};\n"
          f"static const int32_t hidden_biases[HIDDEN] = {{{numbers(hidden_biases)}}};\n"
          f"static const int8_t output[HIDDEN][10] = {{{table}}};\n"
          f"static const int32_t biases[10] = {{{numbers(biases)}}};\n")
    values = np.minimum(np.maximum(test[0] @ rows + hidden_biases, 0) >> shift, 255)
    return int(((values @ output + biases).argmax(1) == test[1]).sum())


def microflow(folder, name, parameters, validation, test):
    """The same perceptron by microflow; returns how many test images are right."""
    layers = lite.quantised(parameters, validation[0])
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "perceptron.tflite").write_bytes(lite.file(layers))
    return int((lite.answers(layers, test[0]) == test[1]).sum())


def forest(folder, training, validation, test):
    """A forest, its leaves by validation; returns how many test images are right.

    emlearn compares whole numbers: a pixel that is on is 2, so that 1 is between on and off. Each tree has one vote.
    """
    training, validation, test = ((2 * items, labels) for items, labels in (training, validation, test))
    best = None
    for leaves in [64, 128, 256]:
        model = RandomForestClassifier(TREES, max_leaf_nodes=leaves, random_state=SEED, n_jobs=2).fit(*training)
        right = model.score(*validation)
        if best is None or right > best[0]:
            best = (right, model)
    converted = emlearn.convert(best[1], method="inline", dtype="int16_t")
    write(folder, "forest 20", converted.save(name="forest"))
    votes = sum(np.eye(CLASSES, dtype=int)[tree.predict(test[0]).astype(int)] for tree in best[1].estimators_)
    return int((votes.argmax(1) == test[1]).sum())


def main():
    folder = Path(sys.argv[1])
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    training, validation, test = (read(folder, part) for part in ["training", "validation", "test"])
    lines = [("logistic regression", "linear.c", linear(folder, training, validation, test))]
    for hidden in [16, 32]:
        parameters = trained(hidden, training, validation)
        lines.append((f"perceptron {hidden}", "mlp.c", perceptron(folder, parameters, validation, test)))
    name = f"perceptron {hidden}, microflow"
    lines.append((name, "microflow.c", microflow(folder, name, parameters, validation, test)))
    lines.append(("forest 20", "forest.c", forest(folder, training, validation, test)))
    (folder / "peers.tsv").write_text("".join("\t".join(map(str, line)) + "\n" for line in lines))


main()

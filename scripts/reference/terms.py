"""Makes packages/core/src/stl/testing/terms.json: terms of the cells of maps, and their gradients, by PyTorch in float64.

Needs Debian's python3-torch. Maps are hashes (common.py), so only targets and results are stored.
"""
import json
import sys

import numpy as np
import torch
import torch.nn.functional as F

from common import uniform

torch.set_num_threads(1)
SHAPE = (4, 3, 5, 4)
POSITIVE = 1


def absent(z, has, lacks):
    return sum(w * -torch.log(1 - torch.sigmoid(x)).mean() for x, w in zip(z, lacks)) / len(z)


def background(z, has, lacks, share):
    count = max(1, int(np.floor(share * z[0].numel() + 0.5)))
    lowest = [x.flatten().sort().values[:count] for x in z]
    return sum(w * -F.logsigmoid(-x).mean() for x, w in zip(lowest, has)) / len(z)


def size(z, has, lacks, largest):
    excess = [torch.clamp(torch.sigmoid(x).mean() - largest, min=0) for x in z]
    return sum(w * e**2 for e, w in zip(excess, has)) / len(z)


def variation(z, has, lacks):
    def total(p):
        return ((p[1:] - p[:-1]).abs().sum() + (p[:, 1:] - p[:, :-1]).abs().sum()) / p.numel()

    return sum((a + b) * total(torch.sigmoid(x)) for x, a, b in zip(z, has, lacks)) / len(z)


TERMS = {
    "absent": absent,
    "background .5": lambda *e: background(*e, 0.5),
    "background .33": lambda *e: background(*e, 0.33),
    "background .01": lambda *e: background(*e, 0.01),
    "background 1": lambda *e: background(*e, 1),
    "size .25": lambda *e: size(*e, 0.25),
    "size .6": lambda *e: size(*e, 0.6),
    "variation": variation,
}

# One class an image, with the weights of classes and of a minibatch that is not full; then signed, several or none.
SINGLE = [[0, 1.5, 0], [0.5, 0, 0], [0, 0, 2], [0, 0.75, 0]]
SEVERAL = [[1.25, -1.25, 1.25], [-1, -1, -1], [0, 1, -1], [0, 0, 0]]


def evidence(maps, targets, several):
    """Per image and class z [h, w], the weight with which it has the class and that with which it lacks it, over N images."""
    if several:
        return [[(maps[n, k], max(t[k], 0), max(-t[k], 0)) for n, t in enumerate(targets)] for k in range(SHAPE[1])]
    others = [k for k in range(SHAPE[1]) if k != POSITIVE]
    margin = [maps[n, POSITIVE] - sum(maps[n, k] for k in others) / len(others) for n in range(SHAPE[0])]
    return [[(z, t[POSITIVE], sum(t[k] for k in others)) for z, t in zip(margin, targets)]]


cases = []
for several, targets in ((False, SINGLE), (True, SEVERAL)):
    for name, term in TERMS.items():
        maps = torch.tensor(uniform(int(np.prod(SHAPE)), 5, 3.0).reshape(SHAPE), requires_grad=True)
        value = sum(term(*zip(*images)) for images in evidence(maps, targets, several))
        value.backward()
        cases.append({"term": name, "multiLabel": several, "targets": targets, "value": value.item(), "gradient": maps.grad.flatten().tolist()})

made = f"scripts/reference/terms.py, PyTorch {torch.__version__}, float64"
with open(sys.argv[1], "w") as file:
    json.dump({"shape": SHAPE, "positive": POSITIVE, "cases": cases, "madeBy": made}, file, separators=(",", ":"))
    file.write("\n")

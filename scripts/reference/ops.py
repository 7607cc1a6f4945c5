"""Makes packages/core/src/graph/testing/ops.json: per op, inputs, output and gradients by PyTorch in float64.

Needs Debian's python3-torch. The loss of every case is sum(output * weights); gradients are of that loss.
"""
import json
import sys

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
rng = np.random.RandomState(7)
cases = []


def tensor(shape, low=-2.0, high=2.0):
    """Multiples of 1/64, exact in float32; all distinct, so that no maximum ties and nothing sits on a kink."""
    size = int(np.prod(shape, dtype=int))
    steps = np.arange(int(low * 64), int(high * 64))
    steps = steps[steps != 0]
    replace = size > steps.size
    return torch.tensor(rng.choice(steps, size=size, replace=replace).reshape(shape) / 64.0, dtype=torch.float64)


def encode(t):
    kind = {torch.float64: "float32", torch.int64: "int64", torch.bool: "bool"}[t.dtype]
    return {"dataType": kind, "shape": list(t.shape), "data": t.detach().reshape(-1).to(torch.float64).tolist()}


def case(op, name, function, inputs, attributes=None, differentiable=None):
    """`differentiable`: which inputs get a gradient; all float ones unless given."""
    leaves = [i.clone().requires_grad_(i.dtype == torch.float64) for i in inputs]
    output = function(*leaves)
    entry = {"op": op, "name": name, "attributes": attributes or {}, "inputs": [encode(i) for i in inputs], "output": encode(output)}
    wanted = differentiable if differentiable is not None else [i for i, x in enumerate(inputs) if x.dtype == torch.float64]
    if wanted:
        weights = tensor(output.shape, -1, 1)
        (output * weights).sum().backward()
        entry["weights"] = encode(weights)
        entry["gradients"] = [encode(x.grad) if i in wanted else None for i, x in enumerate(leaves)]
    cases.append(entry)


for op, f in (("add", torch.add), ("sub", torch.sub), ("mul", torch.mul), ("maximum", torch.maximum)):
    case(op, "same shapes", f, [tensor((2, 3, 4)), tensor((2, 3, 4))])
    case(op, "broadcast both ways", f, [tensor((2, 1, 4)), tensor((3, 1))])
    case(op, "scalar", f, [tensor((2, 3)), tensor(())])
case("div", "same shapes", torch.div, [tensor((2, 3, 4)), tensor((2, 3, 4), 0.5, 3)])
case("div", "broadcast both ways", torch.div, [tensor((2, 1, 4)), tensor((3, 1), 0.5, 3)])
case("neg", "matrix", torch.neg, [tensor((3, 4))])
case("exp", "matrix", torch.exp, [tensor((3, 4))])
case("log", "positive values", torch.log, [tensor((3, 4), 0.25, 4)])
case("sqrt", "positive values", torch.sqrt, [tensor((3, 4), 0.25, 4)])
case("relu", "both signs", torch.relu, [tensor((3, 8))])
case("reluGradient", "linear in dy", lambda dy, y: dy * (y > 0), [tensor((3, 8)), torch.relu(tensor((3, 8)))], differentiable=[0])
a, b = tensor((4, 5)), tensor((4, 5))
b[1] = a[1]
case("greater", "with equal elements", lambda x, y: x > y, [a, b], differentiable=[])
case("equal", "with equal elements", lambda x, y: x == y, [a, b], differentiable=[])
case("where", "matrix", torch.where, [a > b, tensor((4, 5)), tensor((4, 5))])
case("where", "scalar branch", torch.where, [a > b, tensor((4, 5)), tensor(())])
case("cast", "bool to float32", lambda x: x.to(torch.float64), [a > b], {"to": "float32"}, differentiable=[])
case("cast", "float32 to float32", lambda x: x.to(torch.float64), [a], {"to": "float32"})
case("stopGradient", "passes its value", lambda x: x.detach(), [a], differentiable=[])
case("reshape", "regroups", lambda x: x.reshape(4, 6), [tensor((2, 3, 4))], {"shape": [4, 6]})
case("flatten", "keeps the first axis", lambda x: x.flatten(1), [tensor((2, 3, 4))])
case("transpose", "cycles axes", lambda x: x.permute(1, 2, 0), [tensor((2, 3, 4))], {"permutation": [1, 2, 0]})
case("expand", "broadcasts", lambda x: x.expand(2, 3, 4), [tensor((3, 1))], {"shape": [2, 3, 4]})
case("slice", "two axes", lambda x: x[:, 1:3, 0:2], [tensor((2, 4, 3))], {"starts": [0, 1, 0], "ends": [2, 3, 2]})
case("slice", "whole", lambda x: x[:, :], [tensor((2, 4))], {"starts": [0, 0], "ends": [2, 4]})
case("concat", "three parts", lambda *x: torch.cat(x, 1), [tensor((2, 1, 3)), tensor((2, 2, 3)), tensor((2, 1, 3))], {"axis": 1})
case("pad", "unequal", lambda x: F.pad(x, (1, 0, 0, 2)), [tensor((2, 3, 4))], {"before": [0, 0, 1], "after": [0, 2, 0]})
for keep in (False, True):
    label = "kept axes" if keep else "dropped axes"
    attributes = {"axes": [0, 2], "keep": keep}
    case("reduceSum", label, lambda x: x.sum((0, 2), keepdim=keep), [tensor((2, 3, 4))], attributes)
    case("reduceMean", label, lambda x: x.mean((0, 2), keepdim=keep), [tensor((2, 3, 4))], attributes)
    case("reduceMax", label, lambda x: x.amax((0, 2), keepdim=keep), [tensor((2, 3, 4))], attributes)
    case("reduceSumSquare", label, lambda x: (x * x).sum((0, 2), keepdim=keep), [tensor((2, 3, 4))], attributes)
tied = torch.tensor([[1.0, 1.0, 0.5, 0.25], [0.5, 0.25, 2.0, 2.0]], dtype=torch.float64)
case("reduceMax", "ties share equally", lambda x: x.amax(1), [tied], {"axes": [1], "keep": False})
case("softmax", "last axis", lambda x: torch.softmax(x, -1), [tensor((3, 5))])
for ta in (False, True):
    for tb in (False, True):
        left, right = tensor((4, 3) if ta else (3, 4)), tensor((5, 4) if tb else (4, 5))
        product = lambda x, y, *c: (x.T if ta else x) @ (y.T if tb else y) + (c[0] if c else 0)
        attributes = {"transA": ta, "transB": tb}
        case("gemm", f"transA {ta}, transB {tb}", product, [left, right], attributes)
        case("gemm", f"transA {ta}, transB {tb}, bias", product, [left, right, tensor((5,))], attributes)
case("gemm", "matrix addend", lambda x, y, c: x @ y + c, [tensor((3, 4)), tensor((4, 5)), tensor((3, 5))], {"transA": False, "transB": False})


def conv_case(name, shape, channels, kernel, stride, pads):
    top, left, bottom, right = pads
    forward = lambda x, w, b: F.conv2d(F.pad(x, (left, right, top, bottom)), w, b, stride=stride)
    x, w, b = tensor(shape), tensor((channels, shape[1], *kernel)), tensor((channels,))
    geometry = {"strides": list(stride), "pads": list(pads)}
    case("conv2d", name, forward, [x, w, b], geometry)
    x, w = x.clone().requires_grad_(), w.clone().requires_grad_()
    y = forward(x, w, b)
    dy = tensor(y.shape)
    y.backward(dy)
    case("conv2dInputGradient", name, lambda *_: x.grad, [dy, w.detach()], {**geometry, "inputShape": list(shape)}, differentiable=[])
    case("conv2dWeightGradient", name, lambda *_: w.grad, [x.detach(), dy], {**geometry, "kernel": list(kernel)}, differentiable=[])


conv_case("3x3 pad 1", (2, 3, 5, 6), 4, (3, 3), (1, 1), (1, 1, 1, 1))
conv_case("5x5 pad 2", (2, 2, 6, 7), 3, (5, 5), (1, 1), (2, 2, 2, 2))
conv_case("1x1", (3, 4, 3, 2), 2, (1, 1), (1, 1), (0, 0, 0, 0))
conv_case("unequal kernel and pads", (2, 2, 6, 5), 3, (3, 2), (1, 1), (2, 0, 1, 1))
conv_case("11x11 stride 4, border not reached", (2, 1, 22, 25), 3, (11, 11), (4, 4), (0, 0, 0, 0))
conv_case("11x11 stride 4 pad 5", (2, 1, 16, 16), 3, (11, 11), (4, 4), (5, 5, 5, 5))
conv_case("unequal strides", (1, 2, 9, 8), 2, (3, 3), (2, 3), (1, 0, 1, 0))
conv_case("pads beyond the kernel", (1, 2, 4, 4), 2, (2, 2), (1, 1), (2, 2, 2, 2))


def pool_case(name, x, kernel, stride, ceil, pads=(0, 0, 0, 0)):
    top, left, bottom, right = pads
    padded = lambda t: F.pad(t, (left, right, top, bottom), value=-np.inf)
    forward = lambda t: F.max_pool2d(padded(t), kernel, stride, ceil_mode=ceil)
    attributes = {"kernel": [kernel, kernel], "strides": [stride, stride], "pads": list(pads), "ceil": ceil}
    case("maxPool2d", name, forward, [x], attributes)
    leaf = x.clone().requires_grad_()
    y, indices = F.max_pool2d(padded(leaf), kernel, stride, ceil_mode=ceil, return_indices=True)
    n, c, h, w = x.shape
    # From places in the padded plane to places in the flattened, unpadded tensor, as ONNX counts them.
    rows, columns = indices // (left + w + right) - top, indices % (left + w + right) - left
    indices = rows * w + columns
    planes = (torch.arange(n * c) * h * w).reshape(n, c, 1, 1)
    dy = tensor(y.shape)
    y.backward(dy)
    case("maxPool2dGradient", name, lambda *_: leaf.grad, [dy, x, y.detach(), indices + planes], attributes, differentiable=[])


pool_case("3/2 ceil, overhanging", tensor((2, 2, 6, 8)), 3, 2, True)
pool_case("3/2 ceil, fitting", tensor((1, 2, 7, 5)), 3, 2, True)
pool_case("3/2 floor", tensor((2, 1, 6, 8)), 3, 2, False)
pool_case("2/2", tensor((1, 2, 4, 6)), 2, 2, False)
pool_case("3/1", tensor((1, 1, 5, 5)), 3, 1, False)
pool_case("3/2 padded before", tensor((2, 2, 6, 8)), 3, 2, False, (1, 1, 0, 0))
pool_case("3/2 padded after", tensor((2, 2, 6, 8)), 3, 2, False, (0, 0, 1, 1))
pool_case("3/2 padded unequally", tensor((1, 2, 7, 6)), 3, 2, True, (2, 1, 0, 1))
pool_case("ties go to the first", torch.ones((1, 1, 5, 5), dtype=torch.float64), 3, 2, True)

# Whole blocks of 4, 8 and 16 channels, for forms that take them.
conv_case("16 channels to 32, 3x3", (2, 16, 4, 5), 32, (3, 3), (1, 1), (1, 1, 1, 1))
conv_case("32 channels to 16, 3x2, unequal pads", (1, 32, 4, 4), 16, (3, 2), (1, 1), (2, 0, 1, 1))
conv_case("1 channel to 16, 5x5 stride 2", (2, 1, 9, 8), 16, (5, 5), (2, 2), (2, 2, 1, 1))
case("gemm", "matrix addend, beta", lambda x, y, c: x.T @ y + 0.9375 * c, [tensor((4, 3)), tensor((4, 5)), tensor((3, 5))], {"transA": True, "transB": False, "beta": 0.9375})

# What poolings beyond the paper's and sigmoid heads are made of.
case("sigmoid", "both signs", torch.sigmoid, [tensor((3, 8), -8, 8)])
case("softplus", "both signs", F.softplus, [tensor((3, 8), -8, 8)])
case("tanh", "both signs", torch.tanh, [tensor((3, 8))])
for k in (1, 4, 12):
    case("kthLargest", f"{k} of 12", lambda x: x.flatten(2).topk(k).values[:, :, k - 1:].unsqueeze(3), [tensor((2, 3, 3, 4))], {"k": k})
tied = torch.tensor([[[[3.0, 1.0, 2.0], [2.0, 2.0, 0.5]]]], dtype=torch.float64)
# PyTorch gives one of equal values the whole gradient; shared equally, as amax does, it is that of the mean of them.
case("kthLargest", "ties share equally", lambda x: x.flatten(2)[:, :, 2:5].mean(2).reshape(1, 1, 1, 1), [tied], {"k": 3})

# What averages a map over mirror images.
case("reverse", "last axis", lambda x: x.flip(3), [tensor((2, 1, 3, 4))], {"axes": [3]})
case("reverse", "two axes", lambda x: x.flip(2, 3), [tensor((2, 3, 3, 4))], {"axes": [2, 3]})
case("reverse", "axes apart", lambda x: x.flip(0, 2), [tensor((3, 2, 5))], {"axes": [0, 2]})

# Batch normalisation, by PyTorch's own; means far from 0 as well. Output 0 is compared.
batch_norm = lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True, eps=1e-5)
case("batchNormalization", "three channels", batch_norm, [tensor((2, 3, 4, 5)), tensor((3,)), tensor((3,))], {"epsilon": 1e-5})
case("batchNormalization", "one cell, far means", batch_norm, [tensor((6, 4, 1, 1), 3, 5), tensor((4,)), tensor((4,))], {"epsilon": 1e-5})

with open(sys.argv[1], "w") as file:
    json.dump({"cases": cases, "madeBy": f"scripts/reference/ops.py, PyTorch {torch.__version__}, float64"}, file, separators=(",", ":"))
    file.write("\n")

"""Makes packages/core/src/stl/testing/networks.json: losses and all parameters' gradients by PyTorch in float64.

Needs Debian's python3-torch. Weights, images and dropout masks are hashes (common.py), so only results are stored:
small gradients whole, others as their norm and eight projections.
"""
import json
import sys

import numpy as np
import torch
import torch.nn.functional as F

from common import projections, uniform

torch.set_num_threads(2)


def layers(x, parameters, half):
    """The first pooling's output and the features."""
    def conv(name, x, stride=1, pad=(1, 1)):
        x = F.pad(x, (pad[0], pad[1], pad[0], pad[1]))
        return F.relu(F.conv2d(x, parameters[f"{name}.weight"], parameters[f"{name}.bias"], stride=stride))

    def pool(x, before, after):
        if half:  # compact: padded so that every cell sees the input around its own 32 pixels
            return F.max_pool2d(F.pad(x, (before, after, before, after), value=-np.inf), 3, 2)
        return F.max_pool2d(x, 3, 2, ceil_mode=True)  # the paper's network, as Caffe has it

    shallow = pool(conv("conv1", x, 4, (2, 5) if half else (0, 0)), 0, 1)
    x = pool(conv("conv2", shallow, 1, (2, 2)), 0, 1)
    x = conv("conv5", conv("conv4", conv("conv3", x)))
    return shallow, conv("conv6", pool(x, 1, 0))


def features(x, parameters, half):
    return layers(x, parameters, half)[1]


def global_pool(c, pooling, r, top, parameters):
    """Features to logits, each pooling as its paper writes it."""
    weight, bias = parameters["localizer.weight"], parameters["localizer.bias"]
    maps = F.conv2d(c, weight, bias)
    if pooling == "max":
        return maps.amax((2, 3))
    if pooling == "average":
        return maps.mean((2, 3))
    if pooling in ("lse", "learnedLse"):
        if pooling == "learnedLse":
            r = r * torch.exp(parameters["localizer.sharpness"])
        return (torch.logsumexp(r * maps.flatten(2), 2) - np.log(maps.shape[2] * maps.shape[3])) / r
    if pooling == "topK":
        return maps.flatten(2).topk(top, 2).values.mean(2)
    if pooling == "pcam":  # Ye et al. 2020, eq. 3-4: features pooled with each class's normalised probabilities, then classified
        logits = []
        for k in range(weight.shape[0]):
            p = torch.sigmoid(maps[:, k : k + 1])
            pooled = (c * (p / p.sum((2, 3), keepdim=True))).sum((2, 3))
            logits.append(pooled @ weight[k, :, 0, 0] + bias[k])
        return torch.stack(logits, 1)
    # Ilse et al. 2018, eq. 7-9: h [N, cells, C]
    h = c.flatten(2).transpose(1, 2)
    linear = lambda name: h @ parameters[f"{name}.weight"][:, :, 0, 0].T + parameters[f"{name}.bias"]
    hidden = torch.tanh(linear("attention1"))
    if pooling == "gatedAttention":
        hidden = hidden * torch.sigmoid(linear("attentionGate"))
    scores = hidden @ parameters["attention2.weight"][0, :, 0, 0]
    bag = (torch.softmax(scores, 1).unsqueeze(2) * h).sum(1)
    return bag @ weight[:, :, 0, 0].T + bias


def pooling_shapes(pooling, channels):
    if pooling == "learnedLse":
        return {"localizer.sharpness": (1,)}
    if "ttention" not in pooling:
        return {}
    layers = ["attention1", "attentionGate"] if pooling == "gatedAttention" else ["attention1"]
    result = {}
    for name in layers:
        result[f"{name}.weight"], result[f"{name}.bias"] = (128, channels, 1, 1), (128,)
    result["attention2.weight"] = (1, 128, 1, 1)
    return result


def shapes(half, classes, classifier, cells, pooling):
    width = (lambda c: c // 2) if half else (lambda c: c)
    result, channels = {}, 1
    for name, out, k in (("conv1", 96, 11), ("conv2", 256, 5), ("conv3", 384, 3), ("conv4", 384, 3), ("conv5", 256, 3), ("conv6", 256, 3)):
        result[f"{name}.weight"], result[f"{name}.bias"] = (width(out), channels, k, k), (width(out),)
        channels = width(out)
    result["localizer.weight"], result["localizer.bias"] = (classes, channels, 1, 1), (classes,)
    result.update(pooling_shapes(pooling, channels))
    inputs = channels * cells
    for index, outputs in enumerate([*classifier, classes] if classifier else []):
        result[f"classifier{index + 1}.weight"], result[f"classifier{index + 1}.bias"] = (inputs, outputs), (outputs,)
        inputs = outputs
    return result


def classify(c, classifier, parameters, dropout):
    hidden = c.flatten(1)
    for index, width in enumerate(classifier):
        hidden = F.relu(hidden @ parameters[f"classifier{index + 1}.weight"] + parameters[f"classifier{index + 1}.bias"])
        if dropout:
            mask = (uniform(c.shape[0] * width, 2001 + index, 1.0) >= 0) * 2.0
            hidden = hidden * torch.tensor(mask.reshape(-1, width))
    last = len(classifier) + 1
    return hidden @ parameters[f"classifier{last}.weight"] + parameters[f"classifier{last}.bias"]


def grad_cam(c, classifier, parameters):
    """Selvaraju et al. 2017, eq. 1-2, for every image and class: [N, K, h, w]."""
    c = c.detach()
    maps = []
    for n in range(c.shape[0]):
        for k in range(parameters["localizer.weight"].shape[0]):
            features = c[n : n + 1].clone().requires_grad_()
            classify(features, classifier, parameters, dropout=False)[0, k].backward()
            weights = features.grad.mean((2, 3), keepdim=True)
            maps.append(F.relu((weights * features).sum(1)).detach())
    return torch.stack(maps).reshape(-1).tolist()


def layer_cam(x, parameters, half, pooling, r, top):
    """Jiang et al. 2021, eq. 5-7, at the first pooling, of each class's logit less the mean of the others', for every image and
    class: [N, K, h, w]; smoothed by a Gaussian of two cells (half of 32 pixels, 8 a cell), cut at three standard deviations."""
    distance = torch.arange(-6, 7, dtype=torch.float64)
    bell = torch.exp(-(distance**2) / (2 * 2.0**2))
    kernel = bell[:, None] * bell[None, :]
    kernel = (kernel / kernel.sum())[None, None]
    maps = []
    for n in range(x.shape[0]):
        for k in range(parameters["localizer.weight"].shape[0]):
            shallow, c = layers(x[n : n + 1], parameters, half)
            logits = global_pool(c, pooling, r, top, parameters)[0]
            others = [i for i in range(len(logits)) if i != k]
            (gradient,) = torch.autograd.grad(logits[k] - logits[others].mean(), shallow)
            cam = (F.relu(gradient) * shallow).sum(1, keepdim=True).detach()
            maps.append(F.conv2d(cam, kernel, padding=6))
    return torch.stack(maps).reshape(-1).tolist()


def reference(name, network, method, pooling, classifier, size, cells, batch, alpha, classes=2, r=10.0, multi_label=False):
    half = network == "compact"
    parameters = {}
    for stream, (key, shape) in enumerate(shapes(half, classes, classifier, cells[0] * cells[1], pooling).items(), start=1):
        fan_in = int(np.prod(shape[1:])) if len(shape) == 4 else shape[0]
        # The standard deviation of He initialisation; biases small, so that they matter.
        scale = np.sqrt(6.0 / fan_in) if len(shape) > 1 else 0.1
        values = uniform(int(np.prod(shape)), stream, scale).reshape(shape)
        parameters[key] = torch.tensor(values, requires_grad=True)
    x = torch.tensor(uniform(batch * size[0] * size[1], 1001, 1.5).reshape(batch, 1, *size))
    t = torch.zeros((batch, classes), dtype=torch.float64)
    t[torch.arange(batch), torch.arange(batch) % classes] = 1
    c = features(x, parameters, half)
    assert c.shape[2:] == tuple(cells), c.shape
    top = max(1, round(0.25 * cells[0] * cells[1]))
    if multi_label:  # every image has its class and the next
        t[torch.arange(batch), (torch.arange(batch) + 1) % classes] = 1
        loss_of = lambda logits: F.binary_cross_entropy_with_logits(logits, t, reduction="sum") / batch
    else:
        loss_of = lambda logits: -(F.log_softmax(logits, 1) * t).sum() / batch
    localizer = loss_of(global_pool(c, pooling, r, top, parameters))
    loss, losses = localizer, {"localizerLoss": localizer}
    if classifier:
        logits = classify(c, classifier, parameters, dropout=True)
        losses["classifierLoss"] = loss_of(logits)
        loss = (1 - alpha) * losses["classifierLoss"] + alpha * localizer
    losses["loss"] = loss
    loss.backward()
    gradients = {}
    for stream, (key, value) in enumerate(parameters.items(), start=1):
        g = value.grad.numpy()
        entry = {"shape": list(g.shape), "norm": float(np.linalg.norm(g)), "projections": projections(g, stream)}
        if g.size <= 512:
            entry["values"] = g.reshape(-1).tolist()
        gradients[key] = entry
    print(name, float(loss), file=sys.stderr)
    further = {"multiLabel": True} if multi_label else {}
    further |= {"gradCam": grad_cam(c, classifier, parameters)} if name == "compact, STL+AvePool" else {}
    if name in ("compact, STL+AvePool", "compact, STL+LSE"):
        further["layerCam"] = layer_cam(x, parameters, half, pooling, r, top)
    return {
        "name": name, "network": network, "method": method, "classifier": classifier, "width": size[1], "height": size[0],
        "batch": batch, "classes": classes, "alpha": alpha, "sharpness": r,
        "losses": {k: float(v) for k, v in losses.items()}, "gradients": gradients, **further,
    }


entries = [
    reference("the paper's network with its 4096-wide classifier at 224x224", "alexnet6", "STL+AvePool", "average", [4096, 4096], (224, 224), (6, 6), 2, 0.3),
    reference("the paper's network at 500x500", "alexnet6", "STL+MaxPool", "max", [64, 64], (500, 500), (15, 15), 2, 0.3),
]
for method, pooling in (("MaxPool", "max"), ("AvePool", "average"), ("LSE", "lse")):
    entries.append(reference(f"compact, {method}", "compact", method, pooling, [], (96, 128), (3, 4), 3, 1.0, r=0.5))
    entries.append(reference(f"compact, STL+{method}", "compact", f"STL+{method}", pooling, [32, 16], (96, 128), (3, 4), 3, 0.3, classes=3, r=0.5))

for method, pooling in (("LearnedLSE", "learnedLse"), ("TopK", "topK"), ("PCAM", "pcam"), ("Attention", "attention"), ("GatedAttention", "gatedAttention")):
    entries.append(reference(f"compact, STL+{method}", "compact", f"STL+{method}", pooling, [32, 16], (96, 128), (3, 4), 3, 0.3, classes=3, r=0.5))
entries.append(reference("compact, STL+PCAM, multi-label", "compact", "STL+PCAM", "pcam", [32, 16], (96, 128), (3, 4), 3, 0.3, classes=4, multi_label=True))

with open(sys.argv[1], "w") as file:
    json.dump({"entries": entries, "madeBy": f"scripts/reference/networks.py, PyTorch {torch.__version__}, float64"}, file, separators=(",", ":"))
    file.write("\n")

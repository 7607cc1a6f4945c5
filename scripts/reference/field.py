"""Makes packages/core/src/stl/testing/field.json: three training steps of the network `field` by PyTorch in float64.

Needs Debian's python3-torch: field.py packages/core/src/stl/testing/field.json. Weights and images are hashes (common.py), so only
results are stored: losses and gradient norm of each step, of every tensor of the state afterwards its norm and eight projections, and
what the trained network makes of the images in inference, by its running statistics.
"""
import json
import sys

import torch
import torch.nn.functional as F

from common import projections, uniform

torch.set_num_threads(1)
EPS = 1e-5
SIZE, BATCH, CLASSES, ALPHA, DECAY, AVERAGE = (20, 24), 4, 2, 0.3, 0.05, 0.99
LEARNING_RATES = (0.002, 0.001, 0.0005)
# A third as wide: 8, 8 at strides 2, 2; then 16, 16, 24, 24, of which every second adds its input.
CHANNELS, PADS = (8, 8, 16, 16, 24, 24), ((0, 1), (1, 0), (1, 1), (1, 1), (1, 1), (1, 1))


def shapes(normalization):
    result, channels = {}, 1
    for index, out in enumerate(CHANNELS):
        name = f"conv{index + 1}"
        result[f"{name}.weight"] = (out, channels, 3, 3)
        if normalization != "batch":
            result[f"{name}.bias"] = (out,)
        if normalization != "none":
            result[f"{name}.scale"], result[f"{name}.shift"] = (out,), (out,)
        channels = out
    result["localizer.weight"], result["localizer.bias"] = (CLASSES - 1, channels, 1, 1), (CLASSES - 1,)
    result["classifier1.weight"], result["classifier1.bias"] = (channels * 5 * 5, 16), (16,)
    result["classifier2.weight"], result["classifier2.bias"] = (16, CLASSES), (CLASSES,)
    return result


def start(key, shape, stream):
    values = torch.tensor(uniform(int(torch.tensor(shape).prod()), stream, 1.0).reshape(shape))
    if key.endswith(".weight"):
        fan_in = shape[0] if len(shape) == 2 else shape[1] * shape[2] * shape[3]
        return values * (0.05 if key.startswith("localizer") else (6 / fan_in) ** 0.5)
    return 1 + 0.2 * values if key.endswith(".scale") else 0.1 * values


def trunk(x, p, normalization, statistics=None, running=None):
    for index, out in enumerate(CHANNELS):
        name, before = f"conv{index + 1}", x
        a, b = PADS[index]
        bias = p.get(f"{name}.bias")
        x = F.conv2d(F.pad(x, (a, b, a, b)), p[f"{name}.weight"], bias, stride=2 if index < 2 else 1)
        if normalization == "batch":
            if running is None:
                mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
                statistics[f"{name}.mean"], statistics[f"{name}.variance"] = mean.detach(), variance.detach()
            else:
                mean, variance = running[f"{name}.mean"], running[f"{name}.variance"]
            x = (x - mean[:, None, None]) / torch.sqrt(variance[:, None, None] + EPS)
            x = x * p[f"{name}.scale"][:, None, None] + p[f"{name}.shift"][:, None, None]
        elif normalization == "group":
            x = F.group_norm(x, out // 8, p[f"{name}.scale"], p[f"{name}.shift"], EPS)
        x = F.relu(x + before if index in (3, 5) else x)
    return x


def localize(c, p):
    """The maps, class 0's being 0, and the mean of their highest tenth."""
    own = F.conv2d(c, p["localizer.weight"], p["localizer.bias"])
    maps = torch.cat([torch.zeros_like(own), own], 1)
    cells = maps.flatten(2)
    return maps, cells.topk(max(1, round(0.1 * cells.shape[2])), 2).values.mean(2)


def losses(x, t, p, normalization, statistics):
    c = trunk(x, p, normalization, statistics)
    localizer = F.cross_entropy(localize(c, p)[1], t)
    # Means over 5 x 5 equal parts of 5 x 6 cells: every cell in fifths, six fifths a part.
    hidden = F.avg_pool2d(c.repeat_interleave(5, 3), (1, 6)).flatten(1)
    hidden = F.relu(hidden @ p["classifier1.weight"] + p["classifier1.bias"])
    classifier = F.cross_entropy(hidden @ p["classifier2.weight"] + p["classifier2.bias"], t)
    return classifier, localizer


def summary(stream, value):
    array = value.detach().numpy()
    return {"norm": float((array**2).sum() ** 0.5), "projections": projections(array, stream)}


def reference(normalization):
    names = shapes(normalization)
    p = {k: start(k, s, i).requires_grad_() for i, (k, s) in enumerate(names.items(), start=1)}
    decayed = [v for k, v in p.items() if k.endswith(".weight")]
    others = [v for k, v in p.items() if not k.endswith(".weight")]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}], lr=1.0)
    running = {}
    if normalization == "batch":
        for index, out in enumerate(CHANNELS):
            running[f"conv{index + 1}.mean"] = torch.zeros(out, dtype=torch.float64)
            running[f"conv{index + 1}.variance"] = torch.ones(out, dtype=torch.float64)
    average = {k: v.detach().clone() for k, v in {**p, **running}.items()}
    t = torch.arange(BATCH) % CLASSES
    steps = []
    for step, rate in enumerate(LEARNING_RATES):
        x = torch.tensor(uniform(BATCH * SIZE[0] * SIZE[1], 1001 + step, 1.5).reshape(BATCH, 1, *SIZE))
        statistics = {}
        classifier, localizer = losses(x, t, p, normalization, statistics)
        loss = (1 - ALPHA) * classifier + ALPHA * localizer
        optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(p.values(), 0.5)
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()
        steps.append({"loss": float(loss), "classifierLoss": float(classifier), "localizerLoss": float(localizer), "gradientNorm": float(norm)})
        for k, value in statistics.items():
            running[k] = 0.9 * running[k] + 0.1 * value
        share = min(AVERAGE, (step + 1) / (step + 11))
        for k, value in {**p, **running}.items():
            average[k] = share * average[k] + (1 - share) * value.detach()
    state, stream = {}, 0
    for k, value in {**p, **running}.items():
        stream += 1
        state[k] = summary(stream, value)
        state[f"{k}/average"] = summary(stream, average[k])
        if k in p:
            state[f"{k}/momentum"] = summary(stream, optimizer.state[value]["exp_avg"])
            state[f"{k}/squares"] = summary(stream, optimizer.state[value]["exp_avg_sq"])
    with torch.no_grad():
        c = trunk(x, p, normalization, running=running)
        maps, logits = localize(c, p)
        cells = {"layers": [], "maps": maps.reshape(-1).tolist(), "logits": logits.reshape(-1).tolist()}
    print(normalization, steps[-1], file=sys.stderr)
    return {"normalization": normalization, "steps": steps, "state": state, "inference": {k: v for k, v in cells.items() if k != "layers"}}


with open(sys.argv[1], "w") as file:
    entries = [reference(normalization) for normalization in ("batch", "group", "none")]
    json.dump({"entries": entries, "madeBy": f"scripts/reference/field.py, PyTorch {torch.__version__}, float64"}, file, separators=(",", ":"))
    file.write("\n")

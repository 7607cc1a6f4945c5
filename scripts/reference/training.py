"""Trains a run's network in PyTorch, float32: the same images, minibatch size, schedule and update, other random numbers.

Called by training.mjs: training.py FOLDER SEED, where FOLDER holds job.json, inputs.f32 and (of the run to compare with)
checkpoint.safetensors, whose names and shapes the result peer.safetensors takes.
"""
import json
import math
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F

folder, seed = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(1)
torch.manual_seed(seed)
job = json.load(open(f"{folder}/job.json"))
config, labels = job["config"], torch.tensor(job["labels"])
side = (config["preprocessing"]["height"], config["preprocessing"]["width"])
images = torch.from_numpy(np.fromfile(f"{folder}/inputs.f32", dtype=np.float32).reshape(-1, 1, *side))
assert config["network"]["name"] == "compact" and config["optimizer"]["schedule"]["kind"] == "constant"
assert config["balance"] == "none" and config["optimizer"]["warmup"] == 0

with open(f"{folder}/checkpoint.safetensors", "rb") as file:
    header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
metadata = header.pop("__metadata__")
names = [name for name in header if not name.endswith("/momentum")]

# He initialisation: weights normal with variance 2 / fanIn, biases zero.
parameters = {}
for name in names:
    shape = header[name]["shape"]
    fan_in = math.prod(shape[1:]) if len(shape) == 4 else shape[0]
    value = torch.randn(shape) * math.sqrt(2 / fan_in) if len(shape) > 1 else torch.zeros(shape)
    parameters[name] = value.requires_grad_()


def trunk(x):
    def conv(name, x, stride, before, after):
        x = F.pad(x, (before, after, before, after))
        return F.relu(F.conv2d(x, parameters[f"{name}.weight"], parameters[f"{name}.bias"], stride=stride))

    def pool(x, before, after):
        return F.max_pool2d(F.pad(x, (before, after, before, after)), 3, 2)  # after ReLU zero is as good as -infinity

    x = pool(conv("conv1", x, 4, 2, 5), 0, 1)
    x = pool(conv("conv2", x, 1, 2, 2), 0, 1)
    for name in ("conv3", "conv4", "conv5"):
        x = conv(name, x, 1, 1, 1)
    return conv("conv6", pool(x, 1, 0), 1, 1, 1)


def losses(x, t):
    c = trunk(x)
    maps = F.conv2d(c, parameters["localizer.weight"], parameters["localizer.bias"])
    pooled = maps.amax((2, 3)) if config["method"].endswith("MaxPool") else maps.mean((2, 3))
    localizer = F.cross_entropy(pooled, t)
    if not config["method"].startswith("STL+"):
        return None, localizer
    hidden = c.flatten(1)
    layers = len(config["network"]["classifier"])
    for layer in range(1, layers + 1):
        hidden = F.relu(hidden @ parameters[f"classifier{layer}.weight"] + parameters[f"classifier{layer}.bias"])
        hidden = F.dropout(hidden, config["network"]["dropout"])
    logits = hidden @ parameters[f"classifier{layers + 1}.weight"] + parameters[f"classifier{layers + 1}.bias"]
    return F.cross_entropy(logits, t), localizer


def shifted(batch):
    """Every image by whole pixels, each way along both axes, uniformly; beyond the border its pixels repeat."""
    by = config["augmentation"]["shift"]
    padded = F.pad(batch, (by, by, by, by), mode="replicate")
    moves = torch.randint(0, 2 * by + 1, (len(batch), 2))
    return torch.stack([image[:, y : y + side[0], x : x + side[1]] for image, (y, x) in zip(padded, moves.tolist())])


velocity = {n: torch.zeros_like(p) for n, p in parameters.items()}
settings, alpha = config["optimizer"], config["alpha"]
for epoch in range(config["epochs"]):
    a = alpha["start"] if epoch < alpha["at"] else alpha["end"]
    order, total = torch.randperm(len(labels)), 0.0
    for first in range(0, len(labels), config["batch"]):
        part = order[first : first + config["batch"]]
        classifier, localizer = losses(shifted(images[part]), labels[part])
        loss = localizer if classifier is None else (1 - a) * classifier + a * localizer
        gradients = torch.autograd.grad(loss, list(parameters.values()))
        norm = torch.sqrt(sum((g * g).sum() for g in gradients))
        clip = min(1.0, settings["clipNorm"] / float(norm))
        with torch.no_grad():
            for (name, value), g in zip(parameters.items(), gradients):
                decay = settings["weightDecay"] if name.endswith(".weight") else 0.0
                v = velocity[name]
                v.mul_(settings["momentum"]).sub_(settings["learningRate"] * (clip * g + decay * value))
                value.add_(v)
        total += float(localizer) * len(part)
    print(f"epoch {epoch + 1} localizer loss {total / len(labels):.4f}", file=sys.stderr, flush=True)

header, payload = {"__metadata__": metadata}, b""
for suffix, values in (("", parameters), ("/momentum", velocity)):
    for name, value in values.items():
        data = value.detach().contiguous().numpy().tobytes()
        header[name + suffix] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [len(payload), len(payload) + len(data)]}
        payload += data
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open(f"{folder}/peer.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + payload)

"""PyTorch's side of the benchmark: the same network, step and precision. Commands come as lines of JSON on stdin."""
import json
import os
import resource
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

threads = int(sys.argv[1])
device = sys.argv[2]
torch.set_num_threads(threads)
if device == "cuda":  # float32 as on our side: not the tensor cores' shorter TF32, which cuDNN takes unless told not to
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.benchmark = True


def wait():
    if device == "cuda":
        torch.cuda.synchronize()


class Trunk(nn.Module):
    """compact and alexnet6 of packages/core/src/network/network.ts."""

    def __init__(self, name):
        super().__init__()
        self.half = name == "compact"
        w = (lambda c: c // 2) if self.half else (lambda c: c)
        self.conv1 = nn.Conv2d(1, w(96), 11, 4)
        self.conv2 = nn.Conv2d(w(96), w(256), 5, padding=2)
        self.conv3 = nn.Conv2d(w(256), w(384), 3, padding=1)
        self.conv4 = nn.Conv2d(w(384), w(384), 3, padding=1)
        self.conv5 = nn.Conv2d(w(384), w(256), 3, padding=1)
        self.conv6 = nn.Conv2d(w(256), w(256), 3, padding=1)
        self.channels = w(256)

    def pool(self, x, before):
        if self.half:  # ReLU leaves nothing negative, so padding with zeros is padding with minus infinity
            pad = (1, 0, 1, 0) if before else (0, 1, 0, 1)
            return F.max_pool2d(F.pad(x, pad), 3, 2)
        return F.max_pool2d(x, 3, 2, ceil_mode=True)

    def forward(self, x):
        if self.half:
            x = F.pad(x, (2, 5, 2, 5))
        x = self.pool(F.relu(self.conv1(x)), False)
        x = self.pool(F.relu(self.conv2(x)), False)
        x = F.relu(self.conv5(F.relu(self.conv4(F.relu(self.conv3(x))))))
        return F.relu(self.conv6(self.pool(x, True)))


class Field(nn.Module):
    """field of packages/core/src/network/trunks.ts, its convolutions normalised by the minibatch."""

    def __init__(self):
        super().__init__()
        widths = [1, 24, 32, 48, 48, 64, 64]
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, 2 if i < 2 else 1, padding=1 if i >= 2 else 0, bias=False) for i, (a, b) in enumerate(zip(widths, widths[1:])))
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for width in widths[1:])
        self.channels = widths[-1]

    def forward(self, x):
        for i, (conv, norm) in enumerate(zip(self.convs, self.norms)):
            before = x
            if i < 2:
                x = F.pad(x, (0, 1, 0, 1) if i == 0 else (1, 0, 1, 0))
            x = norm(conv(x))
            x = F.relu(x + before if i in (3, 5) else x)
        return x


class Model(nn.Module):
    def __init__(self, network, size, classifier):
        super().__init__()
        self.trunk = Field() if network == "field" else Trunk(network)
        # The classifier of field sees the means over 5 x 5 parts.
        self.seen = nn.AdaptiveAvgPool2d(5) if network == "field" else nn.Identity()
        with torch.no_grad():
            features = self.seen(self.trunk(torch.zeros(2, 1, size, size))).flatten(1).shape[1]
        self.localizer = nn.Conv2d(self.trunk.channels, 2, 1)
        layers = []
        for width in classifier:
            layers += [nn.Linear(features, width), nn.ReLU(), nn.Dropout(0.5)]
            features = width
        self.classifier = nn.Sequential(*layers, nn.Linear(features, 2))

    def infer(self, x):
        maps = self.localizer(self.trunk(x))
        return torch.softmax(maps.mean((2, 3)), 1), maps

    def forward(self, x):
        c = self.trunk(x)
        return self.classifier(self.seen(c).flatten(1)), self.localizer(c).mean((2, 3))


def make(case):
    model = Model(case["network"], case["size"], case["classifier"]).to(device)
    # On the host, as the data come: each step takes them to the device, as ours does.
    images = torch.randn(case["batch"], 1, case["size"], case["size"])
    if case["kind"] == "infer":
        model.eval()

        def run():
            with torch.no_grad():
                return [output.cpu() for output in model.infer(images.to(device))]

        return run
    targets = torch.arange(case["batch"]) % 2
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9, weight_decay=5e-4)

    def step():
        target = targets.to(device)
        optimizer.zero_grad()
        classifier, localizer = model(images.to(device))
        loss = 0.9 * F.cross_entropy(classifier, target) + 0.1 * F.cross_entropy(localizer, target)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        return loss.item()

    return step


def matmul_rate():
    """FLOP/s of the fastest of several float32 products of square matrices of these sides."""
    best = 0.0
    for side in [384, 768, 1536, 3072]:
        a, b = torch.randn(side, side, device=device), torch.randn(side, side, device=device)
        for _ in range(8):
            wait()
            began = time.perf_counter()
            torch.mm(a, b)
            wait()
            best = max(best, 2 * side**3 / (time.perf_counter() - began))
    return best


run = None
for line in sys.stdin:
    command = json.loads(line)
    if command["do"] == "about":
        config = torch.__config__.show()
        maps = open("/proc/self/maps").read() if os.path.exists("/proc/self/maps") else ""
        blas = "OpenBLAS" if "openblas" in maps.lower() else "MKL" if "mkl" in maps.lower() else "other"
        where = torch.cuda.get_device_name() if device == "cuda" else "cpu"
        answer = {"device": where, "version": torch.__version__, "threads": torch.get_num_threads(), "blas": blas, "matmul": matmul_rate(), "config": config}
    elif command["do"] == "case":
        run = make(command["case"])
        run()
        answer = {"ready": True}
    else:
        began = time.perf_counter()
        for _ in range(command["times"]):
            run()
        answer = {"seconds": time.perf_counter() - began, "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}
    print(json.dumps(answer), flush=True)

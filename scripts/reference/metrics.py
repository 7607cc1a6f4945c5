"""Makes packages/core/src/metrics/testing/metrics.json: every metric of a small set of images, computed from their maps
by the definitions with numpy, scipy (resizing apart) and scikit-learn, one image, threshold and pair at a time.

Needs Debian's python3-sklearn. Written from the papers that docs/explanation/metrics.md names; FROC follows MONAI's
compute_froc_curve_data and compute_froc_score, RoDeO its authors' package.
"""
import json
import sys
from math import ceil, floor, log

import numpy as np
from scipy.ndimage import find_objects, label
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import average_precision_score, brier_score_loss, matthews_corrcoef, roc_auc_score, roc_curve

GRID, LEVELS = 128, 100
OPTIONS = {"positive": 1, "tolerance": {"x": 4, "y": 4}, "inputWidth": 64, "inputHeight": 64}
EIGHT = np.ones((3, 3))
rng = np.random.RandomState(20)


# --- the images ---


def box(x0, y0, x1, y1):
    return {"kind": "box", "x0": x0, "y0": y0, "x1": x1, "y1": y1}


def some_regions(width, height):
    regions = []
    for _ in range(rng.randint(1, 4)):
        w, h = rng.randint(width // 8, width // 3), rng.randint(height // 8, height // 3)
        x, y = rng.randint(0, width - w), rng.randint(0, height - h)
        kind = rng.randint(3)
        if kind == 1 and width == height:
            regions.append({"kind": "circle", "x": x + w / 2, "y": y + h / 2, "radius": min(w, h) / 2})
        elif kind == 2 and max(width, height) <= GRID:
            pixels = (rng.random_sample((h, w)) < 0.7).astype(int)
            pixels[h // 2, w // 2] = 1
            regions.append({"kind": "mask", "x0": int(x), "y0": int(y), "width": int(w), "height": int(h),
                            "pixels": pixels.reshape(-1).tolist()})
        else:
            regions.append(box(int(x), int(y), int(x + w), int(y + h)))
    return regions


def bounds(region):
    if region["kind"] == "circle":
        x, y, r = region["x"], region["y"], region["radius"]
        return x - r, y - r, x + r, y + r
    if region["kind"] == "mask":
        rows, columns = np.nonzero(np.reshape(region["pixels"], (region["height"], region["width"])))
        x0, y0 = region["x0"], region["y0"]
        return x0 + columns.min(), y0 + rows.min(), x0 + columns.max() + 1, y0 + rows.max() + 1
    return region["x0"], region["y0"], region["x1"], region["y1"]


def an_image(index):
    width, height = [(60, 60), (150, 150), (90, 60), (200, 120), (40, 120)][index % 5]
    positive = index % 2 == 0
    columns, rows = [(6, 5), (9, 9), (5, 8)][index % 3]
    regions = some_regions(width, height) if positive and index % 14 != 4 else []
    values = rng.randint(0, 40, (rows, columns)).astype(float)
    for region in regions:  # a map that knows something
        x0, y0, x1, y1 = bounds(region)
        if rng.random_sample() < 0.75:
            values[int((y0 + y1) / 2 * rows / height), int((x0 + x1) / 2 * columns / width)] += 50
    p = float(np.clip(rng.randint(0, 13) + (4 if positive else 0), 0, 16)) / 16
    return {
        "label": 1 if positive else 0, "probabilities": [1 - p, p], "width": width, "height": height,
        "regions": regions, "patient": f"patient {index // 3}",
        "map": {"values": (values / 32 - 1).reshape(-1).tolist(), "width": columns, "height": rows},
    }


# --- one image ---


def resize(values, height, width):
    """Bilinear, half-pixel centres, borders repeated, to single precision."""
    def taps(size, new):
        at = np.clip((np.arange(new) + 0.5) * size / new - 0.5, 0, size - 1)
        low = np.minimum(np.floor(at).astype(int), max(size - 2, 0))
        matrix = np.zeros((new, size))
        matrix[np.arange(new), low] += 1 - (at - low)
        matrix[np.arange(new), np.minimum(low + 1, size - 1)] += at - low
        return matrix
    return (taps(values.shape[0], height) @ values @ taps(values.shape[1], width).T).astype(np.float32)


def contains(region, x, y, tx, ty):
    if region["kind"] == "box":
        return region["x0"] - tx <= x < region["x1"] + tx and region["y0"] - ty <= y < region["y1"] + ty
    if region["kind"] == "circle":
        assert tx == ty
        return np.hypot(x - region["x"], y - region["y"]) <= region["radius"] + tx
    rows, columns = np.nonzero(np.reshape(region["pixels"], (region["height"], region["width"])))
    left, top = region["x0"] + columns, region["y0"] + rows
    inside = (left <= x) & (x < left + 1) & (top <= y) & (y < top + 1)
    if tx == 0 or ty == 0:
        return bool(inside.any())
    dx, dy = np.maximum(0, np.maximum(left - x, x - left - 1)), np.maximum(0, np.maximum(top - y, y - top - 1))
    return bool((inside | ((dx / tx) ** 2 + (dy / ty) ** 2 <= 1)).any())


def nearest(points, to):
    return points[int(np.argmin([(x - to[0]) ** 2 + (y - to[1]) ** 2 for x, y in points]))]


def peaks_of(grid, where, value):
    rows, columns = np.nonzero(where & (grid == value))
    return [(c + 0.5, r + 0.5) for r, c in zip(rows, columns)]


def iou(a, b):
    shared = max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))
    return shared / (area(a) + area(b) - shared)


def area(a):
    return (a[2] - a[0]) * (a[3] - a[1])


def summary(image):
    width, height = image["width"], image["height"]
    values = np.array(image["map"]["values"]).reshape(image["map"]["height"], image["map"]["width"])
    p, positive = image["probabilities"][1], image["label"] == 1
    tx, ty = (OPTIONS["tolerance"]["x"] * width / OPTIONS["inputWidth"],
              OPTIONS["tolerance"]["y"] * height / OPTIONS["inputHeight"])
    lesions = image["regions"] if positive else []
    truth = [bounds(region) for region in lesions]
    # the response: of equal maxima the one nearest to the centre of the map's maximal cell
    full = resize(values, height, width)
    cell = np.unravel_index(np.argmax(values), values.shape)
    centre = ((cell[1] + 0.5) * width / values.shape[1], (cell[0] + 0.5) * height / values.shape[0])
    response = nearest(peaks_of(full, np.ones(full.shape, bool), full.max()), centre)
    image["response"] = {"x": response[0], "y": response[1]}

    # parts of the map at half its range
    shrink = min(1, GRID / max(width, height))
    gw, gh = max(1, floor(width * shrink + 0.5)), max(1, floor(height * shrink + 0.5))
    grid = resize(values, gh, gw)
    low, high = values.min(), values.max()
    parts, count = label(grid >= np.float32(low + 0.5 * (high - low)), EIGHT)
    marks = []
    for k in range(1, count + 1):
        rows, columns = np.nonzero(parts == k)
        value = grid[parts == k].max()
        tied = peaks_of(grid, parts == k, value)
        peak = nearest(tied, np.mean(tied, axis=0))
        marks.append({
            "score": p * min(1, max(0, (float(value) - low) / (high - low))),
            "peak": (peak[0] * width / gw, peak[1] * height / gh),
            "box": (floor(columns.min() * width / gw), floor(rows.min() * height / gh),
                    min(width, ceil((columns.max() + 1) * width / gw)), min(height, ceil((rows.max() + 1) * height / gh))),
        })
    marks.sort(key=lambda mark: -mark["score"])

    # pixels and boxes at every threshold of the range on the grid
    steps = np.minimum(LEVELS - 1, np.floor((grid.astype(float) - grid.min()) * (LEVELS / (float(grid.max()) - float(grid.min())))))
    mask = np.zeros((gh, gw), bool)
    for region in lesions:
        if region["kind"] == "mask":
            mask |= [[contains(region, c + 0.5, r + 0.5, 0, 0) for c in range(gw)] for r in range(gh)]
        else:
            mask |= [[contains(region, (c + 0.5) * width / gw, (r + 0.5) * height / gh, 0, 0) for c in range(gw)] for r in range(gh)]
    scaled = [(a * gw / width, b * gh / height, c * gw / width, d * gh / height) for a, b, c, d in truth]
    level_iou, found, seen, dice = [], [], [], []
    for level in range(LEVELS if lesions else 0):
        above = steps >= level
        boxes = [(o[1].start, o[0].start, o[1].stop, o[0].stop) for o in find_objects(label(above, EIGHT)[0])]
        level_iou.append(max(iou(a, b) for a in boxes for b in scaled))
        found.append((above & mask).mean())
        seen.append(above.mean())
        dice.append(2 * (above & mask).sum() / (above.sum() + mask.sum()))

    hits = [[contains(region, *mark["peak"], tx, ty) for region in lesions] for mark in marks]
    return {
        "p": p, "positive": positive, "located": len(lesions) > 0, "marks": marks, "truth": truth,
        "known": len(lesions) > 0 or not positive,
        "correct": (p > 0.5) == positive if p != 0.5 else not positive,
        "hit": any(contains(region, *response, tx, ty) for region in lesions),
        "lesions": [max([m["score"] for m, h in zip(marks, hits) if h[i]], default=-np.inf) for i in range(len(lesions))],
        "false": [m["score"] for m, h in zip(marks, hits) if not any(h)],
        "iou": max([iou(m["box"], b) for m in marks for b in truth], default=0),
        "iobb": max([(iou(m["box"], b) * (area(m["box"]) + area(b)) / (1 + iou(m["box"], b))) / area(m["box"])
                     for m in marks for b in truth], default=0),
        "level_iou": level_iou, "found": found, "seen": seen, "dice": dice,
    }


# --- the metrics ---


def pairs(higher, lower):
    """How often one of the first list is above one of the second, equal ones counting one half."""
    return np.mean([[1.0 if a > b else 0.5 if a == b else 0.0 for b in lower] for a in higher])


def loc_ap(images):
    total, result, before = sum(i["located"] for i in images), 0, 0
    for t in sorted({i["p"] for i in images}, reverse=True):
        above = [i["hit"] for i in images if i["p"] >= t]
        result += (sum(above) - before) / total * sum(above) / len(above)
        before = sum(above)
    return result


def box_ap(images, overlap):
    scored, total = [], sum(len(i["truth"]) for i in images)
    for image in images:
        free = set(range(len(image["truth"])))
        for mark in image["marks"] if image["known"] else []:
            best = max(free, key=lambda k: iou(mark["box"], image["truth"][k]), default=None)
            right = best is not None and iou(mark["box"], image["truth"][best]) >= overlap
            free -= {best} if right else set()
            scored.append((mark["score"], right))
    points = []
    for t in sorted({s for s, _ in scored}, reverse=True):
        above = [right for s, right in scored if s >= t]
        points.append((sum(above) / total, sum(above) / len(above)))
    result, before = 0, 0
    for k, (recall, _) in enumerate(points):
        result += (recall - before) * max(precision for _, precision in points[k:])
        before = recall
    return result


def froc(images):
    known = [i for i in images if i["known"]]
    lesions = np.array([s for i in known for s in i["lesions"]])
    false = np.array([s for i in known for s in i["false"]])
    thresholds = sorted({s for s in [*lesions, *false] if s > -np.inf})
    fps = [(false >= t).sum() / len(known) for t in thresholds] + [0]
    sensitivity = [(lesions >= t).sum() / len(lesions) for t in thresholds] + [0]
    return np.interp((0.25, 0.5, 1, 2, 4, 8), fps[::-1], sensitivity[::-1])


def afroc(images):
    highest = [max(i["false"], default=-np.inf) for i in images if not i["positive"]]
    return pairs([s for i in images for s in i["lesions"]], highest)


def max_box_acc(images):
    curves = np.array([i["level_iou"] for i in images if i["located"]])
    return np.mean([(curves >= d).mean(0).max() for d in (0.3, 0.5, 0.7)])


def pixel_metrics(images):
    located = [i for i in images if i["located"]]
    found, seen = np.sum([i["found"] for i in located], 0), np.sum([i["seen"] for i in located], 0)
    precision, recall = found / np.maximum(seen, 1e-300), found / found[0]
    dice = np.mean([i["dice"] for i in located], 0)
    return np.sum(precision * (recall - np.append(recall[1:], 0))), dice[LEVELS // 2], dice.max()


def generalized_iou(a, b):
    hull = (max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1]))
    union = (area(a) + area(b)) / (1 + iou(a, b))
    return iou(a, b) - (hull - union) / hull


def rodeo(images):
    near, alike, classes, over, missed = [], [], [], 0, 0
    for image in (i for i in images if i["known"]):
        boxes = [m["box"] for m in image["marks"]] if image["p"] >= 0.5 else []
        truth = image["truth"]
        cost = np.array([[-generalized_iou(a, b) for b in truth] for a in boxes]).reshape(len(boxes), len(truth))
        rows, columns = linear_sum_assignment(cost)
        for a, b in ((boxes[r], truth[c]) for r, c in zip(rows, columns)):
            w, h, wa, ha = b[2] - b[0], b[3] - b[1], a[2] - a[0], a[3] - a[1]
            offset = ((a[0] + a[2] - b[0] - b[2]) / 2 / w) ** 2 + ((a[1] + a[3] - b[1] - b[3]) / 2 / h) ** 2
            near.append(np.exp(-offset * log(2)))
            alike.append(iou((0, 0, wa, ha), (0, 0, w, h)))
            classes.append((0, 1))  # one-hot of the positive class
        over, missed = over + len(boxes) - len(rows), missed + len(truth) - len(rows)
    share = len(near) / (len(near) + over + missed)
    agreement = max(0, matthews_corrcoef(np.ravel(classes), np.ravel(classes)))
    parts = np.array([np.mean(near), np.mean(alike), agreement]) * share
    return [3 / np.sum(1 / (parts + 1e-6)), *parts]


def metrics(images):
    p = np.array([i["p"] for i in images])
    y = np.array([i["positive"] for i in images])
    located = [i for i in images if i["located"]]
    fpr, tpr, _ = roc_curve(y, p, drop_intermediate=False)
    bins = np.minimum(9, np.floor(p * 10))
    pixel, r, f = pixel_metrics(images), rodeo(images), froc(images)
    result = {
        "acc": np.mean([i["correct"] for i in images]),
        "auc": roc_auc_score(y, p),
        "apPositive": average_precision_score(y, p),
        "apNegative": average_precision_score(~y, 1 - p),
        "sensitivityAtSpecificity90": tpr[1 - fpr >= 0.9 - 1e-12].max(),
        "specificityAtSensitivity90": (1 - fpr)[tpr >= 0.9 - 1e-12].max(),
        "ece": sum((bins == b).mean() * abs(y[bins == b].mean() - p[bins == b].mean()) for b in np.unique(bins)),
        "brier": brier_score_loss(y, p),
        "hitRate": np.mean([i["hit"] for i in located]),
        "locAp": loc_ap(images),
        "lroc": pairs([i["p"] if i["hit"] else -1 for i in located], p[~y]),
        **{f"froc{name}": value for name, value in zip(("025", "05", "1", "2", "4", "8"), f)},
        "frocScore": f.mean(),
        "afroc": afroc(images),
        **{f"iouAccuracy{t}": np.mean([i["iou"] > t / 100 for i in located]) for t in (10, 30, 50, 70)},
        **{f"iobbAccuracy{t}": np.mean([i["iobb"] > t / 100 for i in located]) for t in (10, 25, 50, 75, 90)},
        "boxAp30": box_ap(images, 0.3), "boxAp50": box_ap(images, 0.5),
        "maxBoxAccV2": max_box_acc(images),
        "pxAp": pixel[0], "dice": pixel[1], "diceBest": pixel[2],
        "rodeo": r[0], "rodeoLocalization": r[1], "rodeoShape": r[2], "rodeoClassification": r[3],
    }
    return {key: float(value) for key, value in result.items()}


images = [an_image(index) for index in range(30)]
summaries = [summary(image) for image in images]
patients = sorted({image["patient"] for image in images}, key=[image["patient"] for image in images].index)
drawn = np.bincount(rng.randint(0, len(patients), len(patients)), minlength=len(patients))
repeated = [s for s, image in zip(summaries, images) for _ in range(drawn[patients.index(image["patient"])])]

with open(sys.argv[1], "w") as file:
    json.dump({
        "madeBy": "scripts/reference/metrics.py", "options": OPTIONS, "images": images, "metrics": metrics(summaries),
        "weights": drawn.tolist(), "resampled": metrics(repeated),
    }, file)
    file.write("\n")

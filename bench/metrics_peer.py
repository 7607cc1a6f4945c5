"""scikit-learn's and numpy's side of bench/metrics.mjs: all metrics from per-image numbers, and the time of resampling
them by patient. What does not depend on the draw is prepared beforehand, as on our side."""
import json
import sys
import time

import numpy as np
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score, roc_curve

with open(sys.argv[1]) as file:
    images = json.load(file)
resamples = int(sys.argv[2])
n = len(images)
p = np.array([i["score"] for i in images])
y = np.array([i["positive"] for i in images])
correct = np.array([i["correct"] for i in images])
hit = np.array([i["hit"] for i in images])
located = np.array([i["located"] for i in images])
patient = np.array([i["patient"] for i in images])
members = [np.flatnonzero(patient == k) for k in range(patient.max() + 1)]


def classification(index):
    truth, score = y[index], p[index]
    fpr, tpr, _ = roc_curve(truth, score, drop_intermediate=False)
    bins = np.minimum(9, (score * 10).astype(int))
    gaps = np.bincount(bins, truth - score, minlength=10)
    return {
        "acc": correct[index].mean(), "auc": roc_auc_score(truth, score),
        "apPositive": average_precision_score(truth, score), "apNegative": average_precision_score(~truth, -score),
        "sensitivityAtSpecificity90": tpr[1 - fpr >= 0.9 - 1e-12].max(),
        "specificityAtSensitivity90": (1 - fpr)[tpr >= 0.9 - 1e-12].max(),
        "ece": np.abs(gaps).sum() / len(index), "brier": brier_score_loss(truth, score),
    }


def ranking(scores, owners, *flags):
    order = np.argsort(-scores, kind="stable")
    scores = scores[order]
    return (owners[order], np.append(scores[1:] != scores[:-1], True), *[f[order] for f in flags])


def flat(key):
    values = [(v, i) for i, image in enumerate(images) if image["detection"] for v in image["detection"][key]]
    return np.array([-np.inf if v is None else v for v, _ in values]), np.array([i for _, i in values])


by_score = ranking(p, np.arange(n), hit, ~y)
lesion_scores, lesion_owner = flat("lesions")
false_scores, false_owner = flat("false")
box_scores, box_owner = flat("boxes")
box_found = [np.array([f for i in images if i["detection"] for f in i["detection"]["found"][k]], bool) for k in (0, 1)]
boxes = ranking(box_scores, box_owner, *box_found)
marked = lesion_scores > -np.inf
marks = ranking(np.concatenate([lesion_scores[marked], false_scores]),
                np.concatenate([lesion_owner[marked], false_owner]),
                np.concatenate([np.ones(marked.sum(), bool), np.zeros(len(false_scores), bool)]))
negatives = np.flatnonzero(~y)
highest = np.array([max(images[i]["detection"]["false"], default=-np.inf) for i in negatives])
alternative = ranking(np.concatenate([lesion_scores, highest]), np.concatenate([lesion_owner, negatives]),
                      np.concatenate([np.ones(len(lesion_scores), bool), np.zeros(len(negatives), bool)]))
lesions = np.bincount(lesion_owner, minlength=n)
rodeo = np.array([i["detection"]["rodeo"] if i["detection"] else [0] * 5 for i in images], float)
where = np.flatnonzero(located)
cover = [images[i]["coverage"] for i in where]
iou, iobb = np.array([c["iou"] for c in cover]), np.array([c["iobb"] for c in cover])
right = {**{f"iouAccuracy{t}": iou > t / 100 for t in (10, 30, 50, 70)},
         **{f"iobbAccuracy{t}": iobb > t / 100 for t in (10, 25, 50, 75, 90)}}
right_matrix = np.array(list(right.values()), float).T
levels = np.array([c["levels"] for c in cover], float)
level_right = np.concatenate([levels[:, 0] >= d for d in (0.3, 0.5, 0.7)], 1).astype(float)
above = np.cumsum(levels[:, 1:, ::-1], 2)[:, :, ::-1]
found, seen = above[:, 0], above.sum(1)
lesion_size, size = found[:, :1], seen[:, :1]
dice = 2 * found / (seen + lesion_size)
pixel_matrix = np.concatenate([found / size, seen / size, dice], 1)


def area(owners, ends, is_higher, w):
    weight = w[owners]
    up = np.cumsum(weight * is_higher)[ends]
    down = np.diff(np.cumsum(weight * ~is_higher)[ends], prepend=0)
    return np.sum(down * (up - np.diff(up, prepend=0) / 2))


def box_ap(found_flags, w):
    owners, ends = boxes[:2]
    all_ = np.cumsum(w[owners])[ends]
    right_ = np.cumsum(w[owners] * found_flags)[ends]
    precision = np.maximum.accumulate((right_ / np.maximum(all_, 1e-300))[::-1])[::-1]
    return np.sum(np.diff(right_, prepend=0) * precision) / (w @ lesions)


def localization(w):
    wl = w[where]
    total, lesion_total, negative = wl.sum(), w @ lesions, w[negatives].sum()
    owners, ends, is_hit, is_negative = by_score
    weight = w[owners]
    all_, hits = np.cumsum(weight)[ends], np.cumsum(weight * is_hit)[ends]
    steps = np.diff(hits, prepend=0)
    down = np.diff(np.cumsum(weight * is_negative)[ends], prepend=0)
    owners, ends, is_lesion = marks
    fps = np.append(0, np.cumsum(w[owners] * ~is_lesion)[ends]) / w.sum()
    sensitivity = np.append(0, np.cumsum(w[owners] * is_lesion)[ends]) / lesion_total
    froc = np.interp((0.25, 0.5, 1, 2, 4, 8), fps, sensitivity)
    pixel = wl @ pixel_matrix
    recall = pixel[:100] / pixel[0]
    precision = pixel[:100] / np.maximum(pixel[100:200], 1e-300)
    matched, over, missed, near, alike = w @ rodeo
    parts = np.array([near, alike, matched]) / (matched + over + missed)
    return {
        "hitRate": hits[-1] / total, "locAp": np.sum(steps * hits / np.maximum(all_, 1e-300)) / total,
        "lroc": np.sum(down * (hits - steps / 2)) / (total * negative),
        **{f"froc{k}": v for k, v in zip(("025", "05", "1", "2", "4", "8"), froc)}, "frocScore": froc.mean(),
        "afroc": area(*alternative, w) / (lesion_total * negative),
        **dict(zip(right, wl @ right_matrix / total)),
        "boxAp30": box_ap(boxes[2], w), "boxAp50": box_ap(boxes[3], w),
        "maxBoxAccV2": (wl @ level_right).reshape(3, 100).max(1).mean() / total,
        "pxAp": np.sum(precision * (recall - np.append(recall[1:], 0))),
        "dice": pixel[250] / total, "diceBest": pixel[200:].max() / total,
        "rodeo": 3 / np.sum(1 / (parts + 1e-6)), "rodeoLocalization": parts[0], "rodeoShape": parts[1],
        "rodeoClassification": parts[2],
    }


metrics = {**classification(np.arange(n)), **localization(np.ones(n))}
rng = np.random.RandomState(0)
draws = [rng.randint(0, len(members), len(members)) for _ in range(resamples)]
started = time.perf_counter()
for draw in draws:
    classification(np.concatenate([members[k] for k in draw]))
sklearn_seconds = time.perf_counter() - started
started = time.perf_counter()
for draw in draws:
    localization(np.bincount(draw, minlength=len(members)).astype(float)[patient])
json.dump({"metrics": {k: float(v) for k, v in metrics.items()},
           "seconds": {"sklearn": sklearn_seconds, "numpy": time.perf_counter() - started}}, sys.stdout)

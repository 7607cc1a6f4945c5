"""Makes packages/core/src/metrics/testing/comparison.json: tails and quantiles of Student's distribution by integration, and
covariances of AUCs from every pair of images (DeLong, DeLong & Clarke-Pearson 1988; by patient: Obuchowski 1997).

Needs numpy.
"""
import json
import math
import sys

import numpy as np

NODES, WEIGHTS = np.polynomial.legendre.leggauss(1200)


def tails(t, freedom):
    """P(|T| >= |t|): the density over x = |t| + u / (1 - u), u in 0..1, in Gauss-Legendre nodes."""
    if freedom is None:
        return math.erfc(abs(t) / math.sqrt(2))
    u = (NODES + 1) / 2
    x = abs(t) + u / (1 - u)
    log_scale = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2) - 0.5 * math.log(freedom * math.pi)
    density = np.exp(log_scale - (freedom + 1) / 2 * np.log1p(x * x / freedom))
    return float(np.sum(WEIGHTS / 2 * 2 * density / (1 - u) ** 2))


def quantile(level, freedom):
    low, high = 0.0, 1e4
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if tails(middle, freedom) > 1 - level else (low, middle)
    return high


def kernel(x, y):
    return np.where(x[:, None] > y[None, :], 1.0, np.where(x[:, None] == y[None, :], 0.5, 0.0))


def plain(scores, positive):
    """DeLong's covariance: S10 / m + S01 / n."""
    psi = [kernel(s[positive], s[~positive]) for s in scores]
    aucs = [p.mean() for p in psi]
    s10 = np.cov([p.mean(axis=1) for p in psi])
    s01 = np.cov([p.mean(axis=0) for p in psi])
    return aucs, s10 / positive.sum() + s01 / (~positive).sum()


def clustered(scores, positive, groups):
    """Obuchowski's, equations 1 to 3 of the paper, patient by patient."""
    m, n = positive.sum(), (~positive).sum()
    names = sorted(set(groups))
    aucs, first, second = [], [], []
    for s in scores:
        psi = kernel(s[positive], s[~positive])
        auc = psi.mean()
        v10, v01 = psi.mean(axis=1), psi.mean(axis=0)
        of_positive, of_negative = groups[positive], groups[~positive]
        aucs.append(auc)
        first.append([np.sum(v10[of_positive == g] - auc) for g in names])
        second.append([np.sum(v01[of_negative == g] - auc) for g in names])
    i10, i01, i = len(set(groups[positive])), len(set(groups[~positive])), len(names)
    x, y = np.array(first), np.array(second)
    s10 = i10 / ((i10 - 1) * m) * x @ x.T
    s01 = i01 / ((i01 - 1) * n) * y @ y.T
    s11 = i / (i - 1) * x @ y.T
    return aucs, s10 / m + s01 / n + (s11 + s11.T) / (m * n)


rng = np.random.RandomState(5)
count = 40
positive = rng.rand(count) < 0.4
base = positive * 0.8 + rng.randn(count)
# Sixteenths, so that there are ties.
scores = [np.round((base + rng.randn(count) * spread) * 16) / 16 for spread in (0.5, 1.0, 0.0)]
scores[2] = np.round(scores[2])
groups = np.array(["p%d" % g for g in rng.randint(0, 18, count)])

student = [{"t": t, "freedom": f, "tails": tails(t, f)} for f in (1, 2, 3.5, 15.25967, 40, 400, None) for t in (0.0, 0.3, 1.2, 2.110999, 5.0)]
quantiles = [{"level": q, "freedom": f, "t": quantile(q, f)} for f in (1, 2, 3.5, 15.25967, 400, None) for q in (0.5, 0.95, 0.99)]
results = []
for name, (aucs, covariance) in (("images", plain(scores, positive)), ("patients", clustered(scores, positive, groups))):
    results.append({"name": name, "aucs": list(map(float, aucs)), "covariance": covariance.tolist()})

with open(sys.argv[1], "w") as file:
    json.dump(
        {
            "madeBy": "scripts/reference/comparison.py with numpy " + np.__version__,
            "student": student,
            "quantiles": quantiles,
            "delong": {
                "scores": [s.tolist() for s in scores],
                "positive": positive.tolist(),
                "groups": groups.tolist(),
                "results": results,
            },
        },
        file,
    )
    file.write("\n")

"""Numbers that Python and TypeScript compute alike, so that big tensors need not be stored."""
import numpy as np


def mix(x):
    """32-bit finalizer over uint32 arrays; packages/core/src/testing/deterministic.ts has the same."""
    x = x.astype(np.uint32)
    with np.errstate(over="ignore"):
        x ^= x >> np.uint32(16)
        x *= np.uint32(0x21F0AAAD)
        x ^= x >> np.uint32(15)
        x *= np.uint32(0x735A2D97)
        x ^= x >> np.uint32(15)
    return x


def uniform(count, stream, scale):
    """float32 values in [-scale, scale), held as float64: element i of a stream is a hash of both."""
    base = np.uint32((stream * 0x9E3779B9) & 0xFFFFFFFF)
    with np.errstate(over="ignore"):
        bits = mix(np.arange(count, dtype=np.uint32) + base)
    return ((bits.astype(np.float64) * 2.0**-31 - 1.0) * scale).astype(np.float32).astype(np.float64)


def projections(gradient, stream, count=8):
    """Sums of a gradient's elements with pseudo-random signs: for two gradients, the mean square of the differences of
    their projections estimates the square of the norm of their difference."""
    flat = gradient.reshape(-1)
    base = np.uint32((stream * 0x85EBCA6B) & 0xFFFFFFFF)
    with np.errstate(over="ignore"):
        bits = mix(np.arange(flat.size, dtype=np.uint32) + base)
    return [float(np.sum(np.where((bits >> np.uint32(k)) & np.uint32(1), flat, -flat))) for k in range(count)]

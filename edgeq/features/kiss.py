"""kissfft's real transform in 16 bits, to the bit, of many signals at once.

Every butterfly halves or quarters its inputs by a rounded product, and every sum goes round in int16.
"""

from __future__ import annotations

import numpy as np

from edgeq.features.fft import order, passes
from edgeq.features.form import Array

_MOST = 32767


def turns(length: int) -> Array:
    """cos and -sin, int16 ``[3 length / 4, 2]``: no butterfly reads beyond."""
    phases = -2 * np.pi * np.arange(length) / length
    return _pairs(phases)[: max(1, 3 * length // 4)]


def super_turns(length: int) -> Array:
    """Those that part even and odd samples, int16 ``[length / 2, 2]``."""
    return _pairs(-np.pi * (np.arange(1, length // 2 + 1) / length + 0.5))


def real_transform(signal: Array) -> tuple[Array, Array]:
    """int64 ``[..., points]`` of int16's range to real and imaginary parts ``[..., points / 2 + 1]``.

    The bins 0 and points / 2 are here, too.
    """
    re, im = _complex(signal[..., ::2], signal[..., 1::2])
    length = re.shape[-1]
    out_re = np.zeros((*re.shape[:-1], length + 1), np.int64)
    out_im = np.zeros_like(out_re)
    dc = _scaled(re[..., 0], 2), _scaled(im[..., 0], 2)
    out_re[..., 0], out_re[..., length] = _wrap(dc[0] + dc[1]), _wrap(dc[0] - dc[1])
    near = np.arange(1, length // 2 + 1)
    far = length - near
    pr, pi = _scaled(re[..., near], 2), _scaled(im[..., near], 2)
    nr, ni = _scaled(re[..., far], 2), _scaled(_wrap(-im[..., far]), 2)
    er, ei, dr, di = _wrap(pr + nr), _wrap(pi + ni), _wrap(pr - nr), _wrap(pi - ni)
    tr, ti = _times(dr, di, super_turns(length).astype(np.int64))
    out_re[..., near], out_im[..., near] = (er + tr) >> 1, (ei + ti) >> 1
    out_re[..., far], out_im[..., far] = (er - tr) >> 1, (ti - ei) >> 1
    return _wrap(out_re), _wrap(out_im)


def _complex(re: Array, im: Array) -> tuple[Array, Array]:
    length = re.shape[-1]
    table = turns(length).astype(np.int64)
    re, im = re[..., order(length)], im[..., order(length)]
    for radix, done, stride in passes(length):
        shape = (*re.shape[:-1], length // (done * radix), radix, done)
        a, b = _scaled(re.reshape(shape), radix), _scaled(im.reshape(shape), radix)
        x, y = [a[..., 0, :]], [b[..., 0, :]]
        for j in range(1, radix):
            one, other = _times(a[..., j, :], b[..., j, :], table[stride * j * np.arange(done)])
            x.append(one)
            y.append(other)
        if radix == 2:
            r, i = [x[0] + x[1], x[0] - x[1]], [y[0] + y[1], y[0] - y[1]]
        else:
            s0, s1, s2, s3 = (_wrap(v) for v in (x[0] + x[2], x[0] - x[2], x[1] + x[3], x[1] - x[3]))
            t0, t1, t2, t3 = (_wrap(v) for v in (y[0] + y[2], y[0] - y[2], y[1] + y[3], y[1] - y[3]))
            r, i = [s0 + s2, s1 + t3, s0 - s2, s1 - t3], [t0 + t2, t1 - s3, t0 - t2, t1 + s3]
        re, im = (_wrap(np.stack(part, axis=-2).reshape(re.shape)) for part in (r, i))
    return re, im


def _pairs(phases: Array) -> Array:
    parts = (np.floor(0.5 + _MOST * part) for part in (np.cos(phases), np.sin(phases)))
    return np.stack(list(parts), axis=1).astype(np.int16)


def _wrap(values: Array) -> Array:
    return values.astype(np.int16).astype(np.int64)


def _rounded(values: Array) -> Array:
    return _wrap((values + (1 << 14)) >> 15)


def _scaled(values: Array, radix: int) -> Array:
    return _rounded(values * (_MOST // radix))


def _times(re: Array, im: Array, turn: Array) -> tuple[Array, Array]:
    cos, sin = turn[..., 0], turn[..., 1]
    return _rounded(re * cos - im * sin), _rounded(re * sin + im * cos)

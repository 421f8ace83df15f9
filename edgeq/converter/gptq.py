"""GPTQ: weights rounded one column after the other, each error passed on to the columns that are left.

Frantar et al., GPTQ, arXiv:2210.17323, on the covariance instead of the second moment: the mean of the error
is the bias's to take (Nagel et al., arXiv:1906.04721; Finkelstein et al., arXiv:1906.03193).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgeq.converter.params import Floats

_LIMIT = 127
_BLOCK = 64

Steps = npt.NDArray[np.float32]


def shrunk(covariance: Floats, share: float) -> npt.NDArray[np.float64]:
    """A covariance with a share of the mean variance on its diagonal instead, so that it has an inverse.

    A group whose inputs never change has no preference: it gets the identity.
    """
    wide = covariance.astype(np.float64)
    columns = wide.shape[-1]
    mean = np.trace(wide, axis1=-2, axis2=-1)[..., None, None] / columns
    identity = np.eye(columns)
    mixed = (1 - share) * wide + share * mean * identity
    chosen: npt.NDArray[np.float64] = np.where(mean > 0, mixed / np.where(mean > 0, mean, 1), identity)
    return chosen


def round_weights(weights: Floats, scales: Floats, covariance: Floats, share: float) -> Steps:
    """Integers -127…127 that keep (W - Ŵ)·H·(W - Ŵ)ᵀ small, the error of the outputs around their mean.

    Args:
        weights: float32 [groups, outputs, columns].
        scales: float32 [groups, outputs], positive.
        covariance: float32 [groups, columns, columns], of the inputs.
        share: how much of the covariance gives way to its mean diagonal.

    Returns:
        Whole numbers, float32 [groups, outputs, columns].
    """
    kept = shrunk(covariance, share)
    groups, _, columns = weights.shape
    order = np.argsort(-np.diagonal(kept, axis1=1, axis2=2), axis=1, kind="stable")
    which = np.arange(groups)[:, None]
    kept = kept[which[:, :, None], order[:, :, None], order[:, None, :]]
    # H⁻¹ = UᵀU. With J the reversal of order, J·H·J = L·Lᵀ gives U = J·L⁻¹·J, without an inverse of H
    lower = np.linalg.cholesky(kept[:, ::-1, ::-1])
    upper = np.linalg.inv(lower)[:, ::-1, ::-1].astype(np.float32)
    left = np.ascontiguousarray(np.take_along_axis(weights / scales[..., None], order[:, None, :], axis=2))
    steps: Steps = np.empty_like(left)
    errors = np.empty_like(left)
    for start in range(0, columns, _BLOCK):
        end = min(start + _BLOCK, columns)
        for at in range(start, end):
            column = left[:, :, at]
            steps[:, :, at] = np.clip(np.rint(column), -_LIMIT, _LIMIT)
            errors[:, :, at] = (column - steps[:, :, at]) / upper[:, at, at, None]
            left[:, :, at + 1 : end] -= errors[:, :, at, None] * upper[:, None, at, at + 1 : end]
        left[:, :, end:] -= errors[:, :, start:end] @ upper[:, start:end, end:]
    back = np.empty_like(steps)
    np.put_along_axis(back, np.broadcast_to(order[:, None, :], steps.shape), steps, axis=2)
    return back

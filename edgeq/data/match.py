"""Which array goes to which of a model's inputs: by name, by position only where that cannot be wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from edgeq.base.errors import DataError
from edgeq.data.dataset import Array
from edgeq.graph.model import Tensor
from edgeq.graph.names import called, positions
from edgeq.interpreter import sample_shape

Arrays = Mapping[str, Array] | Sequence[Array]
"""Arrays by name, or one for each input."""

LABELS = "y"
"""The array that is the labels where nobody names another."""


def match(
    arrays: Arrays,
    inputs: Sequence[Tensor],
    source: str,
    *,
    labels: str | None = None,
    in_order: bool = False,
    known: Sequence[str] = (),
) -> tuple[list[Array], Array | None, tuple[str, ...]]:
    """The array of each input, and the labels.

    Args:
        arrays: by name or by position.
        inputs: the model's.
        source: where they are from, for messages.
        labels: which of them is the labels; None for ``y``, unless an input takes it.
        in_order: whether the inputs are known to be in the order of the user's own model.
        known: the names of all arrays that there are, for messages; None for those of ``arrays``.

    Returns:
        The arrays in the inputs' order; the labels, if any; for several inputs a sentence that says which
        array went where.

    Raises:
        DataError: an input has no array, or it cannot be told which one is its.
    """
    if isinstance(arrays, Mapping):
        return _by_name(arrays, inputs, source, labels, known or tuple(arrays))
    refuse_labels_by_name(labels, source)
    return list(arrays), None, _by_position(arrays, inputs, source, in_order=in_order)


def refuse_labels_by_name(labels: str | None, source: str) -> None:
    """Refuse the name of an array of labels where arrays have no names.

    Raises:
        DataError: one is given.
    """
    if labels is not None:
        raise DataError(
            f"the labels are to be the array {labels!r}, and the arrays of {source} have no names",
            "give a .npz file, or a mapping of names to arrays",
        )


def _by_name(
    found: Mapping[str, Array],
    inputs: Sequence[Tensor],
    source: str,
    labels: str | None,
    known: Sequence[str],
) -> tuple[list[Array], Array | None, tuple[str, ...]]:
    if labels is not None and labels not in found:
        raise DataError(
            f"{source} has no array named {labels} for the labels; it has {', '.join(known) or 'none'}",
            "name the array of labels with --labels",
        )
    meant = positions(inputs, "input")
    takes: list[list[str]] = [[] for _ in inputs]
    for name in meant:
        if name in found and name != labels:
            takes[meant[name]].append(name)
    if len(inputs) == 1 and "x" in found and labels != "x":
        takes[0].insert(0, "x")
    names = called(inputs, "input")
    taken = []
    for own, name in zip(takes, names, strict=True):
        if not own:
            raise DataError(
                f"{source} has no array named {'x' if len(inputs) == 1 else name}; "
                f"it has {', '.join(known) or 'none'}",
                "name the samples x and the labels y"
                if len(inputs) == 1
                else f"name each array as its input: {', '.join(names)}",
            )
        taken.append(own[0])
    chosen = labels if labels is not None else LABELS if LABELS in found and LABELS not in taken else None
    told = _told("name", [f"'{array}'" for array in taken], names)
    return [found[name] for name in taken], None if chosen is None else found[chosen], told


def _by_position(
    arrays: Sequence[Array], inputs: Sequence[Tensor], source: str, *, in_order: bool
) -> tuple[str, ...]:
    names = called(inputs, "input")
    if len(arrays) != len(inputs):
        raise DataError(
            f"{source} has {len(arrays)} array{'s' * (len(arrays) != 1)}, "
            f"the model has {len(inputs)} input{'s' * (len(inputs) != 1)}",
            f"give an array for each input, by name: {', '.join(names)}",
        )
    alike = [] if in_order else _alike(inputs)
    if len({names[i] for i in alike if names[i] != f"input{i}"}) > 1:
        raise DataError(
            f"{source} gives arrays by position, and the inputs {', '.join(names[i] for i in alike)} take "
            "samples of one shape: converters order inputs anew, so position does not tell which is which",
            "give the arrays by name, as a .npz file or a mapping {"
            + ", ".join(f"{name!r}: …" for name in names)
            + "}; input0, input1 … are the inputs in the file's order",
        )
    order = "the source's order" if in_order else "the file's order"
    return _told(f"position, in {order}", [f"array {i}" for i in range(len(arrays))], names)


def _alike(inputs: Sequence[Tensor]) -> list[int]:
    """The inputs that would take each other's samples: of the same sizes, wherever the channels are."""
    sizes = [sorted(n for n in sample_shape(tensor.shape) if n != 1) for tensor in inputs]
    return [i for i, size in enumerate(sizes) if sizes.count(size) > 1]


def _told(how: str, arrays: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """For several inputs, which array each got."""
    if len(names) == 1:
        return ()
    pairs = ", ".join(f"{name} takes {array}" for name, array in zip(names, arrays, strict=True))
    return (f"Inputs are matched by {how}: {pairs}.",)

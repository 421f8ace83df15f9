"""Random layers with a state, as converters quantize them, and programs of resource variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from edgeq.graph import ABSENT, DType, Graph, Operator, QuantParams, Tensor


class Maker:
    """Tensors of a graph, with random values."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.tensors: list[Tensor] = []

    def add(
        self,
        shape: tuple[int, ...],
        dtype: DType,
        scale: float,
        zero: int = 0,
        *,
        most: int | None = None,
        variable: bool = False,
    ) -> int:
        """A tensor; a constant of values up to ``most`` where that is given."""
        data = None
        if most is not None:
            data = self.random.integers(-most, most + 1, shape).astype(dtype.numpy)
        quant = QuantParams.per_tensor(scale, zero)
        name = f"t{len(self.tensors)}"
        self.tensors.append(Tensor(name, shape, dtype, quant, data, is_variable=variable))
        return len(self.tensors) - 1

    def between(self, low: float, high: float) -> float:
        return float(self.random.uniform(low, high))

    def zero(self, most: int = 128) -> int:
        return int(self.random.integers(-most, most))


@dataclass(frozen=True)
class Lstm:
    """The form of an LSTM.

    Attributes:
        batch, steps, inputs, cells: sizes.
        time_major: whether steps come first.
        is_coupled: whether it has no input gate.
        bits: integer bits of the cell.
        cell_clip: a real value; 0 for none.
        gain: how far its gates reach.
    """

    batch: int = 1
    steps: int = 4
    inputs: int = 5
    cells: int = 6
    time_major: bool = False
    is_coupled: bool = False
    bits: int = 4
    cell_clip: float = 0.0
    gain: float = 3.0

    @classmethod
    def drawn(cls, seed: int, *, batch: bool = True) -> Lstm:
        """A random form."""
        random = np.random.default_rng(seed)
        return cls(
            batch=int(random.integers(1, 4)) if batch else 1,
            steps=int(random.integers(1, 6)),
            inputs=int(random.integers(1, 24)),
            cells=int(random.integers(1, 24)),
            time_major=batch and bool(random.integers(2)),
            is_coupled=bool(random.integers(3) == 0),
            bits=int(random.integers(0, 7)),
            cell_clip=float(random.choice([0.0, 0.3, 2.0, 40.0])),
            gain=float(random.choice([1.0, 3.0, 8.0])),
        )

    def graph(self, seed: int = 0) -> Graph:
        """A model of it alone."""
        maker = Maker(seed)
        ends = (self.steps, self.batch) if self.time_major else (self.batch, self.steps)
        x_scale, y_scale = maker.between(0.005, 0.05), maker.between(0.004, 0.01)
        x = maker.add((*ends, self.inputs), DType.INT8, x_scale, maker.zero())
        inputs = [x, *[ABSENT] * 23]
        for gate in range(self.is_coupled, 4):
            for first, scale, depth in ((1, x_scale, self.inputs), (5, y_scale, self.cells)):
                matrix = self.gain * maker.between(0.5, 2) / (scale * 40 * 127 * np.sqrt(depth))
                inputs[first + gate] = maker.add((self.cells, depth), DType.INT8, float(matrix), most=127)
            weights = maker.tensors[inputs[1 + gate]].quant
            bias = (weights.scale if weights else 1.0) * x_scale
            most = int(min(self.gain / bias, 2**30))
            inputs[12 + gate] = maker.add((self.cells,), DType.INT32, bias, most=most)
        zero = maker.zero(20)
        state = (self.batch, self.cells)
        inputs[18] = maker.add(state, DType.INT8, y_scale, zero, variable=True)
        inputs[19] = maker.add(state, DType.INT16, 2.0 ** (self.bits - 15), variable=True)
        y = maker.add((*ends, self.cells), DType.INT8, y_scale, zero)
        between = [maker.add((0,), DType.INT16, 1.0) for _ in range(4)]
        between.append(maker.add((0,), DType.INT8, y_scale, zero))
        options = {
            "fused_activation_function": "TANH",
            "cell_clip": self.cell_clip,
            "time_major": self.time_major,
        }
        op = Operator(
            "UNIDIRECTIONAL_SEQUENCE_LSTM", tuple(inputs), (y,), options, intermediates=tuple(between)
        )
        return Graph("lstm", tuple(maker.tensors), (op,), (x,), (y,))


@dataclass(frozen=True)
class Svdf:
    """The form of an SVDF."""

    batch: int = 1
    inputs: int = 5
    units: int = 4
    rank: int = 2
    memory: int = 6
    has_bias: bool = True

    @classmethod
    def drawn(cls, seed: int, *, batch: bool = True) -> Svdf:
        """A random form."""
        random = np.random.default_rng(seed)
        return cls(
            batch=int(random.integers(1, 4)) if batch else 1,
            inputs=int(random.integers(1, 30)),
            units=int(random.integers(1, 9)),
            rank=int(random.integers(1, 4)),
            memory=int(random.integers(1, 12)),
            has_bias=bool(random.integers(2)),
        )

    def graph(self, seed: int = 0) -> Graph:
        """A model of it alone."""
        maker = Maker(seed)
        filters = self.units * self.rank
        x = maker.add((self.batch, self.inputs), DType.INT8, maker.between(0.01, 0.05), maker.zero())
        features = maker.add((filters, self.inputs), DType.INT8, maker.between(0.002, 0.01), most=127)
        times = maker.add((filters, self.memory), DType.INT16, maker.between(0.0005, 0.002), most=512)
        state_scale = maker.between(0.5, 8) * 2.0**-15
        bias = ABSENT
        if self.has_bias:
            bias = maker.add((self.units,), DType.INT32, 0.001 * state_scale, most=1 << 22)
        state = maker.add((self.batch, filters * self.memory), DType.INT16, state_scale, variable=True)
        y = maker.add((self.batch, self.units), DType.INT8, maker.between(0.005, 0.05), maker.zero())
        options = {"rank": self.rank, "fused_activation_function": "RELU"}
        op = Operator("SVDF", (x, features, times, bias, state), (y,), options, 3)
        return Graph("svdf", tuple(maker.tensors), (op,), (x,), (y,))


ONCE = Operator("CALL_ONCE", (), (), {"init_subgraph_index": 1})
QUANT = QuantParams.per_tensor(0.05, -3)


def program(seed: int, width: int = 8) -> Graph:
    """Variables read, set and computed with in a random order; some outputs are what was read."""
    random = np.random.default_rng(seed)
    shape = (1, width)
    tensors = [Tensor("x", shape, DType.INT8, QUANT)]
    operators = [ONCE]
    names = [f"v{i}" for i in range(int(random.integers(1, 4)))]
    values = [random.integers(-9, 9, shape).astype(np.int8) for _ in names]
    initials = {
        ("", name): Tensor(f"{name}_0", shape, DType.INT8, QUANT, value)
        for name, value in zip(names, values, strict=True)
    }

    def new(like: tuple[int, ...] = shape) -> int:
        tensors.append(Tensor(f"t{len(tensors)}", like, DType.INT8, QUANT))
        return len(tensors) - 1

    def numbers(values: Sequence[int]) -> int:
        data = np.array(values, np.int32)
        tensors.append(Tensor(f"t{len(tensors)}", data.shape, DType.INT32, None, data))
        return len(tensors) - 1

    handles = []
    for name in names:
        tensors.append(Tensor(name, (), DType.RESOURCE))
        handles.append(len(tensors) - 1)
        options = {"container": "", "shared_name": name}
        operators.append(Operator("VAR_HANDLE", (), (handles[-1],), options))
    pool = [0]
    for _ in range(int(random.integers(4, 14))):
        one, other = (pool[int(random.integers(len(pool)))] for _ in range(2))
        variable = handles[int(random.integers(len(handles)))]
        kind = int(random.integers(6))
        if kind <= 1:
            pool.append(new())
            operators.append(Operator("READ_VARIABLE", (variable,), (pool[-1],)))
        elif kind <= 3:
            operators.append(Operator("ASSIGN_VARIABLE", (variable, one), ()))
        elif kind == 4:
            pool.append(new())
            operators.append(Operator("MAXIMUM", (one, other), (pool[-1],)))
        else:  # the older half goes, as in a memory of the last inputs; seen through another shape
            both, half = new((1, 2 * width)), new((1, width))
            options = {"axis": 1, "fused_activation_function": "NONE"}
            operators.append(Operator("CONCATENATION", (one, other), (both,), options, 2))
            begin, size = numbers((0, width // 2)), numbers((1, width))
            operators.append(Operator("SLICE", (both, begin, size), (half,), {}, 2))
            pool.append(new())
            operators.append(Operator("RESHAPE", (half, numbers(shape)), (pool[-1],), {"new_shape": shape}))
    made = pool[1:]
    if not made:
        made = [new()]
        operators.append(Operator("READ_VARIABLE", (handles[0],), (made[0],)))
    chosen = random.choice(made, min(len(made), 3), replace=False)
    outputs = tuple(dict.fromkeys(int(i) for i in chosen))
    return Graph("program", tuple(tensors), tuple(operators), (0,), outputs, initials=initials)


def side_by_side(graphs: Sequence[Graph]) -> Graph:
    """One model of several: their inputs and outputs one behind the other."""
    tensors: list[Tensor] = []
    operators: list[Operator] = []
    inputs: list[int] = []
    outputs: list[int] = []
    initials: dict[tuple[str, str], Tensor] = {}
    for number, graph in enumerate(graphs):
        base = len(tensors)

        def moved(indices: Sequence[int], base: int = base) -> tuple[int, ...]:
            return tuple(i if i == ABSENT else i + base for i in indices)

        for op in graph.operators:
            options = dict(op.options)
            if "shared_name" in options:
                options["container"] = f"c{number}"
            if op.opcode == "CALL_ONCE":
                continue
            operators.append(
                replace(
                    op,
                    inputs=moved(op.inputs),
                    outputs=moved(op.outputs),
                    intermediates=moved(op.intermediates),
                    options=options,
                )
            )
        tensors += [replace(t, name=f"{number}/{t.name}") for t in graph.tensors]
        inputs += moved(graph.inputs)
        outputs += moved(graph.outputs)
        initials |= {(f"c{number}", name): value for (_, name), value in graph.initials.items()}
    if initials:
        operators.insert(0, ONCE)
    return Graph("many", tuple(tensors), tuple(operators), tuple(inputs), tuple(outputs), initials=initials)


def samples(graph: Graph, count: int, seed: int = 1) -> list[np.ndarray]:
    """Random inputs, [count, *shape of a sample] each."""
    random = np.random.default_rng(seed)
    found = []
    for tensor in graph.input_tensors:
        shape = tensor.shape[1:] if tensor.shape[0] == 1 else tensor.shape
        found.append(random.integers(-128, 128, (count, *shape)).astype(np.int8))
    return found


def beginnings(count: int, seed: int = 2) -> np.ndarray:
    """Where sequences begin: at the first sample, and at random others."""
    begins: np.ndarray = np.random.default_rng(seed).random(count) < 0.2
    begins[0] = True
    return begins

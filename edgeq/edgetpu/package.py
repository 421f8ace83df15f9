"""What the compiler put into a model: the packages in its ``edgetpu-custom-op``, with every offset checked.

A custom operator's options are a flexbuffer map; its ``"4"`` (and, where a model was compiled for several
chips, ``"7"``) are flatbuffers of the schema that the runtime's sources publish as ``executable.fbs``: a
package, in it a list of executables. Either one executable stands alone, or one only loads parameters into
the chip's cache and the other runs.
"""

from __future__ import annotations

from dataclasses import dataclass

from edgeq.base.errors import ModelError
from edgeq.edgetpu.flexbuffer import read_map
from edgeq.graph import Graph, Operator
from edgeq.graph.flatbuffer import Flatbuffer, Table

CUSTOM_OPERATOR = "edgetpu-custom-op"
IDENTIFIER = b"DWN1"

_KEY_CACHING, _KEY_EXECUTABLE, _KEY_REMAINING = "3", "4", "7"
_MAX_PACKAGES = 64
_MAX_EXECUTABLES = 3
_MAX_BITSTREAMS = 1024
_MAX_LAYERS = 1024

_KINDS = ("STAND_ALONE", "PARAMETER_CACHING", "EXECUTION_ONLY")
_DATA_TYPES = {
    0: "FIXED_POINT8",
    1: "FIXED_POINT16",
    2: "SIGNED_FIXED_POINT32",
    3: "BFLOAT",
    4: "HALF",
    5: "SINGLE",
    8: "SIGNED_FIXED_POINT8",
    9: "SIGNED_FIXED_POINT16",
}


def _slots(names: str) -> dict[str, int]:
    return {name: slot for slot, name in enumerate(names.split())}


_PACKAGE = _slots(
    "min_runtime_version serialized_multi_executable signature keypair_version compiler_version "
    "virtual_chip_id multi_chip_package model_identifier"
)
_MULTI_EXECUTABLE = _slots("serialized_executables")
_EXECUTABLE = _slots(
    "version name serialized_model batch_size scratch_size_bytes instruction_bitstreams parameters dma_hints "
    "input_layers output_layers chip estimated_cycles used_narrow_memory_bytes_per_tile type "
    "parameter_caching_token use_tpu_dram_for_parameters estimated_cycles_64bit"
)
_BITSTREAM = _slots("bitstream field_offsets")
_LAYER = _slots(
    "name size_bytes y_dim x_dim z_dim numerics data_type any_layer_type any_layer "
    "execution_count_per_inference cache_on_dram shape"
)


@dataclass(frozen=True)
class Layer:
    """An input or output of an executable.

    Attributes:
        shape: (y, x, z); 1 where a dimension does not exist.
        size: bytes with padding.
        data_type: the name in the schema (``"FIXED_POINT8"``, …).
    """

    name: str
    shape: tuple[int, int, int]
    size: int
    data_type: str


@dataclass(frozen=True)
class Executable:
    """One executable of a package; sizes in bytes.

    Attributes:
        kind: ``STAND_ALONE``, ``PARAMETER_CACHING`` or ``EXECUTION_ONLY``.
        narrow_memory: the most that a tile uses of its memory for activations and what parameters stream.
        cycles: the compiler's own estimate; None where it gives none, as newer compilers do.
        caching_token: parameters of executables with the same token share the cache; 0 for none.
    """

    kind: str
    name: str
    chip: str
    batch_size: int
    parameters: int
    instructions: int
    scratch: int
    narrow_memory: int
    cycles: int | None
    caching_token: int
    inputs: tuple[Layer, ...]
    outputs: tuple[Layer, ...]


@dataclass(frozen=True)
class Package:
    """What one ``edgetpu-custom-op`` carries.

    Attributes:
        operator: the custom operator's index in the compiled model.
        min_runtime_version: the oldest runtime that takes it, as the package states it.
        compiler: the compiler's version text; may be empty.
        size: bytes of the whole package.
    """

    operator: int
    min_runtime_version: int
    compiler: str
    model_identifier: str
    size: int
    executables: tuple[Executable, ...]

    @property
    def parameter_bytes_cached(self) -> int:
        """Bytes of parameters that stay on the chip between inferences."""
        return sum(e.parameters for e in self.executables if e.kind == "PARAMETER_CACHING")

    @property
    def parameter_bytes_streamed(self) -> int:
        """Bytes of parameters that are sent to the chip at every inference."""
        return sum(e.parameters for e in self.running)

    @property
    def instruction_bytes(self) -> int:
        """Bytes of instructions of what runs at every inference."""
        return sum(e.instructions for e in self.running)

    @property
    def cycles(self) -> int | None:
        """The compiler's estimate for an inference; None where it gives none."""
        stated = [e.cycles for e in self.running if e.cycles is not None]
        return sum(stated) if stated else None

    @property
    def running(self) -> tuple[Executable, ...]:
        """The executables that run at every inference."""
        return tuple(e for e in self.executables if e.kind != "PARAMETER_CACHING")


def is_compiled(graph: Graph) -> bool:
    """Whether the Edge TPU compiler has put packages into a model."""
    return any(operator.custom_code == CUSTOM_OPERATOR for operator in graph.operators)


def read_packages(graph: Graph) -> tuple[Package, ...]:
    """The packages of a compiled model, in the order of their operators.

    Raises:
        ModelError: if one is damaged: any offset, length or combination that the runtime would not take.
    """
    found: list[Package] = []
    for index, operator in enumerate(graph.operators):
        if operator.custom_code != CUSTOM_OPERATOR:
            continue
        blobs = _blobs(graph, index, operator)
        if len(found) + len(blobs) > _MAX_PACKAGES:
            raise ModelError(
                f"{graph.name} holds more than {_MAX_PACKAGES} Edge TPU packages.",
                "No compiler writes that many: the file is damaged or not to be trusted.",
            )
        found += [_package(blob, f"{graph.describe(index)} of {graph.name}", index) for blob in blobs]
    return tuple(found)


class _Buffer(Flatbuffer):
    kind = "Edge TPU package"


def _blobs(graph: Graph, index: int, operator: Operator) -> list[bytes]:
    """The packages of one custom operator as bytes."""
    name = f"{graph.describe(index)} of {graph.name}"
    options = read_map(operator.custom_options, name)
    if _KEY_CACHING in options:
        raise ModelError(
            f"{name} keeps its cached parameters apart, a form of early compilers that edgeq does not read.",
            "Compile the original model again with a current Edge TPU compiler.",
        )
    first = options.get(_KEY_EXECUTABLE)
    rest = options.get(_KEY_REMAINING, ())
    blobs = [first, *(rest if isinstance(rest, tuple) else (rest,))]
    if not isinstance(first, bytes) or not all(isinstance(blob, bytes) for blob in blobs):
        raise ModelError(
            f"{name} carries no Edge TPU package.",
            "The compiled model is damaged: copy it again, or compile the model again.",
        )
    return [blob for blob in blobs if isinstance(blob, bytes)]


def _package(data: bytes, name: str, operator: int) -> Package:
    root = _Buffer(data, name, IDENTIFIER).root()
    nested = root.vector(_PACKAGE["serialized_multi_executable"], "uint8", "the list of executables")
    if nested is None or not nested.size:
        raise root.file.damaged("it holds no executables")
    multi = _Buffer(nested.tobytes(), name, b"").root()
    blobs = multi.blobs(_MULTI_EXECUTABLE["serialized_executables"], "executable", _MAX_EXECUTABLES)
    executables = tuple(_executable(blob, name) for blob in blobs)
    kinds = sorted(executable.kind for executable in executables)
    if kinds not in (sorted(_KINDS[1:]), sorted(_KINDS)) and len(kinds) != 1:
        raise root.file.damaged(
            f"its executables are {', '.join(kinds) or 'none'}, which do not belong together"
        )
    return Package(
        operator=operator,
        min_runtime_version=root.integer(_PACKAGE["min_runtime_version"], "int32"),
        compiler=root.string(_PACKAGE["compiler_version"], "the compiler's version"),
        model_identifier=root.string(_PACKAGE["model_identifier"], "the model identifier"),
        size=len(data),
        executables=executables,
    )


def _executable(data: bytes, name: str) -> Executable:
    root = _Buffer(data, name, b"").root()
    kind = root.integer(_EXECUTABLE["type"], "int16")
    if not 0 <= kind < len(_KINDS):
        raise root.file.damaged(f"an executable is of type {kind}, which does not exist")
    batch = root.integer(_EXECUTABLE["batch_size"], "int32")
    if batch < 1:
        raise root.file.damaged(f"an executable has batch size {batch}")
    streams = root.tables(_EXECUTABLE["instruction_bitstreams"], "instruction stream", _MAX_BITSTREAMS)
    cycles = root.integer(_EXECUTABLE["estimated_cycles_64bit"], "int64") or root.integer(
        _EXECUTABLE["estimated_cycles"], "int32"
    )
    return Executable(
        kind=_KINDS[kind],
        name=root.string(_EXECUTABLE["name"], "an executable's name"),
        chip=root.string(_EXECUTABLE["chip"], "the chip's name"),
        batch_size=batch,
        parameters=_bytes(root, _EXECUTABLE["parameters"], "the parameters"),
        instructions=sum(_bytes(stream, _BITSTREAM["bitstream"], "the instructions") for stream in streams),
        scratch=_size(root, "scratch_size_bytes"),
        narrow_memory=_size(root, "used_narrow_memory_bytes_per_tile"),
        cycles=cycles if cycles > 0 else None,
        caching_token=root.integer(_EXECUTABLE["parameter_caching_token"], "uint64"),
        inputs=_layers(root, "input"),
        outputs=_layers(root, "output"),
    )


def _size(root: Table, field: str) -> int:
    value = root.integer(_EXECUTABLE[field], "int32")
    if value < 0:
        raise root.file.damaged(f"{field} is {value}")
    return value


def _bytes(table: Table, slot: int, what: str) -> int:
    values = table.vector(slot, "uint8", what)
    return 0 if values is None else int(values.size)


def _layers(root: Table, role: str) -> tuple[Layer, ...]:
    tables = root.tables(_EXECUTABLE[f"{role}_layers"], f"{role} layer", _MAX_LAYERS)
    return tuple(_layer(table) for table in tables)


def _layer(table: Table) -> Layer:
    y, x, z = (table.integer(_LAYER[f"{axis}_dim"], "int32") for axis in "yxz")
    code = table.integer(_LAYER["data_type"], "int16")
    return Layer(
        name=table.string(_LAYER["name"], "a layer's name"),
        shape=(y, x, z),
        size=table.integer(_LAYER["size_bytes"], "int32"),
        data_type=_DATA_TYPES.get(code, f"type {code}"),
    )

"""The forms of a network for other build systems: where its files go, and what stands around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Form:
    """A layout of C sources that some build system takes as it is.

    Attributes:
        name: as ``--format`` names it.
        public: the folder of the header that programs include; sources are in ``src``.
        around: templates of ``firmware_templates/library`` to paths; ``{name}`` is the library's.
        any_core: whether it is for cores that no board of edgeq's has, which take plain C.
    """

    name: str
    public: str
    around: Mapping[str, str]
    any_core: bool = False


FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (
        Form("library", "include", {"CMakeLists.txt.j2": "CMakeLists.txt"}),
        Form(
            "arduino",
            "src",
            {
                "library.properties.j2": "library.properties",
                "sketch.ino.j2": "examples/{name}/{name}.ino",
            },
        ),
        Form(
            "zephyr-module",
            "include",
            {
                "zephyr.cmake.j2": "CMakeLists.txt",
                "module.yml.j2": "zephyr/module.yml",
                "Kconfig.j2": "zephyr/Kconfig",
            },
        ),
        Form("esp-idf-component", "include", {"esp_idf.cmake.j2": "CMakeLists.txt"}, any_core=True),
    )
}

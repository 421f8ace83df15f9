"""Objects compiled before: found for the very same text, flags and compiler, and for nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from edgeq.builder.objects import Objects

DIRS = ("inc", "more")
FLAGS = ("zig 1", "-O2")
SOURCE = '#include "a.h"\n#  include <b.h>\n#include <stdint.h>\nint f(void) { return A; }\n'


def project(place: Path, **files: str) -> Path:
    texts = {
        "src/f.c": SOURCE,
        "inc/a.h": '#include "deep/c.h"\n',
        "more/b.h": "",
        "inc/deep/c.h": "#define A 1\n",
    }
    for name, text in {**texts, **files}.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return place


def key(place: Path, flags: tuple[str, ...] = FLAGS) -> str | None:
    return Objects(place / "kept", place, DIRS).key("src/f.c", flags)


def test_the_folder_is_no_part_of_the_key(tmp_path: Path) -> None:
    first = key(project(tmp_path / "one"))
    assert first is not None
    assert first == key(project(tmp_path / "two", **{"inc/unused.h": "", "src/other.c": ""}))


@pytest.mark.parametrize(
    "files",
    [
        {"src/f.c": SOURCE + "\n"},
        {"inc/a.h": '#include "deep/c.h"\n\n'},
        {"more/b.h": "#undef A\n"},
        {"inc/deep/c.h": "#define A 2\n"},
        {"src/a.h": "#define A 3\n"},  # beside the source, before the folders of headers
        {"inc/b.h": "#define A 4\n"},  # in an earlier folder
        {"inc/stdint.h": "#define A 5\n"},  # in place of the compiler's own
    ],
)
def test_all_that_is_included_is_part_of_the_key(tmp_path: Path, files: dict[str, str]) -> None:
    assert key(project(tmp_path / "one")) != key(project(tmp_path / "two", **files))


def test_flags_and_compiler_are_part_of_the_key(tmp_path: Path) -> None:
    place = project(tmp_path)
    others = [("zig 2", "-O2"), ("zig 1", "-Os"), ("zig 1", "-O2", "-g"), ("zig 1-", "O2")]
    assert len({key(place), *(key(place, flags) for flags in others)}) == 5


@pytest.mark.parametrize(
    "text",
    [
        "#include NAME\n",
        '#include "missing.h"\n',
        '#include "/etc/hostname"\n',
        '#include "../../outside.h"\n',
        '__asm__(".incbin \\"x.bin\\"");\n',
        "#if __has_include(<x.h>)\n#endif\n",
        'int a[] = {\n#embed "x.bin"\n};\n',
        "#\\\ninclude NAME\n",
        '#inc\\\nlude "b.h"\n',
        '#/* a */include "b.h"\n',
        '#include /* a */ "b.h"\n',
        '__asm__(".include \\"x.s\\"");\n',
        "%:include <b.h>\n",
        "#include_next <b.h>\n",
    ],
)
@pytest.mark.parametrize("name", ["src/f.c", "inc/deep/c.h"])
def test_what_is_read_in_another_way_has_no_key(tmp_path: Path, text: str, name: str) -> None:
    (tmp_path / "outside.h").write_text("")
    place = project(tmp_path / "one")
    (place / name).write_text(text)
    assert key(place) is None


def test_a_comment_before_a_directive_hides_nothing(tmp_path: Path) -> None:
    text = SOURCE + '/* a */ #\tinclude "deep/d.h"\n'
    keys = {key(project(tmp_path / d, **{"src/f.c": text, "inc/deep/d.h": d})) for d in ("one", "two")}
    assert len(keys) == 2 and None not in keys


def test_headers_that_include_each_other(tmp_path: Path) -> None:
    assert key(project(tmp_path, **{"inc/deep/c.h": '#include "../a.h"\n'})) is not None


def test_kept_and_taken(tmp_path: Path) -> None:
    objects = Objects(tmp_path / "kept", tmp_path, ())
    (made := tmp_path / "made.o").write_bytes(b"object")
    assert not objects.take("k", tmp_path / "wanted.o")
    objects.keep({"k": made})
    assert objects.take("k", tmp_path / "wanted.o")
    assert (tmp_path / "wanted.o").read_bytes() == b"object"
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["k.o"]


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file")
    (made := tmp_path / "made.o").write_bytes(b"object")
    objects = Objects(tmp_path / "kept", tmp_path, ())
    objects.keep({"k": made})
    assert not objects.take("k", tmp_path / "wanted.o")


def test_the_half_that_was_wanted_last_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgeq.builder.objects._MOST", 80)
    objects = Objects(tmp_path / "kept", tmp_path, ())
    (made := tmp_path / "made.o").write_bytes(bytes(10))
    for number in range(8):
        objects.keep({f"{number}": made})
        os.utime(tmp_path / "kept" / f"{number}.o", (number, number))
    assert objects.take("0", tmp_path / "wanted.o")
    objects.keep({"8": made})
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["0.o", "6.o", "7.o", "8.o"]

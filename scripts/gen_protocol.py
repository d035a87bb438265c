"""Write what follows from spec/: the codes, the Protobuf classes and the converters between them and the records.

`--check` writes nothing and fails when something is stale.

    spec/codes.toml                       -> src/glideim/protocol/codes.py, the tables of docs/protocol.md
    spec/glide.proto                      -> src/glideim/protocol/pb/glide_pb2.py, glide_pb2.pyi
    src/glideim/protocol/{records,social}.py -> src/glideim/protocol/pb/reading.py, writing.py
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from grpc_tools import protoc
from msgspec import inspect

from glideim.protocol import records
from glideim.protocol.actions import RECORDS, RESULTS

ROOT = Path(__file__).resolve().parent.parent
SPEC = ROOT / "spec"
PROTOCOL = ROOT / "src/glideim/protocol"
MADE_BY = "by scripts/gen_protocol.py: do not edit."


# --- codes --------------------------------------------------------------------------------------


def codes_module(spec: Mapping[str, Any]) -> str:
    """protocol/codes.py."""
    errors, closes = spec["error"], spec["close"]
    lines = [
        f'"""Error and close codes of protocol 2. Generated from spec/codes.toml {MADE_BY}"""',
        "from __future__ import annotations",
        "",
        "from enum import IntEnum, StrEnum",
        "",
        "class ErrorCode(StrEnum):",
        '    """Why a request was refused."""',
        "",
        *(f"    {e['code'].upper()} = {e['code']!r}" for e in errors),
        "",
        "RETRYABLE: frozenset[ErrorCode] = frozenset({",
        *(f"    ErrorCode.{e['code'].upper()}," for e in errors if e["retryable"]),
        "})",
        '"""The same request may succeed later."""',
        "",
        "HTTP_STATUS: dict[ErrorCode, int] = {",
        *(f"    ErrorCode.{e['code'].upper()}: {e['http']}," for e in errors),
        "}",
        "",
        "ERROR_TEXT: dict[ErrorCode, str] = {",
        *(f"    ErrorCode.{e['code'].upper()}: {e['text']!r}," for e in errors),
        "}",
        "",
        "class CloseCode(IntEnum):",
        '    """Why a connection was ended: the number of `notify.close` and of the close frame."""',
        "",
        *(f"    {c['name'].upper()} = {c['code']}" for c in closes),
        "",
        "    @property",
        "    def may_reconnect(self) -> bool:",
        '        """True for 4000-4099: reconnect with backoff and jitter; False for 4100-4199: do not."""',
        "        return self < 4100",
        "",
        "CLOSE_TEXT: dict[CloseCode, str] = {",
        *(f"    CloseCode.{c['name'].upper()}: {c['text']!r}," for c in closes),
        "}",
    ]
    for close in closes:
        if close["reconnect"] != (close["code"] < 4100):
            raise SystemExit(f"codes.toml: {close['name']} is numbered against its meaning")
    return formatted("\n".join(lines))


def documented(page: str, spec: Mapping[str, Any]) -> str:
    """docs/protocol.md with the tables of the codes as they are."""
    begin, end = "<!-- codes: begin -->\n", "<!-- codes: end -->"
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise SystemExit("docs/protocol.md has no place for the codes")
    rows = [
        "| code | HTTP | retry | |",
        "|---|---|---|---|",
        *(
            f"| `{e['code']}` | {e['http']} | {'yes' if e['retryable'] else 'no'} | {e['text']} |"
            for e in spec["error"]
        ),
        "",
        "| close | name | reconnect | |",
        "|---|---|---|---|",
        *(
            f"| {c['code']} | `{c['name']}` | {'yes' if c['reconnect'] else 'no'} | {c['text']} |"
            for c in spec["close"]
        ),
        "",
    ]
    return before + begin + "\n".join(rows) + end + after


# --- Protobuf classes ---------------------------------------------------------------------------


def protobuf_modules() -> dict[str, str]:
    """What protoc makes of the schema."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["protoc", f"-I{SPEC}", f"--python_out={folder}", f"--pyi_out={folder}"]
        if protoc.main([*arguments, "glide.proto"]) != 0:
            raise SystemExit("protoc failed")
        made = {path.name: path.read_text("utf-8") for path in Path(folder).iterdir()}
    # protoc names modules by the folder of the schema; ours live in a package.
    made["glide_pb2.py"] = made["glide_pb2.py"].replace(
        "'glide_pb2'", "'glideim.protocol.pb.glide_pb2'"
    )
    return made


# --- converters ---------------------------------------------------------------------------------


def snake(name: str) -> str:
    """`AckMessage` -> `ack_message`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def every_record() -> list[type[msgspec.Struct]]:
    """The records that travel, those inside others first."""
    found: dict[type[msgspec.Struct], None] = {}

    def visit(kind: type[msgspec.Struct]) -> None:
        for field in struct_fields(kind):
            for inner in inner_structs(field.type):
                visit(inner)
        found.setdefault(kind)

    for kind in (*RECORDS.values(), *RESULTS.values()):
        visit(kind)
    return list(found)


def struct_fields(kind: type[msgspec.Struct]) -> tuple[inspect.Field, ...]:
    """The fields of a record, with their types."""
    info = inspect.type_info(kind)
    if not isinstance(info, inspect.StructType):
        raise TypeError(f"{kind} is not a record")
    return info.fields


def inner_structs(kind: inspect.Type) -> Iterator[type[msgspec.Struct]]:
    """Records within the type of a field."""
    match kind:
        case inspect.StructType(cls=cls):
            yield cls
        case inspect.VarTupleType(item_type=item) | inspect.DictType(value_type=item):
            yield from inner_structs(item)
        case inspect.UnionType(types=types):
            for one in types:
                yield from inner_structs(one)
        case _:
            return


def wire_name(field: inspect.Field) -> str:
    """Name in the schema: that of the record, but for `from_`, which is a word of Python."""
    return field.name.rstrip("_")


def get(name: str) -> str:
    """How a Protobuf attribute is read; `from` is a word of Python."""
    return f'getattr(m, "{name}")' if name == "from" else f"m.{name}"


def put(name: str, value: str) -> str:
    """How a Protobuf attribute is written."""
    return f'setattr(m, "{name}", {value})' if name == "from" else f"m.{name} = {value}"


def ref(kind: type[msgspec.Struct]) -> str:
    """How the generated modules name a record: by the letter of its module."""
    return f"{kind.__module__.rpartition('.')[2][0]}.{kind.__name__}"


def is_id(kind: inspect.Type) -> bool:
    """Whether a type is `Id`, whose range Protobuf does not check."""
    return isinstance(kind, inspect.IntType) and kind.ge == 0 and kind.le == records.MAX_ID


def reader(kind: type[msgspec.Struct]) -> str:
    """The function that makes a record of a Protobuf message."""
    name = kind.__name__
    before: list[str] = []
    arguments: list[str] = []
    ids: list[str] = []
    for field in struct_fields(kind):
        wire, local = wire_name(field), field.name
        match field.type:
            case inspect.IntType() if is_id(field.type):
                before.append(f"{local} = {get(wire)}")
                ids.append(local)
                arguments.append(local)
            case inspect.IntType() | inspect.StrType() | inspect.BoolType():
                arguments.append(get(wire))
            case other:
                arguments.append(read_value(other, wire, before))
    test = []
    if ids:
        named = ", ".join(f"{i}={i}" for i in ids)
        every = ids[0] if len(ids) == 1 else f"({' | '.join(ids)})"
        test = [f"    if {every} >> ID_BITS:", f"        raise out_of_range({named})"]
    body = [f"    {line}" for line in before]
    call = f"    return {ref(kind)}({', '.join(arguments)})"
    head = f"def read_{snake(name)}({'m' if arguments else '_'}: pb.{name}) -> {ref(kind)}:"
    return "\n".join([head, *body, *test, call, ""])


def read_value(kind: inspect.Type, wire: str, before: list[str]) -> str:
    """The expression for a field that is more than a number or text."""
    match kind:
        case inspect.UnionType(types=(inner, inspect.NoneType())):
            if is_id(inner):
                before.append(
                    f'{wire} = checked_id("{wire}", m.{wire}) if m.HasField("{wire}") else None'
                )
                return wire
            value = f"m.{wire}"
            if isinstance(inner, inspect.StructType):
                value = f"read_{snake(inner.cls.__name__)}({value})"
            return f'{value} if m.HasField("{wire}") else None'
        case inspect.VarTupleType(item_type=inspect.StructType(cls=cls)):
            return f"tuple([read_{snake(cls.__name__)}(item) for item in m.{wire}])"
        case inspect.VarTupleType(item_type=item):
            return f'checked_ids("{wire}", m.{wire})' if is_id(item) else f"tuple(m.{wire})"
        case inspect.DictType(value_type=inspect.StrType()):
            # Making a dict of an empty map costs 1 µs, asking whether it is empty a fifth of it.
            return f"dict(m.{wire}) if m.{wire} else {{}}"
        case inspect.DictType(value_type=inspect.IntType()):
            return f'checked_map("{wire}", m.{wire})'
        case inspect.DictType(
            value_type=inspect.VarTupleType(item_type=inspect.StructType(cls=cls))
        ):
            return (
                f"{{key: tuple([read_{snake(cls.__name__)}(item) for item in value.items]) "
                f"for key, value in m.{wire}.items()}}"
            )
        case inspect.StructType(cls=cls):
            return f"read_{snake(cls.__name__)}(m.{wire})"
        case other:
            raise TypeError(f"no converter for {other}")


def writer(kind: type[msgspec.Struct]) -> str:
    """The function that fills a Protobuf message from a record."""
    name = kind.__name__
    lines: list[str] = []
    for field in struct_fields(kind):
        lines += write_value(field.type, wire_name(field), f"data.{field.name}")
    arguments = "data" if lines else "_data"
    message = "m" if lines else "_m"
    if not lines:
        lines = ['"""Nothing to fill."""']
    head = f"def write_{snake(name)}({arguments}: {ref(kind)}, {message}: pb.{name}) -> None:"
    return "\n".join([head, *(f"    {line}" for line in lines), ""])


def write_value(kind: inspect.Type, wire: str, value: str) -> list[str]:
    """The statements for one field. Zero and empty values are not set: that is how they are left out."""
    match kind:
        case inspect.IntType() | inspect.StrType() | inspect.BoolType():
            return [f"if {value}:", f"    {put(wire, value)}"]
        case inspect.UnionType(types=(inspect.StructType(cls=cls), inspect.NoneType())):
            return [
                f"if {value} is not None:",
                f"    m.{wire}.SetInParent()",
                f"    write_{snake(cls.__name__)}({value}, m.{wire})",
            ]
        case inspect.UnionType(types=(_, inspect.NoneType())):
            return [f"if {value} is not None:", f"    {put(wire, value)}"]
        case inspect.VarTupleType(item_type=inspect.StructType(cls=cls)):
            one = snake(cls.__name__)
            return [f"for {one} in {value}:", f"    write_{one}({one}, m.{wire}.add())"]
        case inspect.VarTupleType():
            return [f"if {value}:", f"    m.{wire}.extend({value})"]
        case inspect.DictType(
            value_type=inspect.VarTupleType(item_type=inspect.StructType(cls=cls))
        ):
            one = snake(cls.__name__)
            return [
                f"for key, items in {value}.items():",
                f"    page = m.{wire}[key].items",
                f"    for {one} in items:",
                f"        write_{one}({one}, page.add())",
            ]
        case inspect.DictType():
            return [f"if {value}:", f"    m.{wire}.update({value})"]
        case inspect.StructType(cls=cls):
            return [f"write_{snake(cls.__name__)}({value}, m.{wire})"]
        case other:
            raise TypeError(f"no converter for {other}")


def reading_module(kinds: list[type[msgspec.Struct]]) -> str:
    """protocol/pb/reading.py."""
    head = f'''"""Records of Protobuf messages. Generated from records.py and social.py {MADE_BY}

Each function raises OutOfRangeError when a number does not fit its field.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from glideim.protocol import records as r
from glideim.protocol import social as s

from . import glide_pb2 as pb
from .ranges import ID_BITS, checked_id, checked_ids, checked_map, out_of_range

'''
    return formatted(
        head
        + "\n\n".join(map(reader, kinds))
        + "\n\n"
        + table("READERS", "read", "[Any], Any", kinds)
    )


def writing_module(kinds: list[type[msgspec.Struct]]) -> str:
    """protocol/pb/writing.py."""
    head = f'''"""Protobuf messages of records. Generated from records.py and social.py {MADE_BY}"""

# ruff: noqa: C901, PLR0912 - one branch per field is the plainest that can be generated.

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from glideim.protocol import records as r
from glideim.protocol import social as s

from . import glide_pb2 as pb

'''
    made = "\n\n".join(map(writer, kinds))
    return formatted(head + made + "\n\n" + table("WRITERS", "write", "[Any, Any], None", kinds))


def table(name: str, verb: str, signature: str, kinds: list[type[msgspec.Struct]]) -> str:
    """The functions of a module by record."""
    rows = "\n".join(f"    {ref(kind)}: {verb}_{snake(kind.__name__)}," for kind in kinds)
    return f"{name}: dict[type, Callable[{signature}]] = {{\n{rows}\n}}\n"


# --- all of it ----------------------------------------------------------------------------------


def formatted(source: str) -> str:
    """As `ruff format` wants it, so that the generated modules pass the checks of all others."""
    command = [
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--config",
        str(ROOT / "pyproject.toml"),
        "-",
    ]
    return subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout


def outputs() -> dict[Path, str]:
    """Every file that this program writes."""
    spec = tomllib.loads((SPEC / "codes.toml").read_text("utf-8"))
    kinds = every_record()
    made = {PROTOCOL / "pb" / name: text for name, text in protobuf_modules().items()}
    made[PROTOCOL / "codes.py"] = codes_module(spec)
    page = ROOT / "docs/protocol.md"
    made[page] = documented(page.read_text("utf-8"), spec)
    made[PROTOCOL / "pb/reading.py"] = reading_module(kinds)
    made[PROTOCOL / "pb/writing.py"] = writing_module(kinds)
    return made


def main() -> int:
    """Write the files, or with --check say which are stale."""
    stale = [
        (path, text)
        for path, text in outputs().items()
        if not path.exists() or path.read_text("utf-8") != text
    ]
    for path, text in stale:
        if "--check" in sys.argv:
            sys.stderr.write(f"{path.relative_to(ROOT)} is stale: run scripts/gen_protocol.py\n")
        else:
            path.write_text(text, "utf-8")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())

"""spec/glide.proto and the records say the same: names, types, what may be absent, and the JSON mapping."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import inspect

from glideim.protocol.actions import RECORDS, RESULTS, Action
from glideim.protocol.pb import glide_pb2 as pb
from glideim.protocol.pb.reading import READERS
from glideim.protocol.pb.writing import WRITERS
from glideim.protocol.records import Synced
from tests.support.envelopes import records

ROOT = Path(__file__).parents[3]
KINDS = sorted(READERS, key=lambda kind: kind.__name__)


def name_of(kind: type) -> str:
    """How a test of a record is called."""
    return kind.__name__


def message_of(kind: type) -> Any:
    return getattr(pb, kind.__name__)


def described(kind: inspect.Type) -> tuple[Any, ...]:
    """Type, whether repeated, whether a map, whether presence is kept: as the schema must have it."""
    match kind:
        case inspect.IntType(ge=0):
            return (FieldDescriptor.TYPE_INT64, False, False)
        case inspect.IntType():
            return (FieldDescriptor.TYPE_INT32, False, False)
        case inspect.StrType():
            return (FieldDescriptor.TYPE_STRING, False, False)
        case inspect.BoolType():
            return (FieldDescriptor.TYPE_BOOL, False, False)
        case inspect.StructType(cls=cls):
            return (cls.__name__, False, True)
        case inspect.UnionType(types=(inner, inspect.NoneType())):
            return (*described(inner)[:2], True)
        case inspect.VarTupleType(item_type=item):
            return (described(item)[0], True, False)
        case inspect.DictType(key_type=key, value_type=inspect.VarTupleType()):
            return ((described(key)[0], "MessageList"), True, False)
        case inspect.DictType(key_type=key, value_type=value):
            return ((described(key)[0], described(value)[0]), True, False)
        case other:
            raise TypeError(other)


def declared(field: FieldDescriptor) -> tuple[Any, ...]:
    """The same of a field of the schema."""

    def kind(one: FieldDescriptor) -> Any:
        return one.type if one.message_type is None else one.message_type.name

    inner = field.message_type
    if inner is not None and inner.GetOptions().map_entry:
        key, value = inner.fields_by_name["key"], inner.fields_by_name["value"]
        return ((kind(key), kind(value)), True, False)
    return (kind(field), field.is_repeated, field.has_presence)


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
def test_a_record_and_its_message_have_the_same_fields(kind: type) -> None:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    fields = message_of(kind).DESCRIPTOR.fields_by_name
    assert {f.name.rstrip("_"): described(f.type) for f in info.fields} == {
        name: declared(field) for name, field in fields.items()
    }
    assert {f.encode_name for f in info.fields} == {f.json_name for f in fields.values()}


def test_every_message_has_a_record() -> None:
    messages = set(pb.DESCRIPTOR.message_types_by_name)
    assert messages == {kind.__name__ for kind in KINDS} | {"Frame", "Batch", "Envelope", "ApiOk"}


def test_every_action_has_its_field_and_nothing_else_has_one() -> None:
    (data,) = pb.Envelope.DESCRIPTOR.oneofs
    assert {f.name: f.message_type.name for f in data.fields if f.message_type} == {
        str(action).replace(".", "_"): record.__name__ for action, record in RECORDS.items()
    } | {"api_ok": "ApiOk"}
    assert set(RECORDS) == set(Action) - {Action.API_OK}


def test_every_result_has_one_field() -> None:
    (result,) = pb.ApiOk.DESCRIPTOR.oneofs
    names = [f.message_type.name for f in result.fields if f.message_type]
    assert sorted(names) == sorted({kind.__name__ for kind in RESULTS.values()})
    assert set(RESULTS) == {action for action in RECORDS if action.startswith("api.")}


def test_hot_fields_have_short_tags() -> None:
    hot = (
        "message_chat",
        "message_group",
        "ack_group_msg",
        "message_stream",
        "ack_message",
        "ack_request",
        "ack_notify",
        "heartbeat",
        "message_read",
    )
    fields = pb.Envelope.DESCRIPTOR.fields_by_name
    assert all(fields[name].number < 16 for name in hot)
    rare = {"reactions", "pinned", "expire_at"}
    fields_of_message = pb.Message.DESCRIPTOR.fields
    assert all(field.number < 14 for field in fields_of_message if field.name not in rare)


def test_every_field_number_is_within_its_range() -> None:
    ranges = {"api_auth": (100, 119), "api_users": (120, 139), "api_messages": (140, 159)}
    for field in pb.Envelope.DESCRIPTOR.fields:
        group = re.match(r"api_[a-z]+(?=_)", field.name)
        if group is not None and group[0] in ranges:
            low, high = ranges[group[0]]
            assert low <= field.number <= high


@pytest.mark.parametrize("kind", [k for k in KINDS if k is not Synced], ids=name_of)
@settings(deadline=None, max_examples=20, derandomize=True)
@given(data=st.data())
def test_json_is_the_canonical_mapping(kind: type, data: st.DataObject) -> None:
    record = data.draw(records(kind))
    parsed = json_format.Parse(msgspec.json.encode(record).decode(), message_of(kind)())
    assert READERS[kind](parsed) == record
    message = message_of(kind)()
    WRITERS[kind](record, message)
    # Protobuf's own mapping writes int64 as text; numbers are all that differs.
    printed = json.dumps(
        json_format.MessageToDict(message, always_print_fields_with_no_presence=True)
    )
    assert msgspec.json.decode(printed, type=kind, strict=False) == record


@pytest.mark.parametrize("script", ["gen_protocol.py", "gen_vectors.py"])
def test_what_is_generated_is_current(script: str) -> None:
    command = [sys.executable, str(ROOT / "scripts" / script), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_loading_the_classes_warns_of_nothing() -> None:
    command = [sys.executable, "-W", "error", "-c", "import glideim.protocol.protobuf"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0

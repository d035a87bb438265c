"""Random envelopes of every action, from the types of the records."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from msgspec import inspect

from glideim.protocol.actions import RECORDS, RESULTS, Action
from glideim.protocol.records import Envelope, Id

INT32 = 2**31 - 1


def values(kind: inspect.Type) -> st.SearchStrategy[Any]:
    """What a field of this type may hold."""
    match kind:
        case inspect.IntType(ge=low, le=high):
            return st.integers(low, high) | st.integers(0, 300)
        case inspect.StrType():
            return st.text(max_size=20)
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case inspect.UnionType(types=types):
            return st.one_of([values(one) for one in types])
        case inspect.VarTupleType(item_type=item):
            return st.lists(values(item), max_size=3).map(tuple)
        case inspect.DictType(key_type=key, value_type=value):
            return st.dictionaries(values(key), values(value), max_size=3)
        case inspect.StructType(cls=cls, fields=fields):
            return st.builds(cls, **{field.name: values(field.type) for field in fields})
        case other:
            raise TypeError(f"no strategy for {other}")


def records(kind: type) -> st.SearchStrategy[Any]:
    """Records of a class."""
    return values(inspect.type_info(kind))


def envelopes(action: str, data: st.SearchStrategy[Any]) -> st.SearchStrategy[Envelope]:
    """Envelopes of an action."""
    return st.builds(
        Envelope,
        st.just(action),
        values(inspect.type_info(Id)),
        data,
        # 0 on the wire means 2, as does nothing.
        st.just(2) | st.integers(-(2**31), INT32).filter(bool),
        st.none() | st.dictionaries(st.text(), st.text(), min_size=1, max_size=2),
    )


REQUESTS: dict[str, st.SearchStrategy[Envelope]] = {
    str(action): envelopes(str(action), records(record)) for action, record in RECORDS.items()
}
"""Envelopes by action."""

ANY = st.sampled_from(sorted(REQUESTS)).flatmap(REQUESTS.__getitem__)
"""Any envelope that is not the result of an API call."""

API_RESULTS: dict[type, st.SearchStrategy[Envelope]] = {
    record: envelopes(str(Action.API_OK), records(record))
    for record in dict.fromkeys(RESULTS.values())
}
"""Envelopes of `api.ok` by record."""

"""Any value as JSON can say it: nothing here raises, whatever the value is."""

import json
from typing import cast

from vmodel._bytes import shown

LONGEST = 200


def plain(value: object) -> object:
    """Return *value* as JSON says it; what JSON cannot say is told by its repr, cut short."""
    try:
        return cast(object, json.loads(json.dumps(value, allow_nan=False)))
    except Exception:  # noqa: BLE001  # NaN, bytes, an array, a list in itself, an int of 5000 digits
        return shown(value)


def brief(value: object) -> object:
    """Return *value* as `plain()` does, or the beginning of its text, marked, where that is long."""
    said = value if isinstance(value, str) else plain(value)
    text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    return plain(said) if len(text) <= LONGEST else f"{text[:LONGEST]}… (cut: {len(text)} characters in all)"

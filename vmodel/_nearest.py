"""The names close to one that is not there, for whoever mistyped it."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest_names(name: object, there: Iterable[str]) -> list[str]:
    """Return up to three of the names *there* that are close to *name*, in whatever case they are written."""
    by_folded: dict[str, list[str]] = {}
    for each in there:
        by_folded.setdefault(each.casefold(), []).append(each)
    close = get_close_matches(str(name).casefold(), by_folded, n=3)
    return [each for folded in close for each in by_folded[folded]][:3]

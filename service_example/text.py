"""Texts: a minimal service that measures a text and finds what it is about, in plain Python.

What lives here: the service, counting and ranking. What a word is, is in `_text_words.py`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from math import sqrt
from typing import NamedTuple

from vmodel.protocol.minimal_protocol import get_service_info_func, service_func

# By its full name, because a file that is imported by its path has no package. In a clone mypy cannot follow it.
from vmodel.service_example import _text_words  # type: ignore[attr-defined]

MOST_CHARACTERS = 200_000
FREQUENT_WORDS = 10
MOST_KEYWORDS = 100
LONGEST_PHRASE = 4  # words, or twice as many Chinese or Japanese characters
# Silent reading of English (Brysbaert 2019), and reading of Chinese (Trauzettel-Klosinski and Dietz 2012).
WORDS_PER_MINUTE = 238
CJK_CHARACTERS_PER_MINUTE = 255
EDGE = _text_words.Word("", "", 0)  # before the first word and after the last, so that each has two neighbours

Words = list[_text_words.Word]


@service_func("statistics", "text")
def statistics(text: str) -> dict[str, object]:
    """Return how long *text* is, in several units, and its most frequent words."""
    _check_length(text)
    words = [word for word in _text_words.words(text) if word.weight]
    characters_that_are_words = sum(word.weight < 1 for word in words)
    spaced = len(words) - characters_that_are_words
    minutes = spaced / WORDS_PER_MINUTE + characters_that_are_words / CJK_CHARACTERS_PER_MINUTE
    frequent = Counter(word.key for word in words if word.key).most_common(FREQUENT_WORDS)
    return {
        "characters": len(text),
        "characters_without_spaces": sum(not character.isspace() for character in text),
        "words": len(words),
        "sentences": len(_text_words.sentences(text)),
        "lines": len(text.splitlines()),
        "frequent_words": [{"word": word, "count": count} for word, count in frequent],
        "reading_seconds": round(minutes * 60, 1),
    }


@service_func("keywords", "text")
def keywords(text: str, count: int = 10) -> list[dict[str, object]]:
    """Return up to *count* words and phrases that *text* is about, the weightiest first."""
    _check_length(text)
    if not 1 <= count <= MOST_KEYWORDS:
        raise ValueError(f"count must be from 1 to {MOST_KEYWORDS}, not {count}")
    words = [EDGE, *_text_words.words(text), EDGE]
    phrases = [phrase for phrase in _phrases(words) if _stands_alone(phrase, words)]
    if not phrases:  # one long run of words, each of which is there once
        phrases = [phrase for phrase in _phrases(words) if phrase.length == 1]
    best = sorted(phrases, key=lambda phrase: (-phrase.score, phrase.starts[0]))[:count]
    return [
        {"keyword": _shown(phrase, words), "count": len(phrase.starts), "score": round(phrase.score, 3)}
        for phrase in best
    ]


class Phrase(NamedTuple):
    """One phrase: the places at which it starts, in order, how many items it has, and how many words they are."""

    starts: list[int]
    length: int
    size: float

    @property
    def score(self) -> float:
        """How much it says of the text: more when it is there often, and a little more when it is long."""
        return len(self.starts) * sqrt(self.size)


def _phrases(words: Words) -> Iterator[Phrase]:
    """Yield what may stand alone: each word, then the longer phrases that are there again or begin after a gap."""
    keys = [word.key for word in words]
    starts = [place for place, key in enumerate(keys) if key]
    for length in range(1, 2 * LONGEST_PHRASE + 1):
        found = defaultdict(list)
        for start in starts:
            if keys[start + length - 1]:
                found[tuple(keys[start : start + length])].append(start)
        for places in found.values():
            size = sum(word.weight for word in words[places[0] : places[0] + length])
            if 1 <= size <= LONGEST_PHRASE:
                yield Phrase(places, length, size)
        starts = [start for places in found.values() for start in places if len(places) > 1 or not keys[start - 1]]


def _stands_alone(phrase: Phrase, words: Words) -> bool:
    """Return whether *phrase* is more than a part: not always after the same word, nor always before the same."""
    before = {words[start - 1].key for start in phrase.starts}
    after = {words[start + phrase.length].key for start in phrase.starts}
    return all("" in beside or len(beside) > 1 for beside in (before, after))


def _shown(phrase: Phrase, words: Words) -> str:
    """Return *phrase* as it is first written: a space between two words, none beside a character that is a word."""
    first = words[phrase.starts[0] : phrase.starts[0] + phrase.length]
    shown: str = first[0].shown
    for left, right in pairwise(first):
        shown += f" {right.shown}" if left.weight == right.weight == 1 else right.shown
    return shown


def _check_length(text: str) -> None:
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"the text has {len(text):,} characters; accepted are at most {MOST_CHARACTERS:,}")


TEXT = {
    "name": "text",
    "type": "str",
    "type_desc": f"a text of 0 to {MOST_CHARACTERS:,} characters, of any number of lines",
}


@get_service_info_func("text")
def info() -> dict[str, object]:
    """Return what a planner plans with."""
    return {
        "service_name": "text",
        "service_desc": (
            "Measures texts and finds what they are about, without a model. Made for English and Chinese; of other "
            "languages that put spaces between words it does not know which words say nothing."
        ),
        "resources": {"cpu": 1, "memory": "128MiB"},
        "methods": [_statistics_info(), _keywords_info()],
    }


def _statistics_info() -> dict[str, object]:
    return {
        "name": "statistics",
        "desc": "Says how long a text is, how long it takes to read, and which words are frequent in it.",
        "params": [TEXT | {"desc": "The text to measure."}],
        "return": {
            "type": "dict",
            "type_desc": (
                "{'characters': int, 'characters_without_spaces': int, 'words': int, 'sentences': int, 'lines': int, "
                f"'frequent_words': list of at most {FREQUENT_WORDS} times {{'word': str, 'count': int}}, "
                "'reading_seconds': float}"
            ),
            "desc": (
                "Characters are Unicode code points, line breaks included. Each Chinese or Japanese character is one "
                "word. The frequent words, most frequent first, are in lower case and leave out those that say "
                f"nothing, such as 'the'. The reading time is in seconds, at {WORDS_PER_MINUTE} words or "
                f"{CJK_CHARACTERS_PER_MINUTE} Chinese or Japanese characters a minute."
            ),
        },
    }


def _keywords_info() -> dict[str, object]:
    return {
        "name": "keywords",
        "desc": "Finds the words and phrases that a text is about.",
        "params": [
            TEXT | {"desc": "The text to read."},
            {
                "name": "count",
                "type": "int",
                "type_desc": f"a whole number from 1 to {MOST_KEYWORDS}; 10 when it is left out",
                "desc": "How many keywords to return at most.",
            },
        ],
        "return": {
            "type": "list[dict]",
            "type_desc": "a list of {'keyword': str, 'count': int, 'score': float}, the highest score first",
            "desc": (
                "Each keyword as the text first has it (without an ending 's), how often it occurs, and its score: the "
                "occurrences times the square root of the number of its words, where two Chinese or Japanese "
                "characters are one word. What occurs only as a part of a longer phrase is left out."
            ),
        },
    }

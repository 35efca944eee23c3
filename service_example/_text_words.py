"""Where a text has its words and sentences, and which words say nothing of what it is about.

What lives here: rules of writing, English and Chinese above all. What must not: counting and ranking.
A Chinese or Japanese character is a word of its own, as these languages put no spaces between words.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

KANA = "\u3041-\u309f"  # hiragana: endings and particles
IDEOGRAPH = "\u3005\u30a1-\u30fe\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # and katakana
# In these scripts what \w leaves out can be part of a word: accents, vowel signs, points.
MARK = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0963\u0970-\u0dff\u0e31-\u0e4e"
LETTER = rf"(?:(?![{KANA}{IDEOGRAPH}])[^\W_]|[{MARK}])"

_ENGLISH = """
a about above across after again against all almost alone along already also although always am among an and
another any are aren around as at away back be became because become becomes been before behind being below
between both but by came can cannot could couldn did didn do does doesn doing don done down during each either
else enough etc even ever every few first for from further get gets give given go goes got had hadn has hasn have
haven having he hence her here hers herself him himself his how however i if in indeed instead into is isn it its
itself just keep last least less let ll made make makes many may maybe me might mine more most much must my myself
need neither never next no nobody none nor not nothing now of off often on once one only onto or other others
otherwise our ours ourselves out over own per perhaps quite rather re really s same say says second seem seems
several shall she should shouldn since so some something sometimes soon still such t take than that the their
theirs them themselves then there therefore these they this those three through thus to together too toward two
under unless until up upon us use used uses using usually ve very via was wasn we well were weren what whatever
when where whereas whether which while who whole whom whose why will with within without won would wouldn yes yet
you your yours yourself yourselves
"""
_CHINESE = """
因为 所以 但是 而且 并且 或者 以及 如果 虽然 然而 不过 因此 于是 由于 关于 对于 通过 根据 为了 除了 随着 按照
可以 可能 应该 能够 需要 必须 已经 正在 现在 曾经 非常 十分 比较 更加 最后 首先 其次 然后 同时 另外 此外 例如
比如 其中 之间 之后 之前 之一 以上 以下 我们 你们 他们 她们 它们 自己 这个 那个 这些 那些 这样 那样 这里 那里
什么 怎么 如何 为什么 哪些 哪个 没有 不是 不会 不能 还是 就是 也是 都是 只是 一个 一些 一种 一样 一直 一起
进行 使用 用于 成为 作为 称为 来自 之中 以便 从而 是否 等等 很多 许多 认为 不断 的 了 是 在 和 与 及 也 都 就
而 或 被 把 这 那 我 你 他 她 它 们 吗 呢 吧 啊 着 很 但 让 为 之 并 还 又 不 从 些
"""
# Whole words, although they hold characters that are words of the list above.
_KEPT = """
目的 存在 内在 和平 和谐 参与 普及 及时 成就 就业 把握 我国 自我 了解 着重 着手 是非 行为 并行 并发 从事
不同 不足
"""


def _any_of(listed: str) -> str:
    """Return the pattern of the words in *listed*, the longest first."""
    return "|".join(sorted(listed.split(), key=len, reverse=True))


STOP_WORDS = frozenset(_ENGLISH.split())
_TOKEN = re.compile(
    rf"(?P<kept>{_any_of(_KEPT)})|(?P<stop>{_any_of(_CHINESE)})"
    rf"|(?P<kana>[{KANA}])|(?P<ideograph>[{IDEOGRAPH}])|(?P<word>{LETTER}+(?:['’.\-]{LETTER}+)*)|(?P<gap>\s)|(?P<mark>.)"
)
# A full stop ends a sentence before a space, but not after a title, an initial, "e.g", "i.e" or "vs".
_SENTENCE_END = re.compile(
    r"[。！？｡।]+|[!?…؟]+|\n\s*\n"
    r"|(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bDr)(?<!\bSt)(?<!\bProf)(?<!\b[A-HJ-Z])(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)"
    r"\.+(?=[\"'”’)\]]*(?:\s|$))"
)


class Word(NamedTuple):
    """One word of a text; `key` is empty where it says nothing of what the text is about, or is no word.

    Attributes:
        shown: As the text has it, without a possessive ending.
        key: The same in lower case.
        weight: How many words it is: 1, 0.5 for a Chinese or Japanese character, 0 for a mark.
    """

    shown: str
    key: str
    weight: float


def words(text: str) -> Iterator[Word]:
    """Yield the words of *text*, and a word of weight 0 for each mark between them."""
    for token in _TOKEN.finditer(text):
        kind, shown = token.lastgroup, token.group()
        if kind == "word":
            bare = re.sub("['’]s$", "", shown)
            yield Word(bare, _key(bare), 1)
        elif kind == "mark":
            yield Word(shown, "", 0)
        elif kind != "gap":
            known = kind in ("kept", "ideograph")
            yield from (Word(character, character if known else "", 0.5) for character in shown)


def _key(shown: str) -> str:
    key = shown.lower().replace("’", "'")
    silent = key.partition("'")[0] in STOP_WORDS or key.replace(".", "").isdecimal()
    return "" if silent else key


def sentences(text: str) -> list[str]:
    """Return the sentences of *text*; an empty line ends one too, as after a heading."""
    return [piece for piece in _SENTENCE_END.split(text) if any(word.weight for word in words(piece))]

"""The text service: counts that a person would count, and keywords that say what a text is about."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmodel.service_example import text as service

keywords, statistics = service.keywords, service.statistics

ENGLISH = (
    "Machine learning is a field of study. Machine learning models learn from data, and deep learning is a kind of "
    "machine learning. Dr. Smith said: \"GPU memory is scarce.\" The GPU memory of a card isn't the machine's memory, "
    "e.g. 3.14 GiB.\nNeural networks use GPU memory!"
)
CHINESE = (
    "自然语言处理技术是人工智能的重要方向。机器学习模型正在改变世界，自然语言处理技术也在快速发展。"
    "我们使用GPU加速训练机器学习模型，目的是提高效率！"
)


def found(text: str, count: int = 10) -> list[object]:
    """Return the keywords of *text* without their scores."""
    return [entry["keyword"] for entry in keywords(text, count)]


def test_an_english_text_is_counted_as_a_person_counts() -> None:
    """A title, an abbreviation and a decimal end no sentence; what an apostrophe or a point joins is one word."""
    counted = statistics(ENGLISH)
    assert counted["characters"] == len(ENGLISH)
    assert counted["words"] == 47
    assert counted["sentences"] == 5
    assert counted["lines"] == 2


def test_each_chinese_character_is_a_word() -> None:
    """Latin words among them are counted as words too."""
    counted = statistics("我们使用GPU加速。好！")
    assert counted["words"] == 8
    assert counted["sentences"] == 2


def test_spaces_and_line_breaks_are_characters_and_can_be_left_out() -> None:
    """Both counts are there, so that nobody need guess which one it is."""
    counted = statistics("a b\n\nc")
    assert (counted["characters"], counted["characters_without_spaces"], counted["lines"]) == (6, 3, 3)


def test_vowel_signs_and_accents_do_not_break_words() -> None:
    """Scripts that write with combining marks have words too."""
    assert statistics("हिन्दी भाषा। cafe\u0301")["words"] == 3


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "...!?"])
def test_a_text_without_words_has_no_sentences_and_no_keywords(text: str) -> None:
    """Nothing is a legal text."""
    counted = statistics(text)
    assert (counted["words"], counted["sentences"], counted["reading_seconds"]) == (0, 0, 0)
    assert (counted["frequent_words"], keywords(text)) == ([], [])


def test_an_empty_line_ends_a_sentence() -> None:
    """A heading is not the beginning of the text below it."""
    assert statistics("A heading\n\nAnd a sentence\nof two lines.")["sentences"] == 2


def test_frequent_words_leave_out_those_that_say_nothing() -> None:
    """The first of a text is not `the`."""
    frequent = statistics(ENGLISH)["frequent_words"]
    assert frequent[:2] == [{"word": "machine", "count": 4}, {"word": "learning", "count": 4}]  # type: ignore[index]
    assert len(frequent) == 10  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "seconds"), [("word " * 238, 60.0), ("字" * 255, 60.0), ("word 字", 0.5)])
def test_reading_time_follows_the_two_speeds(text: str, seconds: float) -> None:
    """238 words or 255 Chinese characters take a minute."""
    assert statistics(text)["reading_seconds"] == seconds


def test_what_an_english_text_is_about_comes_first() -> None:
    """Phrases that come again come before their parts."""
    assert found(ENGLISH, 3) == ["Machine learning", "GPU memory", "Machine"]


def test_what_a_chinese_text_is_about_comes_first() -> None:
    """Words are found without a dictionary, whole."""
    assert found(CHINESE, 2) == ["自然语言处理技术", "机器学习模型"]
    assert "人工智能" in found(CHINESE)


def test_a_part_that_never_stands_alone_is_left_out() -> None:
    """Half of a name is no keyword."""
    assert found("New York is large. We like New York.") == ["New York", "like New York", "large"]


def test_a_word_is_shown_as_it_is_first_written_and_counted_in_every_case() -> None:
    """A name keeps its capitals, and loses a possessive ending."""
    assert keywords("GPU; gpu; the GPU's")[0] == {"keyword": "GPU", "count": 3, "score": 3.0}


def test_numbers_alone_are_no_keywords() -> None:
    """A table of numbers is about nothing."""
    assert found("2024, 3.14 and 42") == []


def test_a_long_run_of_words_gives_its_words() -> None:
    """A list of search terms is not one phrase, and not nothing."""
    assert found("alpha beta gamma delta epsilon zeta", 2) == ["alpha", "beta"]


@pytest.mark.parametrize("count", [1, 3, 100])
def test_no_more_keywords_than_asked_for(count: int) -> None:
    """`count` is a limit, the best are kept."""
    assert keywords(ENGLISH, count) == keywords(ENGLISH, 100)[:count]


@pytest.mark.parametrize("count", [0, -1, 101])
def test_a_count_out_of_range_is_refused_with_the_range(count: int) -> None:
    """The message says what would do, and what was given."""
    with pytest.raises(ValueError, match=f"from 1 to 100, not {count}"):
        keywords("text", count)


@pytest.mark.parametrize("method", [statistics, keywords])
def test_a_text_too_long_for_the_declared_memory_is_refused(method: object) -> None:
    """What the service asks of the machine is enough for every text that it takes."""
    with pytest.raises(ValueError, match="200,001 characters; accepted are at most 200,000"):
        method("a" * 200_001)  # type: ignore[operator]


@given(st.text())
def test_any_text_has_sensible_counts_and_plain_results(text: str) -> None:
    """No text breaks the rules, and JSON can say every answer."""
    counted = statistics(text)
    numbers = [counted[name] for name in ("sentences", "words", "characters_without_spaces", "characters")]
    assert numbers == sorted(numbers)  # type: ignore[type-var]
    scores = [entry["score"] for entry in keywords(text)]
    assert scores == sorted(scores, reverse=True)  # type: ignore[type-var]
    assert json.loads(json.dumps([counted, keywords(text)])) == [counted, keywords(text)]

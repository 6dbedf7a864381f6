"""Words for the full-text search: how text is cut for the index, and how a person's typing becomes an FTS5 query.

unicode61 takes a run of Chinese characters for one word, so that 牛奶 would not be found in 有机牛奶. Each character of
a script without spaces is therefore indexed as a word, and such a query is a phrase of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

#: Han with extensions and compatibility forms, kana, Hangul syllables, Thai, Lao, Khmer, Myanmar.
_SPACELESS = re.compile(
    "[\u3005\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\U00020000-\U0003ffff]"
)
#: Of Latin, Greek and Cyrillic letters; marks of other scripts are letters of their own.
_ACCENTS = re.compile("[\u0300-\u036f]")
_MAX_WORDS = 16
_MAX_CHARS = 200


def spread(texts: Iterable[str]) -> str:
    """Join texts for the index, each spaceless character a word of its own."""
    return " \n ".join(_SPACELESS.sub(r" \g<0> ", _plain(text)) for text in texts if text)


def code_spellings(sku: str, gtin: str) -> str:
    """The spellings under which a SKU and a GTIN can be typed: as given, without separators, with any leading zeros."""
    spellings = {sku, "".join(filter(str.isalnum, sku))}
    if gtin:
        bare = gtin.lstrip("0")
        spellings |= {gtin, bare, *(bare.zfill(length) for length in (8, 12, 13, 14))}
    return spread(sorted(spellings))


class SearchRow(NamedTuple):
    """A row of product_search. To take one out again FTS5 needs the very same words in the very same order."""

    names: str
    brand: str
    category: str
    codes: str
    descriptions: str


def search_row(
    sku: str,
    gtin: str,
    brand: str,
    category: str,
    name: str,
    description: str,
    names: Mapping[str, str | None],
    descriptions: Mapping[str, str | None],
) -> SearchRow:
    """The words under which a product is found; `names` and `descriptions` are by language, in any order."""
    return SearchRow(
        spread([name, *_by_language(names)]),
        spread([brand]),
        spread([category]),
        code_spellings(sku, gtin),
        spread([description, *_by_language(descriptions)]),
    )


def _by_language(texts: Mapping[str, str | None]) -> list[str]:
    return [text for _, text in sorted(texts.items()) if text]


def match_expression(query: str) -> str:
    """Turn what somebody types into an FTS5 query: all words, in any order, the last one perhaps unfinished.

    Nothing that is typed is taken for FTS5 syntax.

    Returns:
        '' when there is no letter or digit in it.
    """
    words = [word for word in _plain(query[:_MAX_CHARS]).split() if any(map(str.isalnum, word))][:_MAX_WORDS]
    phrases = ['"' + " ".join(_SPACELESS.sub(r" \g<0> ", word).replace('"', " ").split()) + '"' for word in words]
    return " ".join(phrases) + "*" if phrases else ""


def _plain(text: str) -> str:
    """Full-width ＡＢＣ is abc, ß is ss, accents go (unicode61 knows Latin ones only), controls and surrogates too."""
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    unified = unicodedata.normalize("NFKC", bare).casefold()
    return "".join(" " if unicodedata.category(char) in ("Cc", "Cs") else char for char in unified)

"""Which encoding a spreadsheet's text is in.

A byte order mark or valid UTF-8 settles it. Otherwise each usual spreadsheet encoding is tried and judged by how
probable its characters are in a list of products: a naive Bayes model over character classes. General detectors weigh
the shape of running text, of which a products file has little; on short files they confuse cp1252 with cp1250 and GB
with EUC-KR.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log

from engine.errors import SourceUnreadable

#: How much of a file is judged, in characters outside ASCII.
_SAMPLE_CHARS = 4000
#: The probability of a character that a language does not normally use.
_FOREIGN = 2e-6
#: In Latin alphabets two neighbours outside ASCII are rare; in others a neighbour that is an ASCII letter is.
_NEIGHBOURS_IN_LATIN, _LATIN_NEIGHBOUR = 0.05, 0.02

_PUNCTUATION = "€£°®™©–—’‘“”…×½¼¾²³µ·«»§\xa0•"
# Letters outside ASCII, the most frequent first.
_WESTERN = "éäüöèßñçàáóíãåøêõæúâôîœëïûùòìýÿ"
_CENTRAL = "óáłéęíąčżěřšžśýćöüőńůúăűźťňşţďâîôľđäĺŕßë"
_TURKISH = "ıüşçöğİâîû"
_CYRILLIC = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґў№"
_GREEK = "ατοιενσρκμπυλςίγόάδήηέχύθώφβξζψωϊϋ"
_CHINESE = (
    "的一不大小中上水果汁茶酒牛奶肉鱼鸡蛋米面油盐糖酱醋豆瓜菜花红白黑绿黄蓝香甜辣鲜原味装盒瓶袋罐包克升毫斤双人儿童新天日生活"
    "可口乐咖啡巧克力饼干薯片洗衣发液皂纸巾牙膏农夫山泉果苹橙柠檬葡萄草莓魚雞麵鹽醬綠黃藍鮮裝雙兒兩個無糖"
)
_KOREAN = "이다의가는에을를하고지사우유과주스기라리도어아나자시로수제인물면맛김치국밥떡빵차커피쌀닭생선소금설탕간장된추"


@dataclass(frozen=True)
class _Script:
    """An encoding and the probability of a character outside ASCII in product lists written in it."""

    encoding: str
    probability: Callable[[str], float]
    latin: bool = False


def _alphabet(letters: str, share: float = 0.9) -> Callable[[str], float]:
    """Letters of a language by rank (Zipf), lower case more often than capitals, and typographic signs."""
    weights = {letter: 1 / (rank + 5) for rank, letter in enumerate(letters)}
    total = sum(weights.values())
    table = {sign: 0.05 / len(_PUNCTUATION) for sign in _PUNCTUATION}
    for letter, weight in weights.items():
        table[letter] = share * 0.85 * weight / total
        if len(letter.upper()) == 1 and letter.upper() not in weights:
            table[letter.upper()] = share * 0.15 * weight / total
    return lambda character: table.get(character, _FOREIGN)


def _ideographs(codec: str, first: int, last: int, common: str, kana: bool = False) -> Callable[[str], float]:
    """Two-byte characters: those of the common rows of the standard, with the most frequent ones above the rest."""
    rows = (last - first + 1) * 94

    def probability(character: str) -> float:
        if kana and "\u3040" <= character <= "\u30ff":
            return 0.5 / 170
        if kana and "\uff61" <= character <= "\uff9f":
            return 0.02 / 63
        if character in "，。、：；！？（）【】「」・％　～·" or "\uff10" <= character <= "\uff5a":
            return 0.05 / 80
        if common and character in common:
            return 0.4 / len(common)
        try:
            raw = character.encode(codec)
        except UnicodeEncodeError:
            return _FOREIGN / 100
        if len(raw) == 2 and first <= raw[0] <= last and raw[1] >= 0x40:
            return 0.5 / rows
        return _FOREIGN / 100

    return probability


# In order of preference where two are equally probable.
_SCRIPTS = (
    _Script("cp1252", _alphabet(_WESTERN), latin=True),
    _Script("cp1250", _alphabet(_CENTRAL), latin=True),
    _Script("cp1254", _alphabet(_TURKISH), latin=True),
    _Script("cp1251", _alphabet(_CYRILLIC, 0.95)),
    _Script("cp1253", _alphabet(_GREEK, 0.95)),
    _Script("gb18030", _ideographs("gb2312", 0xB0, 0xD7, _CHINESE)),
    _Script("cp932", _ideographs("shift_jis", 0x88, 0x97, "", kana=True)),
    _Script("cp949", _ideographs("euc_kr", 0xB0, 0xC8, _KOREAN)),
    _Script("cp950", _ideographs("big5", 0xA4, 0xC6, _CHINESE)),
)


def decode_text(data: bytes, name: str) -> tuple[str, str]:
    """The text of a table file and the encoding it was read with.

    A few damaged bytes in UTF-8 become lone surrogates, so that only their rows are refused. Raises SourceUnreadable if
    no encoding fits.
    """
    encoding = _declared(data)
    if not encoding and (damaged := _damaged_utf8(data)):
        return damaged, "utf-8"
    encoding = encoding or _guess(data)
    try:
        return data.decode(encoding), encoding
    except (UnicodeDecodeError, LookupError) as error:
        raise SourceUnreadable(name=name, reason="its text is in no encoding that spreadsheets write") from error


def _declared(data: bytes) -> str:
    """The encoding that a byte order mark, the zeros of UTF-16 or valid UTF-8 tell; '' if none does."""
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    head = data[:400]
    if head and len(head) % 2 == 0:
        if head[1::2].count(0) > 0.3 * len(head) and not head[::2].count(0):
            return "utf-16-le"
        if head[::2].count(0) > 0.3 * len(head) and not head[1::2].count(0):
            return "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return "utf-8"


def _damaged_utf8(data: bytes) -> str:
    """The text of a file that is UTF-8 but for a few bytes; '' if it is something else."""
    text = data.decode("utf-8", "surrogateescape")
    bad = sum("\udc80" <= character <= "\udcff" for character in text)
    good = sum(character >= "\x80" for character in text) - bad
    return text if good >= 10 * bad else ""


def _guess(data: bytes) -> str:
    best, best_score = "utf-8", float("-inf")
    for script in _SCRIPTS:
        try:
            text = data.decode(script.encoding)
        except UnicodeDecodeError:
            continue
        score = _score(text, script, len(data))
        if score > best_score:
            best, best_score = script.encoding, score
    return best


def _score(text: str, script: _Script, size_bytes: int) -> float:
    """The log probability of the characters outside ASCII, scaled to the whole file where only a sample was judged.

    Scores compare because they are over the same bytes: two characters of an alphabet, or one ideograph.
    """
    total, judged, last, position = 0.0, 0, -2, -1
    for position, character in enumerate(text):
        if character < "\x80":
            continue
        total += log(script.probability(character))
        if script.latin:
            total += log(_NEIGHBOURS_IN_LATIN) if position == last + 1 else 0.0
        elif character.isalpha():
            beside = text[max(0, position - 1) : position + 2]
            total += log(_LATIN_NEIGHBOUR) * sum(other.isascii() and other.isalpha() for other in beside)
        last = position
        judged += 1
        if judged >= _SAMPLE_CHARS:
            break
    share = (position + 1) / max(1, len(text))
    return total / max(share, 1.0 / max(1, size_bytes))

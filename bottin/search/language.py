"""The query language (SRCH-3): words, "phrases", -not, or, (groups), prefix*, field:value, a..b.

Lenient where meaning is clear (an open quote or bracket closes itself, an unknown
field is a word), and a coded refusal where it is not: it tells the place of the
fault and what was understood before it. `written` gives a query back in its one form.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import UTC, datetime
from typing import Final, Union

from bottin.search.errors import BadQuery
from bottin.search.values import FIELDS, NUMERIC, RANGE, Value, read_value

TEXT_LENGTH: Final = 500
TOKENS_MAX: Final = 64
DEPTH_MAX: Final = 8

_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<open>[-!]*\() | (?P<close>\)) |
        (?P<pair>[-!]*[^\W\d_]+(?::|<=|>=|<|>|=)(?:"[^"]*(?:"|\Z)|[^\s()"]+)) |
        (?P<quoted>[-!]*"[^"]*(?:"|\Z)) |
        (?P<word>[^\s()"]+)
    )""",
    re.VERBOSE,
)
_PAIR: Final = re.compile(r'([-!]*)([^\W\d_]+)(:|<=|>=|<|>|=)"?([^"]*)"?', re.DOTALL)
_EMPTY_PAIR: Final = re.compile(r"[-!]*([^\W\d_]+)(?::|<=|>=|<|>|=)[*:<>=]*")
_QUOTES: Final = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "’": "'"})
_UNFINISHED: Final = re.compile(r"[^\s(]*\Z")
_OR: Final = frozenset({"or", "OR", "Or", "OU", "|", "||"})
_AND: Final = frozenset({"AND", "ET", "&", "&&"})
_NOT: Final = frozenset({"not", "NOT", "-", "!"})
_OPERATORS: Final = _OR | _AND | _NOT


@dataclass(frozen=True, slots=True)
class Word:
    """A word, which may still hold punctuation; with `is_prefix`, the beginning of one."""

    text: str
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in that order, as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Filter:
    """A field held to a value: `comparison` is `=`, `<`, `<=`, `>` or `>=`.

    `added` is compared in unix seconds, `age` in seconds before now. `at` is where
    it stands in the query.
    """

    field: str
    comparison: str
    value: str | int
    at: int = attribute(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """What must not match."""

    node: "Node"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Everything must match."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One must match."""

    nodes: tuple["Node", ...]


Node = Union[Word, Phrase, Filter, Not, AllOf, AnyOf]  # noqa: UP007 - refers to itself


def parse(text: str) -> AllOf:
    """Return what a query asks for; no node at all for an empty one. The last word is a prefix.

    Raises BadQuery: text over 500 characters or 64 words, groups nested over 8
    deep, a known field with a value that it cannot have. Its context tells where
    (`at`, in characters) and what was `understood` before.
    """
    if len(text) > TEXT_LENGTH:
        raise BadQuery(reason="too_long", limit=TEXT_LENGTH, at=TEXT_LENGTH, understood="")
    plain = text.translate(_QUOTES)
    try:
        return AllOf(tuple(_with_prefix(_nodes(plain))))
    except BadQuery as refusal:
        before = plain[: int(str(refusal.context["at"]))]
        refusal.context["understood"] = _understood(_UNFINISHED.sub("", before))
        raise


def _nodes(text: str) -> list["Node"]:
    parser = _Parser(list(_tokens(text)))
    nodes = parser.alternatives(0)
    while parser.tokens:  # a bracket was closed that nobody opened
        nodes = [*nodes, *parser.alternatives(0)]
    return nodes


def _understood(text: str) -> str:
    try:
        return written(AllOf(tuple(_nodes(text))))
    except BadQuery:
        return ""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(text: str) -> Iterator[_Token]:
    for count, match in enumerate(_TOKEN.finditer(text)):
        kind = str(match.lastgroup)
        if count == TOKENS_MAX:
            raise BadQuery(reason="too_many_words", limit=TOKENS_MAX, at=match.start(kind))
        yield _Token(kind, match[kind], match.start(kind))


class _Parser:
    """Recursive descent over tokens; the depth is bounded, so the stack is."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens[::-1]

    def alternatives(self, depth: int) -> list[Node]:
        """Read until the bracket closes: `a b or c` is `a`, and `b` or `c`."""
        nodes: list[Node] = []
        is_or = False
        while self.tokens:
            token = self.tokens.pop()
            if token.kind == "close":
                break
            if token.kind == "word" and token.text in _OR:
                is_or = bool(nodes)
                continue
            node = self._node(token, depth)
            if node is None:
                continue
            if is_or:
                nodes.append(_any_of(nodes.pop(), node))
            else:
                nodes.append(node)
            is_or = False
        return nodes

    def _node(self, token: _Token, depth: int) -> Node | None:
        if token.kind == "word" and token.text in _NOT:
            if not self.tokens or self.tokens[-1].kind == "close":
                return None
            return _negated(self._node(self.tokens.pop(), depth))
        if token.kind == "open":
            return self._group(token, depth)
        if token.kind == "quoted":
            text = token.text.lstrip("-!").strip('"').strip()
            node = Phrase(text) if text else None
            return _negated(node) if _is_negated(token.text) else node
        if token.kind == "pair":
            return _pair(token)
        _refuse_empty(token)
        return None if token.text in _AND else _word(token.text)

    def _group(self, token: _Token, depth: int) -> Node | None:
        if depth >= DEPTH_MAX:
            raise BadQuery(reason="too_deep", limit=DEPTH_MAX, at=token.at)
        nodes = self.alternatives(depth + 1)
        if not nodes:
            return None
        node = nodes[0] if len(nodes) == 1 else AllOf(tuple(nodes))
        return _negated(node) if _is_negated(token.text) else node


def _refuse_empty(token: _Token) -> None:
    """Raise BadQuery for a field without a value: `size:` is hardly a word."""
    match = _EMPTY_PAIR.fullmatch(token.text)
    name = FIELDS.get(match[1].lower()) if match else None
    if name is not None:
        raise BadQuery(reason="bad_value", field=name, value="", at=token.at)


def _word(text: str) -> Node | None:
    bare = text.lstrip("-!")
    if bare in _OPERATORS:  # `-or` is no word either
        return None
    word = Word(bare.rstrip("*"), bare.endswith("*")) if bare.rstrip("*") else None
    return _negated(word) if _is_negated(text) else word


def _is_negated(text: str) -> bool:
    """Two signs say yes again."""
    return (len(text) - len(text.lstrip("-!"))) % 2 == 1


def _pair(token: _Token) -> Node | None:
    match = _PAIR.fullmatch(token.text)
    if match is None:
        return _word(token.text)
    minus, typed, sign, value = match.groups()
    name = FIELDS.get(typed.lower())
    if name is None:
        # `10:30`, `Re:Zero`, an address: words with punctuation in them.
        return _odd_pair(token.text.replace('"', " ").strip(), is_negated=_is_negated(minus))
    comparison = "=" if sign == ":" else sign
    start = token.at + match.start(4)
    if sign == ":" and value[:1] in {"<", ">", "="}:
        comparison, value = _leading_sign(value)
    low, dots, high = value.partition(RANGE)
    if dots and comparison == "=" and name in NUMERIC:
        node = _between(name, low.strip(), high.strip(), start)
    else:
        node = _compared(name, comparison, value.strip(), start)
    return _negated(node) if _is_negated(minus) else node


def _odd_pair(text: str, *, is_negated: bool) -> Node | None:
    if len(text.split()) < 2:  # noqa: PLR2004
        return _word(text)
    node = Phrase(text.lstrip("-!"))
    return Not(node) if is_negated else node


def _between(name: str, low: str, high: str, at: int) -> Node:
    """Read `a..b`, both ends in it; one of them may be left out."""
    if not low and not high:
        raise BadQuery(reason="bad_value", field=name, value=RANGE, at=at)
    nodes: list[Node] = []
    if low:
        nodes.append(_compared(name, ">=", low, at))
    if high:
        nodes.append(_compared(name, "<=", high, at + (len(low) + len(RANGE) if low else 0)))
    return nodes[0] if len(nodes) == 1 else AllOf(tuple(nodes))


def _compared(name: str, comparison: str, text: str, at: int) -> Node:
    value = read_value(name, comparison, text, at=at)
    if value.is_age:
        # Less than thirty days ago is an age under thirty days; "30d" is within them.
        return Filter("age", "<=" if comparison == "=" else comparison, value.low, at)
    if value.low == value.high:
        return Filter(name, comparison, value.low, at)
    return _spanning(name, comparison, value, at)


def _spanning(name: str, comparison: str, value: Value, at: int) -> Node:
    """Compare with a span of time: after a month is after its last second."""
    if comparison == "=":
        return AllOf((Filter(name, ">=", value.low, at), Filter(name, "<=", value.high, at)))
    return Filter(name, comparison, value.high if comparison in {">", "<="} else value.low, at)


def _leading_sign(value: str) -> tuple[str, str]:
    size = 2 if value[1:2] == "=" and value[0] != "=" else 1
    return value[:size], value[size:]


def _negated(node: Node | None) -> Node | None:
    if node is None:
        return None
    return node.node if isinstance(node, Not) else Not(node)


def _any_of(first: Node, second: Node) -> AnyOf:
    nodes = first.nodes if isinstance(first, AnyOf) else (first,)
    return AnyOf((*nodes, second))


def _with_prefix(nodes: list[Node]) -> list[Node]:
    """Take the last word for the beginning of one: it may be half typed."""
    if nodes and isinstance(nodes[-1], Word):
        return [*nodes[:-1], Word(nodes[-1].text, is_prefix=True)]
    return nodes


def written(node: Node, *, inside: bool = False) -> str:
    """Return a query in its one form; reading it again gives the same but for a last prefix."""
    match node:
        case Word(text, is_prefix):
            return f"{text}*" if is_prefix else text
        case Phrase(text):
            return f'"{text}"'
        case Filter():
            return _written_filter(node)
        case Not(inner):
            return f"-{written(inner, inside=True)}"
        case AnyOf(nodes):
            joined = " or ".join(written(one, inside=True) for one in nodes)
        case AllOf(nodes):
            joined = " ".join(written(one, inside=isinstance(one, AllOf)) for one in nodes)
    return f"({joined})" if inside else joined


def _written_filter(node: Filter) -> str:
    value = f'"{node.value}"' if re.search(r"[\s()]", str(node.value)) else str(node.value)
    name = node.field
    if name == "age":
        name, value = "added", _written_age(int(node.value))
    elif name == "added":
        value = datetime.fromtimestamp(int(node.value), tz=UTC).date().isoformat()
    elif name == "size":
        value = _written_size(int(node.value))
    # `tag:=x` would read the sign as a comparison.
    is_plain = node.comparison == "=" and str(node.value)[:1] not in {"<", ">", "="}
    sign = ":" if is_plain else node.comparison
    return f"{name}{sign}{value}"


def _written_size(size_bytes: int) -> str:
    for power, letter in ((4, "T"), (3, "G"), (2, "M"), (1, "k")):
        if size_bytes and size_bytes % 1000**power == 0:
            return f"{size_bytes // 1000**power}{letter}"
    return str(size_bytes)


def _written_age(seconds: int) -> str:
    units = (("d", 86_400), ("h", 3_600), ("min", 60))
    return next(f"{seconds // unit}{name}" for name, unit in units if seconds % unit == 0)

"""What list pages say about themselves: sorts, facets, addresses."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SortLink:
    """The head of a column that sorts; `title` explains a sign used as label."""

    name: str
    label: str
    title: str
    url: str
    is_current: bool = False

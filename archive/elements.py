"""The descriptive elements of a web archive, as OCLC's working group recommends them.

OCLC Research, Descriptive Metadata for Web Archiving: Recommendations of the OCLC Research Library Partnership Web
Archiving Metadata Working Group, 2018, DOI 10.25333/C3005C. It has fourteen; Title and Description are the settings
`name` and `description` of every collection.
"""

from typing import NamedTuple

__all__ = ["ELEMENTS", "Element"]


class Element(NamedTuple):
    """One of them; each may have several values."""

    label: str
    """The name in the recommendations."""
    meaning: str
    example: str
    """As it may stand in collection.toml."""


ELEMENTS = {
    "collector": Element(
        "Collector", "The organisation that selects, keeps and describes what is here.", '"Example Library"'
    ),
    "contributor": Element(
        "Contributor", "Who helped with the content, such as translators and illustrators.", '["A Name"]'
    ),
    "creator": Element("Creator", "Who made the content: people, organisations, accounts.", '["纸上谈书"]'),
    "date": Element("Date", "Of the content or of collecting it: a date or a span.", '"2024/2026"'),
    "extent": Element("Extent", "How much it is; `archive stats` counts.", '"120 articles"'),
    "genre_form": Element("Genre/Form", "What kind of pages these are.", '["articles", "blogs"]'),
    "language": Element("Language", "Of the content, as BCP 47 tags.", '["zh-Hans"]'),
    "relation": Element("Relation", "Other collections that this one is part of or belongs with.", '["A collection"]'),
    "rights": Element("Rights", "Who may use it for what.", '"Reading room only"'),
    "source_of_description": Element(
        "Source of description", "What this description was made from, and when.", '"The accounts\' own pages, 2026"'
    ),
    "subject": Element("Subject", "What the content is about.", '["papermaking"]'),
    "url": Element("URL", "Where the sites were that are collected here.", '["https://paper.example/"]'),
}
"""By their key in the table [metadata] of collection.toml, in the order of the recommendations."""

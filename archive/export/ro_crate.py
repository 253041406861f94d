"""Export to RO-Crate 1.1: the plain files of a collection, described in JSON-LD (schema.org).

Each Markdown file is described as a work with its title, author, date and address; an action says what it was made of,
with what software and rules.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from archive.catalogue.exports import ExportedArticle, text_provenance
from archive.collection.reader import catalogue_of
from archive.export.package import PackageFolder, WrittenFile, new_folder, payload
from archive.export.selection import ExportSelection
from clean.html.embedded import SUFFIXES

__all__ = ["export_ro_crate"]

_FILE = "ro-crate-metadata.json"
_SPECIFICATION = "https://w3id.org/ro/crate/1.1"

_TYPES: dict[str, str | list[str | dict[str, str]]] = {
    ".gz": ["application/warc", {"@id": "https://www.nationalarchives.gov.uk/PRONOM/fmt/1355"}],
    ".md": "text/markdown",
    ".toml": "application/toml",
    ".jsonl": "application/jsonl",
}
_IMAGES = {suffix: kind for kind, suffix in reversed(SUFFIXES.items())}
"""Of the images that pages held in themselves."""


def export_ro_crate(
    chosen: ExportSelection, target: Path, *, force: bool = False, advance: Callable[[int], None] = lambda size: None
) -> int:
    """Write a crate; return the number of files that it describes.

    Raises AlreadyThere, Damaged, DiskFull, NotWritable or StorageError.
    """
    with new_folder(target, is_crate, force=force) as root:
        folder = PackageFolder(root, "sha256", advance=advance)
        files = [folder.add(path, pieces) for path, pieces in payload(chosen)]
        graph = {"@context": f"{_SPECIFICATION}/context", "@graph": list(_entities(chosen, files))}
        folder.add(
            _FILE, (json.dumps(graph, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace") + b"\n",)
        )
    return len(files)


def is_crate(path: Path) -> bool:
    """Whether a folder is a crate."""
    return (path / _FILE).is_file()


def _entities(chosen: ExportSelection, files: list[WrittenFile]) -> Iterator[dict[str, Any]]:
    settings = chosen.collection.config
    articles = {article.markdown: article for article in chosen.each() if article.markdown}
    works = [
        _Work(articles[file.path], _provenance(chosen, articles[file.path])) for file in files if file.path in articles
    ]
    yield {
        "@id": _FILE,
        "@type": "CreativeWork",
        "conformsTo": {"@id": _SPECIFICATION},
        "about": {"@id": "./"},
    }
    yield {
        "@id": "./",
        "@type": "Dataset",
        "name": settings.name,
        "description": settings.description or settings.name,
        "datePublished": chosen.newest,
        **({"publisher": {"@id": "#operator"}} if settings.operator else {}),
        "hasPart": [{"@id": quote(file.path)} for file in files],
        "mentions": [{"@id": work.action} for work in works],
    }
    if settings.operator:
        yield {"@id": "#operator", "@type": "Organization", "name": settings.operator}
    described = {work.article.markdown: work.described() for work in works}
    for file in files:
        yield {
            "@id": quote(file.path),
            "@type": "File",
            "name": Path(file.path).name,
            "encodingFormat": _TYPES.get(Path(file.path).suffix) or _IMAGES[Path(file.path).suffix[1:]],
            "contentSize": str(file.size),
            "sha256": file.digests["sha256"],
            **described.get(file.path, {}),
        }
    yield from _what_they_name(works)
    for work in works:
        yield from work.actions()


def _what_they_name(works: list["_Work"]) -> Iterator[dict[str, Any]]:
    """Yield authors, software, rules and engines, each once."""
    for name in sorted({work.author for work in works} - {""}):
        yield {"@id": _author_id(name), "@type": "Person", "name": name}
    for software in sorted({work.provenance["software"] for work in works}):
        name, _, version = software.partition("/")
        yield {"@id": _fragment(software), "@type": "SoftwareApplication", "name": name, "softwareVersion": version}
    for digest in sorted({work.provenance["ruleset_sha256"] for work in works}):
        yield {"@id": f"#ruleset-{digest}", "@type": "CreativeWork", "name": "cleaning rules", "sha256": digest}
    for engine, versions in sorted({work.engine: work.engine_versions for work in works if work.engine}.items()):
        name = "versions of Python and of libraries that can change a cleaning"
        described = {"name": name, "description": versions, "sha256": _hex(engine)}
        yield {"@id": _engine_id(engine), "@type": "CreativeWork", **described}


class _Work(NamedTuple):
    """An article's Markdown file, and the provenance of its text."""

    article: ExportedArticle
    provenance: dict[str, Any]

    @property
    def author(self) -> str:
        return str(self.provenance["facts"].get("author", ""))

    @property
    def engine(self) -> str:
        return str(self.provenance.get("engine", ""))

    @property
    def engine_versions(self) -> str:
        return ", ".join(f"{name} {version}" for name, version in self.provenance.get("engine_versions", {}).items())

    @property
    def action(self) -> str:
        return _fragment(f"clean-{self.article.key}")

    def described(self) -> dict[str, Any]:
        """Return what the file is as a work."""
        article = self.article
        facts: dict[str, Any] = {
            "name": article.title,
            "author": {"@id": _author_id(self.author)} if self.author else "",
            "publisher": article.source,
            "datePublished": article.date,
            "url": article.url if article.url.startswith("http") else "",
        }
        known = {name: value for name, value in facts.items() if value}
        return {"@type": ["File", "Article"], **known, "dateModified": self.provenance["at"], "identifier": article.key}

    def actions(self) -> Iterator[dict[str, Any]]:
        """Yield how it was made, and of what."""
        provenance, source = self.provenance, {"@id": self.provenance["source_record"]}
        yield {
            "@id": self.action,
            "@type": "CreateAction",
            "name": "clean Markdown made of what was captured",
            "object": [
                source,
                {"@id": f"#ruleset-{provenance['ruleset_sha256']}"},
                *([{"@id": _engine_id(self.engine)}] if self.engine else []),
            ],
            "result": {"@id": quote(self.article.markdown)},
            "instrument": {"@id": _fragment(provenance["software"])},
            "endTime": provenance["at"],
        }
        yield {
            **source,
            "@type": "CreativeWork",
            "name": "WARC record that was cleaned",
            "url": provenance["url"],
            "dateCreated": provenance["fetch_date_utc"],
            "identifier": provenance["source_record"],
        }


def _provenance(chosen: ExportSelection, article: ExportedArticle) -> dict[str, Any]:
    """Return the provenance of an article's current text, with the record it was made of and when."""
    cleaning = text_provenance(catalogue_of(chosen.collection), article.id)._asdict()
    provenance: dict[str, Any] = json.loads(chosen.collection.record(cleaning.pop("record_id")).block)
    return {**provenance, **cleaning}


def _author_id(name: str) -> str:
    return _fragment(f"author-{name}")


def _engine_id(engine: str) -> str:
    """Return the identifier of an engine, such as `sha256:…`."""
    return f"#engine-{_hex(engine)}"


def _hex(digest: str) -> str:
    return digest.rpartition(":")[2]


def _fragment(name: str) -> str:
    """Return the identifier of something that is no file."""
    return f"#{quote(name.encode('utf-8', 'surrogatepass'), safe='')}"

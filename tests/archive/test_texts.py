"""The texts that rules are learned from are those before learned rules."""

from pathlib import Path

from a_source import ACCOUNT, letter

from archive.collection.collection import Collection, Snapshot
from archive.collection.content import source_named, sources, text_without_learned_rules
from clean.learn.page import read_learned_page
from clean.pipeline import clean
from clean.rules import Rule, Ruleset, built_in

OPTIONS = {"source": ACCOUNT, "zone": "tail", "least": 2, "reach": 3, "prose": 0, "state": "approved"}
LINES = ("长按识别二维码,关注我们的来信", "每周一封,从不间断")
RULE = Rule("learned.x", "learned", "run", LINES, "", "", "any", (), (), OPTIONS, "")


def test_what_learned_rules_took_is_put_back(tmp_path: Path) -> None:
    rules = Ruleset([*built_in().rules, RULE])
    data = [letter(number).encode() for number in range(3)]
    with Collection.open(tmp_path / "c") as collection:
        collection.add([Snapshot(f"{place}.txt", one, clean(one, ruleset=rules)) for place, one in enumerate(data)])
        (scope,) = found = sources(collection)
        assert (scope, source_named(found[scope])) == (ACCOUNT, "纸上谈书")
        for kept, one in zip(found[scope], data, strict=True):
            text = text_without_learned_rules(collection, kept)
            assert "从不间断" in text
            assert read_learned_page(text) == read_learned_page(clean(one).markdown or "")


def test_sources_are_accounts_and_hosts(tmp_path: Path) -> None:
    addresses = ["https://www.paper.example/1", "http://paper.example/2", "https://mp.weixin.qq.com/s/abcdef", ""]
    with Collection.open(tmp_path / "c") as collection:
        for place, url in enumerate(addresses):
            front = f"---\ntitle: 信{place}\nurl: {url}\nsource: 纸上谈书\ndate: 2025-01-01\n---\n\n"
            data = f"{front}第{place}封信。\n".encode()
            collection.add([Snapshot(f"{place}.txt", data, clean(data))])
        assert {scope: len(kept) for scope, kept in sources(collection).items()} == {
            "host:paper.example": 2,
            "source:纸上谈书": 2,
        }

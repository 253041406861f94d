"""Front matter: what files give, what it means, how it is written."""

import pytest
import yaml

from clean.frontmatter import Value, read_front_matter, write_front_matter

# A line as files have it, the value that it means, the line as it is written.
VALUES: list[tuple[str, Value, str]] = [
    ("title: 桑皮纸的脾气", "桑皮纸的脾气", "title: 桑皮纸的脾气"),
    ("title: 问: 答", "问: 答", "title: '问: 答'"),
    ("title: 问：答", "问：答", "title: 问：答"),
    ("title: 比例 1:2", "比例 1:2", "title: 比例 1:2"),
    ("title: 末尾冒号:", "末尾冒号:", "title: '末尾冒号:'"),
    ("title: [转载] 揭纸", "[转载] 揭纸", "title: '[转载] 揭纸'"),
    ("title: {纸}", "{纸}", "title: '{纸}'"),
    ('title: 他说\\"等\\"', '他说\\"等\\"', 'title: 他说\\"等\\"'),
    ('title: "他说\\"等\\""', '他说"等"', 'title: 他说"等"'),
    ('title: "上\\n下"', "上\n下", 'title: "上\\n下"'),
    ('title: "\\u7eb8\\x41\\U0001F642"', "纸A🙂", "title: 纸A🙂"),
    ("title: 'it''s'", "it's", "title: it's"),
    ("title: 'a' and 'b'", "'a' and 'b'", "title: '''a'' and ''b'''"),
    ('title: "a" and "b"', '"a" and "b"', 'title: \'"a" and "b"\''),
    ('title: "半个引号', '"半个引号', "title: '\"半个引号'"),
    ("title: 纸 #手艺", "纸 #手艺", "title: '纸 #手艺'"),
    ("title: 纸#手艺", "纸#手艺", "title: 纸#手艺"),
    ("title: #手艺", "#手艺", "title: '#手艺'"),
    ("title: - 纸", "- 纸", "title: '- 纸'"),
    ("title: ---", "---", "title: '---'"),
    ("title: 一\t二", "一\t二", "title: '一\t二'"),
    ("title: \\n不是换行", "\\n不是换行", "title: \\n不是换行"),
    ("title: @纸 &纸 *纸", "@纸 &纸 *纸", "title: '@纸 &纸 *纸'"),
    ("title:", "", "title: ''"),
    ("title:   ", "", "title: ''"),
    ("title:\t纸", "纸", "title: 纸"),
    ("title: true", "true", "title: 'true'"),
    ("title: No", "No", "title: 'No'"),
    ("title: null", "null", "title: 'null'"),
    ("title: ~", "~", "title: '~'"),
    ("title: 1984", "1984", "title: '1984'"),
    ("title: 1_000", "1_000", "title: '1_000'"),
    ("title: 0x1F", "0x1F", "title: '0x1F'"),
    ("title: 1e3", "1e3", "title: '1e3'"),
    ("title: .5", ".5", "title: '.5'"),
    ("title: 12:30:45", "12:30:45", "title: '12:30:45'"),
    ("title: 2024-12-31", "2024-12-31", "title: '2024-12-31'"),
    ("title: 2024年", "2024年", "title: 2024年"),
    ("title: =", "=", "title: '='"),
    ("title: <<", "<<", "title: '<<'"),
    ("title: a\u2028b", "a\u2028b", 'title: "a\\u2028b"'),
    ("title: a\x85b", "a\x85b", 'title: "a\\u0085b"'),
    ("title: a\x1bb", "a\x1bb", 'title: "a\\u001bb"'),
    ("date: 2024-12-31", "2024-12-31", "date: 2024-12-31"),
    ("date: '2024-12-31'", "2024-12-31", "date: 2024-12-31"),
    ("fetch_date: 2025-10-06T19:41:42.929239", "2025-10-06T19:41:42.929239", "fetch_date: 2025-10-06T19:41:42.929239"),
    ("fetch_date: 2025-10-06T19:41:42+08:00", "2025-10-06T19:41:42+08:00", "fetch_date: 2025-10-06T19:41:42+08:00"),
    ("date: 2024-13-01", "2024-13-01", "date: '2024-13-01'"),
    ("date: 2025-02-30", "2025-02-30", "date: '2025-02-30'"),
    ("date: 2024-12-31 25:00:00", "2024-12-31 25:00:00", "date: '2024-12-31 25:00:00'"),
    ("date: 昨天", "昨天", "date: 昨天"),
    ("original: true", "true", "original: true"),
    ("original: yes", "yes", "original: 'yes'"),
    ("url: https://example.org/a?b=c#d", "https://example.org/a?b=c#d", "url: https://example.org/a?b=c#d"),
    ("tags:\n- 纸\n- '墨'\n- a: b", ("纸", "墨", "a: b"), "tags:\n- 纸\n- 墨\n- 'a: b'"),
    ("note: |\n  上\n  下", "上\n下", 'note: "上\\n下"'),
    ("note: 上\n  下", "上\n下", 'note: "上\\n下"'),
    ("note: 上\nhttps://example.org", "上\nhttps://example.org", 'note: "上\\nhttps://example.org"'),
]


@pytest.mark.parametrize(("line", "value", "output"), VALUES)
def test_value(line: str, value: Value, output: str) -> None:
    front = read_front_matter(f"---\n{line}\n---\n")
    assert list(front.values.values()) == [value]
    block = write_front_matter(front.values)
    assert block == f"---\n{output}\n---\n"
    assert read_front_matter(block).values == front.values
    (other,) = yaml.load(block.removesuffix("---\n"), yaml.BaseLoader).values()
    assert other == (list(value) if isinstance(value, tuple) else value)
    assert yaml.safe_load(block.removesuffix("---\n"))


# A text, the characters that its front matter takes, whether it is closed, and the line on which it ends.
BLOCKS = [
    ("---\na: b\n---\n正文", 13, True, 3),
    ("---\na: b\n---", 12, True, 3),
    ("---  \na: b\n---  \n正文", 17, True, 3),
    ("---\na: b\n...\n正文", 13, True, 3),
    ("\ufeff---\na: b\n---\n正文", 14, True, 3),
    ("---\r\na: b\r\n---\r\n正文\n", 16, True, 3),
    ("---\na: b\n\nc: d\n---\n正文", 19, True, 5),
    ("---\na: b\n\n正文", 9, False, 2),
    ("---\na: b\n正文续行\n\n正文", 14, False, 3),
    ("---\na: b", 8, False, 2),
    ("---\n正文\n---\n", 0, False, 0),
    ("---\n\na: b\n---\n", 0, False, 0),
    ("----\na: b\n---\n", 0, False, 0),
    ("\n---\na: b\n---\n", 0, False, 0),
    ("正文\n---\na: b\n---\n", 0, False, 0),
    ("---\nhttps://example.org\n---\n", 0, False, 0),
    ("---", 0, False, 0),
    ("", 0, False, 0),
]


@pytest.mark.parametrize(("text", "end", "closed", "line"), BLOCKS)
def test_where_the_block_ends(text: str, end: int, closed: bool, line: int) -> None:
    front = read_front_matter(text)
    assert (front.end, front.closed, front.line) == (end, closed, line)


def test_known_keys_come_first_in_fixed_order() -> None:
    values = read_front_matter("---\nzeta: 一\nfetch_date: 二\nalpha: 三\naccount: 四\ntitle: 五\n---\n").values
    assert write_front_matter(values) == "---\ntitle: 五\nfetch_date: 二\naccount: 四\nzeta: 一\nalpha: 三\n---\n"


def test_the_last_of_two_equal_keys_counts() -> None:
    assert read_front_matter("---\ntitle: a\ntitle: b\n---\n").values == {"title": "b"}

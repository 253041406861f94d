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
    ("title: >-\n  上\n  下\n\n  又", "上 下\n又", 'title: "上 下\\n又"'),
    ("title: |\n  上\n\n    下", "上\n\n  下", 'title: "上\\n\\n  下"'),
    ('title: "上\n  下: 一\n\n  又"', "上 下: 一\n又", 'title: "上 下: 一\\n又"'),
    ('title: "上\\\n  \\ 下"', "上 下", "title: 上 下"),
    ("title: '上\n  it''s'", "上 it's", "title: 上 it's"),
    ("title: " + "long " * 12 + "\n  title", "long " * 12 + "title", "title: " + "long " * 12 + "title"),
    ("completed?: no", "no", "completed?: 'no'"),
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
    ("---\nurl: b\n\nc: d\n---\n正文", 21, True, 5),
    ("---\nurl: b\n\n\n---\n正文", 17, True, 5),
    ("---\nurl: b\n\n正文", 11, False, 2),
    ("---\nURL: b\n正文续行\n\n正文", 16, False, 3),
    ("---\nurl: b", 10, False, 2),
    ("---\n注意: b\n\n正文", 0, False, 0),
    ("---\nTip: b\n\n正文", 0, False, 0),
    ("---\nTip: b\n\n正文\n\n---\n\n正文", 0, False, 0),
    ("---\nQ: b\n\nA: c\n\n---\n", 0, False, 0),
    ("---\ntitle: b\n\n正文\n\n---\n\n正文", 13, False, 2),
    ("---\ntitle: b\nurl: c\n\n正文\nurl: d\n---\n", 20, False, 3),
    ("---\ntitle: b\n\n一\n\n二\nurl: c\nsource: d\n\n# b\n", 36, False, 8),
    ("---\ntitle: b\n\n# 一\n\nurl: c\nsource: d\n", 13, False, 2),
    ("---\ntitle: b\n\n一\n\n二\nurl: c\n---\n", 30, True, 8),
    ("+++\ntitle = 'b'\n+++\n正文", 20, True, 3),
    ("+++\nb = 'b'\n+++\n正文", 0, False, 0),
    ("+++\n春眠不觉晓\n+++\n正文", 0, False, 0),
    ("+++\ntitle = 'b'\n正文", 0, False, 0),
    ('{"title": "b"}\n正文', 15, True, 1),
    ('{\n  "title": "b"\n}\n\n正文', 19, True, 3),
    ('{"title": "b"}\n', 0, False, 0),
    ('{"b": 1}\n正文', 0, False, 0),
    ('{"title": "b"} 正文', 0, False, 0),
    ("{纸}\n正文", 0, False, 0),
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


# Blocks of static site tools, and what they mean.
TABLES = [
    (
        '+++\ntitle = "纸 = 墨"\ndate = 2024-05-06T08:00:00Z\ndraft = true\ntags = ["纸"]\n[params]\nn = 1\n+++\n',
        {
            "title": "纸 = 墨",
            "date": "2024-05-06T08:00:00+00:00",
            "draft": "true",
            "tags": ("纸",),
            "params.n": "1",
        },
    ),
    ('+++\ntitle = """一\n二"""\ndate = 2024-05-06\n+++\n', {"title": "一\n二", "date": "2024-05-06"}),
    ('+++\r\ntitle = "一"\r\n+++\r\n', {"title": "一"}),
    # No valid TOML: quotes within quotes, a date in words, no quotes at all.
    (
        '+++\ntitle = "他说"好""\ndate = 昨天\n# 注\n[extra]\nsource = 某处\n+++\n',
        {"title": '他说"好"', "date": "昨天", "extra.source": "某处"},
    ),
    (
        '{"title": "一: 二", "date": null, "n": 1.5, "tags": [], "a": {"b": {"c": 1}, "d": false}}\n正文',
        {"title": "一: 二", "date": "", "n": "1.5", "a.d": "false"},
    ),
]


@pytest.mark.parametrize(("text", "values"), TABLES)
def test_toml_and_json(text: str, values: dict[str, Value]) -> None:
    assert read_front_matter(text).values == values


@pytest.mark.parametrize("length", [0, 300, 500, 5_000, 300_000])
@pytest.mark.parametrize("end", ["---\n\n# 一\n", "\n# 一\n", "\n正文\n\n---\n\n正文\n"])
def test_a_title_of_several_lines_may_be_of_any_length(length: int, end: str) -> None:
    more = "很长的一行文字，" * (length // 8)
    text = f"---\ntitle: 一\n\n{more}\n\n二：三\nurl: https://example.org/\nsource: 某处\ndate: 2025-07-21\n"
    front = read_front_matter(text + end)
    assert front.closed == end.startswith("---")
    assert front.end == len(text) + 4 * front.closed
    lines = filter(None, ["一", more, "二：三"])
    assert front.values == {
        "title": "\n".join(lines),
        "url": "https://example.org/",
        "source": "某处",
        "date": "2025-07-21",
    }


DEEP = [
    "+++\ntitle = " + "[" * 5_000 + "\n+++\n",
    "+++\ntitle = 1\n" + "a." * 40_000 + "a = 1\n+++\n",
    "+++\ntitle = 1\n[" + "a." * 40_000 + "a]\n+++\n",
    "+++\ntitle = { " + "a." * 40_000 + "a = 1 }\n+++\n",
    '{"title": ' + "[" * 20_000,
    '{"title": 1' + "0" * 9_000 + "}\n一",
]


@pytest.mark.parametrize("text", DEEP)
def test_what_is_deep_or_long_is_read_as_lines_or_left_alone(text: str) -> None:
    assert len(read_front_matter(text).values) <= 1

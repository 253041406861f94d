"""Items that no list holds, as Word and editors write them, and lines of code in paragraphs: whole outputs."""

import lxml.html
import pytest

from clean.html.render import render


def rendered(html: str) -> str:
    return render(lxml.html.fragment_fromstring(html, create_parent="div")).markdown


def gone(html: str) -> list[tuple[str, str]]:
    dropped = render(lxml.html.fragment_fromstring(html, create_parent="div")).dropped
    return [(one.rule, one.text) for one in dropped]


BLANKS = "<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp;&nbsp; </span>"


def word(mark: str, text: str, level: int = 1, number: int = 0) -> str:
    """An item as Word saves it: the number in a comment for browsers that know no lists."""
    return (
        f'<p class=MsoListParagraphCxSpMiddle style="margin-left:{36 * level}.0pt;text-indent:-18.0pt;'
        f'mso-list:l{number} level{level} lfo1"><![if !supportLists]><span lang=EN-US style="mso-list:Ignore">'
        f"{mark}{BLANKS}</span><![endif]>{text}</p>"
    )


def filtered(mark: str, text: str, margin: str) -> str:
    """The same, saved as filtered HTML."""
    return (
        f"<p class=MsoListParagraph style='margin-left:{margin};text-indent:-18.0pt'>"
        f"<span lang=EN-US>{mark}{BLANKS}</span>{text}</p>"
    )


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        (word("1.", "刻本") + word("2.", "抄本"), "1. 刻本\n2. 抄本\n"),
        (word("(3)", "刻本") + word("(4)", "抄本"), "3. 刻本\n4. 抄本\n"),
        (word("·", "浸泡") + word("·", "蒸煮"), "- 浸泡\n- 蒸煮\n"),
        (word("\uf0d8", "浸泡"), "- 浸泡\n"),
        (filtered("l", "楮皮", "0cm").replace("lang=EN-US", "style='font-family:Wingdings'"), "- 楮皮\n"),
        (filtered("o", "竹麻", "0cm").replace("lang=EN-US", "style='font-family:\"Courier New\"'"), "- 竹麻\n"),
        (
            word("1.", "刻本")
            + word("a)", "宋本", 2)
            + word("b)", "元本", 2)
            + word("i.", "残卷", 3)
            + word("2.", "抄本"),
            "1. 刻本\n   1. 宋本\n   2. 元本\n      1. 残卷\n2. 抄本\n",
        ),
        (word("·", "竹", 2) + word("·", "纸", 1), "- 竹\n\n* 纸\n"),
        (
            word("1.", "选料") + "<p class=MsoNormal>另起一段。</p>" + word("2.", "浸泡"),
            "1. 选料\n\n另起一段。\n\n2. 浸泡\n",
        ),
        (word("一、", "选料要精。"), "一、\xa0\xa0\xa0 选料要精。\n"),
        (filtered("1.", "刻本", "36.0pt") + filtered("a.", "宋本", "1.0in"), "1. 刻本\n   1. 宋本\n"),
        ("<p class=MsoListParagraph>没有编号的一段。</p>", "没有编号的一段。\n"),
        (
            f"<p class=MsoListParagraph>1.{BLANKS}刻本</p><p class=MsoListParagraph>2.{BLANKS}抄本</p>",
            "1. 刻本\n2. 抄本\n",
        ),
        (
            '<ul class="lst-kix_x7-0 start"><li>甲</li></ul><ul class="lst-kix_x7-1 start"><li>乙</li><li>丙</li></ul>'
            '<ul class="lst-kix_x7-0"><li>丁</li></ul><p>完。</p>',
            "- 甲\n  - 乙\n  - 丙\n- 丁\n\n完。\n",
        ),
        (
            '<ol class="lst-kix_y-0" start="1"><li>甲</li></ol><ol class="lst-kix_y-1" start="1"><li>乙</li></ol>'
            '<ol class="lst-kix_y-0" start="2"><li>丙</li></ol>',
            "1. 甲\n   1. 乙\n2. 丙\n",
        ),
        (
            "<ne-oli><ne-oli-i>1.</ne-oli-i><ne-oli-c>量温度</ne-oli-c></ne-oli>"
            "<ne-oli><ne-oli-i>2.</ne-oli-i><ne-oli-c>量湿度</ne-oli-c></ne-oli>",
            "1. 量温度\n2. 量湿度\n",
        ),
        (
            '<ne-uli ne-level="0"><ne-uli-i>●</ne-uli-i><ne-uli-c>温度计</ne-uli-c></ne-uli>'
            '<ne-uli ne-level="1"><ne-uli-i>○</ne-uli-i><ne-uli-c>水银的</ne-uli-c></ne-uli><ne-p>完。</ne-p>',
            "- 温度计\n  - 水银的\n\n完。\n",
        ),
        ("<pre><p>int a = 1;</p><p>  return a;</p></pre>", "```\nint a = 1;\n  return a;\n```\n"),
        (
            "<pre><p>纸寿千年，绢寿八百。</p><p>这话见于书画谱的第二卷。</p></pre>",
            "纸寿千年，绢寿八百。\n\n这话见于书画谱的第二卷。\n",
        ),
    ],
)
def test_items_make_lists(html: str, markdown: str) -> None:
    assert rendered(html) == markdown


def test_marks_of_items_are_in_the_ledger() -> None:
    assert gone(word("1.", "刻本") + word("a)", "宋本", 2)) == [("html.item-mark", "1."), ("html.item-mark", "a)")]
    assert gone(word("一、", "选料要精。")) == []

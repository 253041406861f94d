"""What is repaired and what is left alone, as a table: what the snapshot says, what it becomes, by which rules."""

import pytest

from clean.commonmark.emphasis import apply_repairs, repair_emphasis

FLANKING = "markdown.emphasis-flanking"
ADJACENT = "markdown.emphasis-adjacent"
DOUBLED = "markdown.emphasis-doubled"
EMPTY = "markdown.emphasis-empty"
MARK = "markdown.emphasis-mark"
SPACES = "markdown.emphasis-spaces"
UNCLOSED = "markdown.emphasis-unclosed"
LITERAL = "markdown.asterisk-literal"

REPAIRED = [
    # Delimiters beside punctuation, which CommonMark leaves visible.
    ("**“云上图书馆”**开馆了", "<strong>“云上图书馆”</strong>开馆了", FLANKING),
    ("读者**（含儿童）**可入馆", "读者<strong>（含儿童）</strong>可入馆", FLANKING),
    ("**注意：**请带证件。", "<strong>注意：</strong>请带证件。", FLANKING),
    ("价格**￥30**起", "价格<strong>￥30</strong>起", FLANKING),
    ("*（摘自馆刊）*第三期", "<em>（摘自馆刊）</em>第三期", FLANKING),
    ("他说***“好”***就走", "他说<strong><em>“好”</em></strong>就走", FLANKING),
    ("**[借阅指南](a_b*.html)**。**（新）**版", "**[借阅指南](a_b*.html)**。<strong>（新）</strong>版", FLANKING),
    ("[点**“这里”**看](u)", "[点<strong>“这里”</strong>看](u)", FLANKING),
    ("> 引**“文”**字", "> 引<strong>“文”</strong>字", FLANKING),
    ("- 一**“二”**三\n- 四", "- 一<strong>“二”</strong>三\n- 四", FLANKING),
    ("# 一**“二”**三", "# 一<strong>“二”</strong>三", FLANKING),
    ("| 一**“二”**三 | ** |\n|---|---|\n", "| 一<strong>“二”</strong>三 |  |\n|---|---|\n", FLANKING, EMPTY),
    ("前**“跨\n行”**后", "前<strong>“跨\n行”</strong>后", FLANKING),
    # Bold that stands between two other spans: CommonMark would take the middle for bold.
    ("**“甲”**乙**“丙”**", "<strong>“甲”</strong>乙<strong>“丙”</strong>", FLANKING),
    # Bold that touches bold.
    ("**书目****卡片**", "**书目卡片**", ADJACENT),
    ("**数量大****、****种类多**", "**数量大、种类多**", ADJACENT),
    ("**甲****“乙”**丙", "<strong>甲“乙”</strong>丙", ADJACENT, FLANKING),
    ("**甲****“乙”*****丙***", "**甲“乙”*丙***", ADJACENT),
    # Bold in bold.
    ("**零一******（馆藏概况）****全", "<strong>零一（馆藏概况）</strong>全", ADJACENT, FLANKING),
    ("****注：********闭馆日不开放****", "**注：闭馆日不开放**", DOUBLED, ADJACENT),
    # Nothing inside.
    ("****", "", EMPTY),
    ("* ****", "* ", EMPTY),
    ("甲\n\n****\n\n乙", "甲\n\n\n\n乙", EMPTY),
    ("[** 首页](/)", "[ 首页](/)", EMPTY),
    ("[**](/)", "[](/)", EMPTY),
    ("编目****规则", "编目规则", EMPTY),
    ("** **", " ", EMPTY),
    ("一** **二", "一 二", EMPTY),
    ("****1. 甲", "<strong></strong>1. 甲", EMPTY),
    ("第一条漏洞**************", "第一条漏洞", EMPTY),
    ("说明：****************以馆方为准。", "说明：以馆方为准。", EMPTY),
    ("******************![](a.png)", "![](a.png)", EMPTY),
    # A single mark of punctuation.
    ("纸**，**墨", "纸，墨", MARK),
    ("称**“**云上**”**了*。*", "称“云上”了。", MARK),
    ("甲**：****“乙”**丙", "甲<strong>：“乙”</strong>丙", ADJACENT, FLANKING),
    # White space inside.
    ("见**附录 **第二页", "见**附录** 第二页", SPACES),
    ("见** 附录**第二页", "见 **附录**第二页", SPACES),
    ("** 附录**第二页", "<strong> 附录</strong>第二页", FLANKING),
    # One end is in another paragraph, or was cut off.
    ("**第一段：\n\n第二段**", "**第一段：**\n\n**第二段**", UNCLOSED),
    ("全文很长。\n\n**图书馆学是研究...", "全文很长。\n\n**图书馆学是研究...**", UNCLOSED),
    ("**![](a.png)\n\n**更多****", "![](a.png)\n\n**更多**", EMPTY),
    # The author's own asterisk, which CommonMark would take for emphasis.
    ("通配符“*”或“*”都行", "通配符“\\*”或“\\*”都行", LITERAL),
    ("*" * 14 + "公告" + "*" * 14, "\\*" * 14 + "公告" + "\\*" * 14, LITERAL),
    ("接受 */*，或 */*。", "接受 \\*/\\*，或 \\*/\\*。", LITERAL),
]

LEFT_ALONE = [
    "没有星号",
    "**粗体**和*斜体*，***都是***。",
    "****双重粗体****",
    "**零一******馆藏概况****",
    "**甲*****乙***",
    "*斜体里**有粗体**吗*",
    "**甲** **乙**",
    "他说：**“好”**，就走",
    "```\n**“甲”**乙\n```",
    "~~~\n****\n",
    "段落\n\n    **“甲”**乙\n",
    "`**“甲”**乙`",
    "\\*\\*“甲”\\*\\*乙",
    "[甲](a**“b”**c)",
    "![图**“甲”**乙](u)",
    "<http://a/**b/**>",
    "<div>\n**“甲”**乙\n</div>",
    '<a title="**“甲”**乙">丙</a>',
    "* * *",
    "***",
    "* 一\n* 二",
    "姓名 *\n电话 *",
    "(*) 必填",
    "* 主题* 语言",
    "5 * 3，4 * 2",
    "手机 138****1234",
    "卡号 6222**************7890",
    "************** 公告 **************",
    "纸 **，** 墨",
    "2**3",
    "**kwargs 是参数",
    "[甲]: **“乙”**丙",
]


@pytest.mark.parametrize(("text", "expected", "rules"), [(row[0], row[1], set(row[2:])) for row in REPAIRED])
def test_repaired(text: str, expected: str, rules: set[str]) -> None:
    repairs = repair_emphasis(text)
    assert apply_repairs(text, repairs) == expected
    assert {repair.rule for repair in repairs} == rules
    assert repair_emphasis(expected) == []


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_left_alone(text: str) -> None:
    assert repair_emphasis(text) == []


def test_positions_after_carriage_returns() -> None:
    text = "甲\r\n\r\n> 乙\r\n> **“丙\r\n> 丁”**戊\r\n"
    assert apply_repairs(text, repair_emphasis(text)) == "甲\r\n\r\n> 乙\r\n> <strong>“丙\r\n> 丁”</strong>戊\r\n"

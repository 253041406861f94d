"""The rules under which blocks are cut: one id for each reason a librarian would give, with its sentence."""

from typing import Final, NamedTuple

__all__ = ["RULES", "STAGE", "Sentence"]

STAGE: Final = "generic"


class Sentence(NamedTuple):
    """A rule in the two languages of the house."""

    english: str
    chinese: str


RULES: Final = {
    "generic.navigation": Sentence(
        "Menus, breadcrumbs and other ways through the site.", "导航：菜单、面包屑等站内路径。"
    ),
    "generic.link-list": Sentence("Text that is nearly all links.", "链接列表：文字几乎全是链接。"),
    "generic.header": Sentence("The head of the site: its name, its banner.", "页眉：站名与横幅。"),
    "generic.footer": Sentence(
        "The foot of the site: rights, licences, contacts.", "页脚：版权、备案、联系方式。"
    ),
    "generic.sidebar": Sentence("A column beside the content.", "侧栏：正文旁边的栏目。"),
    "generic.comments": Sentence(
        "Readers' comments on a page whose content is the article.", "评论：文章页面上的读者留言。"
    ),
    "generic.related": Sentence(
        "Related, recommended or popular other pages.", "相关推荐：其他文章的推荐与热门列表。"
    ),
    "generic.share": Sentence("Buttons to share, follow, like or save.", "分享：分享、关注、点赞、收藏按钮。"),
    "generic.advertisement": Sentence("Advertising and promotion.", "广告与推广。"),
    "generic.form": Sentence("Forms: login, search, subscription.", "表单：登录、搜索、订阅。"),
    "generic.notice": Sentence("Notices over the page: cookies, consent, pop-ups.", "提示：Cookie 与弹窗提示。"),
    "generic.byline": Sentence(
        "Author's name, date and figures about the page, beside its text.", "署名栏：作者、日期、阅读量等信息。"
    ),
    "generic.tags": Sentence("Tags and categories the page is filed under.", "标签与分类。"),
    "generic.caption": Sentence("Credits and texts of pictures and players.", "图片与播放器的说明文字。"),
    "generic.contents": Sentence("A table of contents made from the headings.", "由标题生成的目录。"),
    "generic.pager": Sentence("Links to the next and previous pages.", "翻页：上一页、下一页。"),
    "generic.repeated": Sentence(
        "One of many boxes of the same form: cards of other pages.", "重复版块：同一形式的多个卡片。"
    ),
    "generic.hidden": Sentence("Text that the page does not show.", "隐藏：页面不显示的文字。"),
    "generic.outside": Sentence("Text outside the page's content.", "正文之外的文字。"),
    "generic.fragment": Sentence(
        "A short text within the content that belongs to the page's interface.", "正文之中属于界面的短文字。"
    ),
    "generic.medium": Sentence("An image or player among what was cut.", "图片或播放器：位于已删去的内容之中。"),
    "generic.witnesses": Sentence(
        "The independent extractors that were asked agree that it is not content.",
        "证人：各独立提取器一致认为不是正文。",
    ),
}  # fmt: skip

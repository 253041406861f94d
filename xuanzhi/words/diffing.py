"""What a difference says besides the texts themselves."""

__all__ = ["WORDS"]

WORDS = {
    "diff.unchanged": ("… {count:,} lines unchanged", "…… {count:,} 行未改动"),
    "diff.moved-from": ("moved here from line {line}", "由第 {line} 行移来"),
    "diff.moved-to": ("moved to line {line}", "移至第 {line} 行"),
    "diff.split": ("one paragraph became several", "一段拆为几段"),
    "diff.merged": ("several paragraphs became one", "几段并为一段"),
    "diff.same-asset": ("same image, other address", "同一图片，地址不同"),
    "diff.same-payload": ("other address, same bytes", "地址不同，内容逐字节相同"),
    "diff.replaced": ("image replaced", "图片已更换"),
    "diff.removed": ("image removed", "图片已移除"),
    "diff.added": ("image added", "图片新增"),
    "diff.equal": ("the two texts are the same", "两份文本相同"),
    "version.name": ("version {number}", "版本 {number}"),
    "version.source": ("source", "来源"),
    "version.first": ("first fetched", "首次抓取"),
    "version.last": ("last fetched", "末次抓取"),
    "version.sha256": ("SHA-256", "SHA-256"),
    "version.ruleset_sha256": ("ruleset", "规则集"),
    "version.software": ("software", "软件"),
    "html.gone": ("removed", "删除"),
    "html.come": ("added", "新增"),
    "html.equal": ("The two texts are the same.", "两份文本相同。"),
    "html.share": (
        "{removed:,} characters removed, {added:,} added: {share} of both texts",
        "删除 {removed:,} 字，新增 {added:,} 字，占两份文本的 {share}",
    ),
    "html.kinds": ("what changed: {kinds}", "变化的内容：{kinds}"),
    "html.rules": ("explained by the rules {rules}", "规则 {rules} 说明了这些变化"),
    "html.by": ("by rule {rules}", "规则 {rules}"),
    "html.unchanged": ("unchanged blocks: {count:,}", "{count:,} 段未改动"),
    "html.added": ("{kind} added, line {line}", "新增{kind}，第 {line} 行"),
    "html.removed": ("{kind} removed, line {line}", "删除{kind}，第 {line} 行"),
    "html.changed": ("{kind}, line {old} → line {new}", "{kind}，第 {old} 行 → 第 {new} 行"),
    "kind.text": ("text", "正文"),
    "kind.chrome": ("interface text only", "界面文字"),
    "kind.image": ("images", "图片"),
    "kind.image-address": ("addresses of images", "图片地址"),
    "kind.moved": ("places of paragraphs", "段落位置"),
    "kind.front-matter": ("front matter", "元数据"),
    "kind.white-space": ("white space", "空白"),
    "block.paragraph": ("paragraph", "段落"),
    "block.heading": ("heading", "标题"),
    "block.image": ("image", "图片"),
    "block.list": ("list", "列表"),
    "block.quote": ("quotation", "引文"),
    "block.table": ("table", "表格"),
    "block.code": ("code", "代码"),
    "block.front-matter": ("front matter", "元数据"),
    "block.blank": ("blank lines", "空行"),
    "error.two-files": ("--files compares two files, and nothing else", "--files 只比较两个文件"),
    "error.two-files.hint": ("archive diff --files OLD.md NEW.md", "archive diff --files 旧.md 新.md"),
    "error.no-ledger": ("version {number} has no ledger", "版本 {number} 没有清理记录"),
    # -- help
    "help.archive.diff": (
        "compare two versions of an article, or two files\n\n"
        "Without A and B, the current version is compared with the one that it follows; with A alone, A with the"
        "\ncurrent one. `archive show` lists the versions.",
        "比较一篇文章的两个版本，或两个文件\n\n"
        "不写 A 和 B 时，比较当前版本与它之前的版本；只写 A 时，比较 A 与当前版本。\n`archive show` 列出各版本。",
    ),
    "help.archive.diff.version": (
        "a version: its number, a day on which it was the text, or the beginning of its sha256",
        "版本：序号、当时的日期，或 sha256 的开头",
    ),
    "help.archive.diff.second": ("the version to compare it with", "与之比较的版本"),
    "help.archive.diff.source": (
        "compare what was cleaned with version A (default: the current one), each removal with its rule",
        "比较清理前的文本与版本 A（默认当前版本），逐处显示移除所依据的规则",
    ),
    "help.archive.diff.files": ("compare two files, named by ARTICLE and A", "比较两个文件（写在 ARTICLE 和 A 处）"),
    "help.archive.diff.inline": (
        "marks inside the lines, unchanged lines folded (default)",
        "在行内标出改动，折叠未改动的行（默认）",
    ),
    "help.archive.diff.unified": ("as `patch` and `git apply` read it", "输出 patch 与 git apply 可读的格式"),
    "help.archive.diff.html": (
        "write the difference to one HTML file, to send to somebody",
        "把差异写成一个 HTML 文件，便于发送",
    ),
    "help.archive.reclean.diff": (
        "show what changes, line by line, with the rules that explain it",
        "逐行显示变化，并注明依据的规则",
    ),
    "help.archive.diff.exit-code": ("exit with 1 where they differ", "有差异时以 1 退出"),
}

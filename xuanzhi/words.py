"""Every word the commands show to people, in English and Simplified Chinese.

The language is the terminal's (LC_ALL, LC_MESSAGES, LANG), or XUANZHI_LANGUAGE=en|zh. Codes, rule ids and all of
`--json` are English always, for machines.
"""

import os
from collections.abc import Mapping

TYPE_CHECKING = False  # as in `typing`, without the import, which every start would pay for
if TYPE_CHECKING:
    from clean.rules import Rule

__all__ = ["WORDS", "describe", "hint", "language", "reason", "word"]

WORDS: Mapping[str, tuple[str, str]] = {
    # -- help
    "help.clean.description": (
        "Clean web pages and snapshots of them, WeChat articles first, into Markdown, and keep source, result\n"
        "and provenance in a collection. Every removal is explained and can be undone.",
        "把网页及其快照（首先是微信公众号文章）清理成 Markdown，并把来源、结果和出处保存在集合里。\n"
        "每一处移除都有理由，都可撤销。",
    ),
    "help.clean.examples": (
        "examples:\n"
        "  clean seeds/*.txt                 into ./collection\n"
        "  clean 'snapshots/**/*.txt' -o out plain files: out/NAME.md\n"
        "  clean page.html crawl.warc.gz     pages, and every page of a web archive\n"
        "  clean --diff page.txt             what would change, with the rule of each change\n"
        "  clean --explain page.txt:231      why line 231 went, or that it stays\n"
        "  clean --check -o out *.txt        exit code 1 where out/ is not up to date\n"
        "  cat page.txt | clean --stdout -   as a filter\n\n"
        "exit codes: 0 done, 1 differences (--check, --exit-code), 2 wrong use, 3 some failed, 4 all failed,\n"
        "130 interrupted",
        "示例：\n"
        "  clean seeds/*.txt                 存入 ./collection\n"
        "  clean 'snapshots/**/*.txt' -o out 普通文件：out/NAME.md\n"
        "  clean page.html crawl.warc.gz     网页，以及网页存档里的每个网页\n"
        "  clean --diff page.txt             查看会有哪些变化及其规则\n"
        "  clean --explain page.txt:231      第 231 行为何移除或保留\n"
        "  clean --check -o out *.txt        out/ 不是最新时退出码为 1\n"
        "  cat page.txt | clean --stdout -   作为过滤器\n\n"
        "退出码：0 完成，1 有差异（--check、--exit-code），2 用法错误，3 部分失败，4 全部失败，130 中断",
    ),
    "help.clean.inputs": (
        "snapshots (.txt, .md), pages (.html, .mhtml), WARC files, quoted globs, or - for standard input",
        "快照（.txt、.md）、网页（.html、.mhtml）、WARC 文件、加引号的通配符，或 - 表示标准输入",
    ),
    "help.group.where": ("where results go", "结果去向"),
    "help.group.look": ("look, without keeping anything", "只看不存"),
    "help.group.how": ("how", "方式"),
    "help.clean.collection": ("the collection to add to (default: ./collection)", "加入哪个集合（默认 ./collection）"),
    "help.clean.output": ("write only DIR/NAME.md, no collection", "只写 DIR/NAME.md，不建集合"),
    "help.clean.stdout": ("print the clean Markdown", "打印清理后的 Markdown"),
    "help.clean.dry-run": ("do everything but write", "只演练，不写入"),
    "help.clean.explain": (
        "say which rule took what and why; FILE:LINE for one line",
        "说明哪条规则移除了什么、为什么；FILE:LINE 只看一行",
    ),
    "help.clean.diff": ("show what changes, with the rule of each change", "显示变化及其规则"),
    "help.clean.check": (
        "exit with 1 where something would change: the input, or its result in -o DIR",
        "若输入（或 -o DIR 中的结果）会变化则退出码为 1",
    ),
    "help.clean.exit-code": (
        "with --diff: exit with 1 where there are differences",
        "与 --diff 同用：有差异则退出码为 1",
    ),
    "help.clean.list": (
        "read input paths from LIST, one a line (- for standard input)",
        "从 LIST 读取输入路径，每行一个（- 表示标准输入）",
    ),
    "help.clean.rules": ("add the rules of a TOML file to the built-in ones", "在内置规则之外加入一个 TOML 规则文件"),
    "help.clean.jobs": ("processes to use (default: as many as pay)", "使用的进程数（默认自动）"),
    "help.clean.max": ("refuse larger inputs (default: 64)", "拒绝更大的输入（默认 64）"),
    "help.json": ("one JSON object a line, for machines", "每行一个 JSON 对象，供程序读取"),
    "help.quiet": ("errors only", "只显示错误"),
    "help.verbose": ("a line for every input, however many", "逐个输入显示一行"),
    "help.debug": ("show tracebacks", "显示错误堆栈"),
    "help.version": ("print the version", "显示版本"),
    "help.archive.description": (
        "What comes after cleaning. So far: the rules, for people who write them.",
        "清理之后的工作。目前：供规则作者使用的规则工具。",
    ),
    "help.archive.examples": (
        "examples:\n"
        "  archive rules list\n"
        "  archive rules explain wechat.tail.read-original\n"
        "  archive rules check my-rules.toml\n"
        "  archive rules try my-rules.toml 'snapshots/*.txt'",
        "示例：\n"
        "  archive rules list\n"
        "  archive rules explain wechat.tail.read-original\n"
        "  archive rules check my-rules.toml\n"
        "  archive rules try my-rules.toml 'snapshots/*.txt'",
    ),
    "help.rules": ("the rules: list, check, explain, try", "规则：列出、检查、说明、试用"),
    "help.rules.list": ("list all rules with their stage", "列出所有规则及其阶段"),
    "help.rules.check": ("read rules files and try every example in them", "读取规则文件并试验其中每个示例"),
    "help.rules.explain": ("show one rule whole: reason, texts, examples", "完整显示一条规则：理由、文本、示例"),
    "help.rules.try": (
        "show what a rule, or a file of rules, takes from real files; nothing is kept",
        "显示一条规则（或一个规则文件）会从真实文件中移除什么；不保存任何内容",
    ),
    "help.xuanzhi": (
        "usage: xuanzhi COMMAND …\n\n"
        "  clean    clean snapshots into Markdown, and keep them in a collection\n"
        "  archive  what comes after: the rules\n\n"
        "xuanzhi COMMAND --help tells more. Each command is also there by its own name.",
        "用法：xuanzhi 命令 …\n\n"
        "  clean    把快照清理成 Markdown，并存入集合\n"
        "  archive  之后的工作：规则\n\n"
        "xuanzhi 命令 --help 有详细说明。每个命令也可以直接用自己的名字运行。",
    ),
    # -- errors of inputs and outputs; a message, and under `.hint` what to do next
    "error.missing": ("there is no such file", "没有这个文件"),
    "error.missing.hint": (
        "Check the path; put patterns in quotes if the shell expands them.",
        "请检查路径；模式请加引号。",
    ),
    "error.directory": ("this is a folder", "这是一个文件夹"),
    "error.directory.hint": ("Name the files in it: '{pattern}'", "请写出其中的文件：'{pattern}'"),
    "error.not-a-file": ("this is neither a file nor a folder", "这既不是文件也不是文件夹"),
    "error.not-a-file.hint": (
        "Copy its content to a file, or pipe it in with `-`.",
        "请把内容存成文件，或用 `-` 从标准输入读取。",
    ),
    "error.unreadable": ("it cannot be read: {reason}", "无法读取：{reason}"),
    "error.unreadable.hint": ("Check its permissions.", "请检查权限。"),
    "error.too-large": ("it is larger than {limit}", "文件超过 {limit}"),
    "error.too-large.hint": (
        "A snapshot is one page. Split the file, or raise the limit with --max-megabytes.",
        "一个快照就是一个网页。请拆分文件，或用 --max-megabytes 提高上限。",
    ),
    "error.warc-by-name": (
        "this holds WARC records, and its name does not say so",
        "这是 WARC 记录，但文件名没有写明",
    ),
    "error.warc-by-name.hint": (
        "Give it as a file whose name ends with .warc or .warc.gz.",
        "请以 .warc 或 .warc.gz 结尾的文件名提供。",
    ),
    "error.not-a-warc": ("no WARC record can be read from it: {reason}", "读不出任何 WARC 记录：{reason}"),
    "error.not-a-warc.hint": (
        "Check it with the tool that wrote it; a page by itself has a name that ends with .html.",
        "请用生成它的工具检查；单个网页的文件名应以 .html 结尾。",
    ),
    "error.damaged-warc": (
        "it is damaged; its first {count} pages were read, what follows was not: {reason}",
        "文件损坏；前 {count} 个网页已读取，其后没有：{reason}",
    ),
    "error.damaged-warc.hint": (
        "Take a whole copy if there is one, or let `warcio recompress` write a new file of what is whole.",
        "如有完整副本请使用副本，或用 `warcio recompress` 把完好的部分写成新文件。",
    ),
    "error.no-pages": (
        "none of its {count} records is a page",
        "它的 {count} 条记录中没有网页",
    ),
    "error.no-pages.hint": (
        "Pages are responses with HTML and a status of 200 to 299. Revisits name the record that has the page.",
        "网页是状态码 200 到 299、内容为 HTML 的响应。revisit 记录会指出哪条记录有网页。",
    ),
    "error.no-such-page": ("it holds {count} pages", "它有 {count} 个网页"),
    "error.no-such-page.hint": ("They are counted from 1.", "页码从 1 开始。"),
    "error.broken-record": (
        "the record at byte {offset} cannot be read: {reason}",
        "字节 {offset} 处的记录无法读取：{reason}",
    ),
    "error.broken-record.hint": (
        "The other records are not concerned. Check the file with `warcio check`.",
        "其他记录不受影响。可用 `warcio check` 检查文件。",
    ),
    "error.name-taken": (
        "its result would be {path}, which is the result of {other}",
        "结果文件 {path} 已属于 {other}",
    ),
    "error.name-taken.hint": (
        "Rename one of the two, or clean them into two folders.",
        "请改名，或分别输出到两个文件夹。",
    ),
    "error.would-overwrite": ("its result would overwrite the source itself", "结果会覆盖源文件本身"),
    "error.would-overwrite.hint": (
        "A source is never overwritten; choose another folder with -o.",
        "源文件绝不覆盖；请用 -o 另选文件夹。",
    ),
    "error.not-writable": ("{path} cannot be written: {reason}", "无法写入 {path}：{reason}"),
    "error.not-writable.hint": (
        "Check its permissions and the free space, then run the same command again.",
        "请检查权限和剩余空间，然后重新运行同一命令。",
    ),
    "error.list-unreadable": ("the list {path} cannot be read: {reason}", "无法读取列表 {path}：{reason}"),
    "error.list-unreadable.hint": ("A list is a UTF-8 text with one path a line.", "列表是 UTF-8 文本，每行一个路径。"),
    "error.rules-unreadable": ("the rules {path} cannot be read: {reason}", "无法读取规则 {path}：{reason}"),
    "error.rules-unreadable.hint": ("A rules file is a TOML text in UTF-8.", "规则文件是 UTF-8 编码的 TOML 文本。"),
    "error.no-match": ("no file matches {pattern}", "没有文件匹配 {pattern}"),
    "error.no-match.hint": ("Check the pattern and the folder you are in.", "请检查模式和当前目录。"),
    "error.no-input": ("no input given", "没有给出输入"),
    "error.no-input.hint": ("For example: clean seeds/*.txt", "例如：clean seeds/*.txt"),
    "error.no-such-line": (
        "the file has {count:,} lines; there is no line {line:,}",
        "文件共 {count:,} 行，没有第 {line:,} 行",
    ),
    "error.no-such-line.hint": ("Lines are counted from 1.", "行号从 1 开始。"),
    "error.no-such-rule": ("there is no rule {rule}{near}", "没有规则 {rule}{near}"),
    "error.no-such-rule.hint": ("`archive rules list` shows them all.", "用 `archive rules list` 查看全部规则。"),
    "error.together": ("{one} and {other} cannot go together", "{one} 和 {other} 不能同时使用"),
    "error.together.hint": ("Run the command once for each.", "请分两次运行。"),
    "error.lost-worker": ("a helper process died while it cleaned this file", "清理此文件的子进程意外终止"),
    "error.lost-worker.hint": (
        "Run it again by itself with --jobs 1; the system may be short of memory.",
        "请用 --jobs 1 单独重试；可能是内存不足。",
    ),
    "error.internal": ("a mistake in this software: {reason}", "软件内部错误：{reason}"),
    "error.internal.hint": (
        "Run it again with --debug and report what it prints, with the file if you may.",
        "请加 --debug 重试，并连同文件（如可公开）报告输出。",
    ),
    # -- errors of the other packages, whose own messages are English
    "error.empty": ("the file is empty", "文件是空的"),
    "error.empty.hint": (
        "Fetch the page again; there is nothing in this file to clean.",
        "请重新抓取；文件里没有可清理的内容。",
    ),
    "error.not-text.hint": (
        "Give a text snapshot (front matter and Markdown, UTF-8, GB18030 or UTF-16).",
        "请提供文本快照（元数据头加 Markdown，UTF-8、GB18030 或 UTF-16 编码）。",
    ),
    "error.bad-rule.hint": (
        "`archive rules check FILE` checks a rules file and every example in it.",
        "用 `archive rules check 文件` 检查规则文件及其全部示例。",
    ),
    # -- warnings
    "warning.no-front-matter": ("there is no front matter, so the source is unknown", "没有元数据头，来源不明"),
    "warning.no-front-matter.hint": (
        "Begin the file with ---, title, url, source, date and fetch_date, one on a line, and ---.",
        "请在文件开头写 ---，再逐行写 title、url、source、date、fetch_date，最后写 ---。",
    ),
    "warning.open-front-matter": ("the front matter is not closed by ---", "元数据头没有用 --- 结束"),
    "warning.open-front-matter.hint": (
        "Put a line of three hyphens below the last of its keys.",
        "请在最后一个键之后另起一行写 ---。",
    ),
    "warning.no-url": ("the front matter has no url", "元数据头里没有 url"),
    "warning.no-url.hint": (
        "Add a line `url: …`; without it captures of one article cannot be brought together.",
        "请加一行 `url: …`；没有它，同一篇文章的多次抓取无法归到一起。",
    ),
    "warning.page-no-url": ("the page does not say what its address is", "网页没有写明自己的地址"),
    "warning.page-no-url.hint": (
        "Without an address captures of one article cannot be brought together; a WARC file knows it.",
        "没有地址就无法把同一篇文章的多次采集归在一起；WARC 文件里有地址。",
    ),
    "warning.preview": ("this is the free beginning of a paid article", "这是付费文章的试读部分"),
    "warning.preview.hint": (
        "What follows is for those who paid; the page does not hold it.",
        "其余内容付费可见，网页里没有。",
    ),
    "warning.doubtful": ("what of this page is its content is doubtful", "这个网页里哪些是正文，把握不大"),
    "warning.doubtful.hint": (
        "Look at the page beside the Markdown; --explain says why.",
        "请对照网页看 Markdown；--explain 会说明理由。",
    ),
    "warning.stray-bytes": (
        "some bytes are no character in the file's encoding; each reads as U+FFFD now",
        "有些字节不是该编码的字符，现显示为 U+FFFD",
    ),
    "warning.stray-bytes.hint": ("The source keeps them; the ledger shows where.", "源文件保持原样；台账记录了位置。"),
    "warning.pictures-missing": (
        "the pictures of this picture post are not in the snapshot",
        "这是图片消息，快照里没有图片",
    ),
    "warning.pictures-missing.hint": (
        "A script loads them; keep the page itself as well.",
        "图片由脚本加载；请同时保存网页本身。",
    ),
    "warning.truncated": ("the tool that made this snapshot cut it", "制作此快照的工具截断了正文"),
    "warning.truncated.hint": (
        "Fetch the page again with a tool that keeps all of it.",
        "请用能保留全文的工具重新抓取。",
    ),
    # -- results
    "label.warning": ("warning", "警告"),
    "label.error": ("error", "错误"),
    "label.hint": ("hint", "提示"),
    "label.comma": (", ", "，"),
    "state.live": ("article", "正文"),
    "state.empty": ("empty shell, fetch again", "空壳页面，需重新抓取"),
    "state.verification": ("verification wall, fetch again", "验证页面，需重新抓取"),
    "state.deleted": ("deleted by its author", "已被发布者删除"),
    "state.violation": ("taken down for a violation", "因违规无法查看"),
    "state.account-blocked": ("account blocked or closed", "账号已被屏蔽或注销"),
    "state.migrated": ("account migrated", "公众号已迁移"),
    "state.expired": ("link expired", "链接已过期"),
    "state.bad-link": ("not a valid link", "链接无效"),
    "state.unavailable": ("not available", "暂时无法查看"),
    "state.not-article": ("not an article", "不是文章"),
    "result.removed": ("{count} pieces removed or rewritten", "移除或改写 {count} 处"),
    "result.nothing": ("nothing to remove", "无需移除"),
    "result.already": ("already in the collection", "已在集合中"),
    "result.recleaned": ("cleaned anew with other rules", "按新规则重新清理"),
    "result.unchanged": ("unchanged", "未变"),
    "result.would-write": ("would be written", "将会写入"),
    "result.would-change": ("cleaning would change it", "清理后会有变化"),
    "result.older": ("older than the current version, kept beside it", "早于当前版本，另行保存"),
    "summary.cleaned": ("{count:,} of {total:,} cleaned", "已清理 {count:,} / {total:,}"),
    "summary.added": ("{count:,} added", "新增 {count:,}"),
    "summary.written": ("{count:,} written", "写入 {count:,}"),
    "summary.unchanged": ("{count:,} already there", "已有 {count:,}"),
    "summary.recleaned": ("{count:,} cleaned anew", "重新清理 {count:,}"),
    "summary.warned": (
        "warning in {count:,} files: {message} (-v shows which)",
        "{count:,} 个文件有警告：{message}（-v 显示具体文件）",
    ),
    "summary.failed": ("{count:,} failed", "失败 {count:,}"),
    "summary.not-articles": ("{count:,} are no articles", "非文章 {count:,}"),
    "summary.different": ("{count:,} would change", "将变化 {count:,}"),
    "summary.dry": ("nothing was written", "未写入任何文件"),
    "summary.collection": ("collection: {path}", "集合：{path}"),
    "summary.interrupted": (
        "stopped; {count:,} are done and kept, run the same command again for the rest",
        "已停止；{count:,} 个已完成并保存，重新运行同一命令即可继续",
    ),
    "progress.files": ("files", "文件"),
    # -- explain and diff
    "explain.removed": ("removed", "移除"),
    "explain.rewritten": ("rewritten", "改写"),
    "explain.becomes": ("becomes", "改为"),
    "explain.inserted": ("added", "添加"),
    "explain.by": ("by rule {rule} (stage {stage})", "规则 {rule}（阶段 {stage}）"),
    "explain.no-rule": ("no rule concerns this line; it stays as it is", "没有规则涉及此行，原样保留"),
    "explain.nothing": ("nothing was removed or rewritten", "没有移除或改写任何内容"),
    "explain.line": ("line {line}", "第 {line} 行"),
    "explain.lines": ("lines {first}–{last}", "第 {first}–{last} 行"),
    "explain.state": ("state: {state}", "状态：{state}"),
    "explain.notice": ("notice: {notice}", "提示页内容：{notice}"),
    "explain.text": ("not in the Markdown", "不在 Markdown 中"),
    "explain.image": ("image not in the Markdown", "图片不在 Markdown 中"),
    "explain.link": ("link not in the Markdown", "链接不在 Markdown 中"),
    "explain.no-node": (
        "nothing that begins on this line or above it is missing from the Markdown",
        "此行及以上开始的内容没有缺失",
    ),
    "explain.confidence": ("confidence in the choice of the content: {confidence}", "正文选择的把握：{confidence}"),
    "explain.rendered": ("changed in the text that the page rendered to:", "在网页转换出的文本中改动："),
    "diff.unchanged": ("… {count:,} lines unchanged", "…… {count:,} 行未改动"),
    # -- rules
    "rules.good": ("{files} and {examples:,} examples are good", "{files}，{examples:,} 个示例全部通过"),
    "rules.count": ("{count:,} rules", "{count:,} 条规则"),
    "rules.failed": ("{count:,} examples are not as the rules say", "{count:,} 个示例与规则不符"),
    "rules.silent": ("the rule does not fire on its example", "规则在其示例上没有生效"),
    "rules.fires": ("the rule fires on its counter-example", "规则在其反例上生效了"),
    "rules.differs": ("the result differs from the example's `after`", "结果与示例的 after 不同"),
    "rules.expected": ("expected", "期望"),
    "rules.got": ("got", "实际"),
    "rules.stage": ("stage", "阶段"),
    "rules.profile": ("profile", "适用"),
    "rules.match": ("match", "匹配"),
    "rules.text": ("text", "文本"),
    "rules.reason": ("reason", "理由"),
    "rules.place": ("stands in", "位置"),
    "rules.example": ("example", "示例"),
    "rules.counter-example": ("counter-example", "反例"),
    "rules.before": ("before", "清理前"),
    "rules.after": ("after", "清理后"),
    "rules.hits": (
        "{rule}: {count:,} hits in {files:,} of {total:,} files",
        "{rule}：{total:,} 个文件中 {files:,} 个命中，共 {count:,} 处",
    ),
    "rules.no-hits": ("{rule}: no hit in {total:,} files", "{rule}：{total:,} 个文件均未命中"),
}


def language() -> str:
    """Return `zh` for a Chinese terminal, else `en`."""
    names = ("XUANZHI_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    value = next((os.environ[name] for name in names if os.environ.get(name)), "en")
    return "zh" if value.lower().startswith("zh") else "en"


def word(key: str, **details: object) -> str:
    """Return the text of a key in the user's language, its placeholders filled."""
    return WORDS[key][language() == "zh"].format(**details)


def hint(key: str, **details: object) -> str:
    """Return what to do about an error or a warning, empty where there is nothing to say."""
    return word(f"{key}.hint", **details) if f"{key}.hint" in WORDS else ""


def reason(rule: "Rule") -> str:
    """Return a rule's reason in the user's language, where the rule has it."""
    return rule.reason_zh or rule.reason if language() == "zh" else rule.reason


def describe(kind: str, code: str, message: str, advice: str) -> tuple[str, str]:
    """Return message and hint of an error or a warning of another package, in Chinese where this table has it."""
    key = f"{kind}.{code}"
    if language() == "en":
        return message, advice
    return (word(key) if key in WORDS else message), (hint(key) or advice)

"""What `--help` says."""

__all__ = ["WORDS"]

WORDS = {
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
    "help.collection": ("the collection (default: ./collection)", "集合（默认 ./collection）"),
    "help.select.articles": (
        "articles: an address, a key, a Markdown file, or words of a title (default: all)",
        "文章：地址、键、Markdown 文件，或标题中的词（默认全部）",
    ),
    "help.select.source": ("only articles of this account or source", "只选该公众号或来源的文章"),
    "help.select.host": ("only articles of this host and those below it", "只选该主机及其下级主机的文章"),
    "help.select.state": ("only articles whose latest capture has this state", "只选最近一次抓取为此状态的文章"),
    "help.select.since": ("only articles fetched on or after this day (UTC)", "只选该日（UTC）及以后抓取过的文章"),
    "help.select.until": ("only articles fetched before this day (UTC)", "只选该日（UTC）之前抓取过的文章"),
    "help.group.which": ("which articles", "选哪些文章"),
    "help.clean.jobs": ("processes to use (default: as many as pay)", "使用的进程数（默认自动）"),
    "help.clean.max": ("refuse larger inputs (default: 64)", "拒绝更大的输入（默认 64）"),
    "help.json": ("one JSON object a line, for machines", "每行一个 JSON 对象，供程序读取"),
    "help.quiet": ("errors only", "只显示错误"),
    "help.verbose": ("a line for every input, however many", "逐个输入显示一行"),
    "help.debug": ("show tracebacks", "显示错误堆栈"),
    "help.version": ("print the version", "显示版本"),
    "help.archive.description": (
        "What comes after cleaning: look at a collection, prove it, give it away, and see to its rules.",
        "清理之后的工作：查看集合、验证、导出，以及维护规则。",
    ),
    "help.archive.examples": (
        "examples:\n"
        "  archive init library --name 'Letters on paper' --language zh-Hans\n"
        "  archive list --state deleted --sort last\n"
        '  archive search 宣纸 "machine learning"\n'
        "  archive cat 第1封信 --raw\n"
        "  archive verify\n"
        "  archive import crawl.warc.gz old.arc.gz\n"
        "  archive export wacz papers.wacz\n"
        "  archive add --every 1d https://paper.example/ ; archive run\n"
        "  archive rules explain wechat.tail.read-original",
        "示例：\n"
        "  archive init library --name 纸上来信 --language zh-Hans\n"
        "  archive list --state deleted --sort last\n"
        '  archive search 宣纸 "machine learning"\n'
        "  archive cat 第1封信 --raw\n"
        "  archive verify\n"
        "  archive import crawl.warc.gz old.arc.gz\n"
        "  archive export wacz papers.wacz\n"
        "  archive add --every 1d https://paper.example/ ; archive run\n"
        "  archive rules explain wechat.tail.read-original",
    ),
    "help.archive.rules": (
        "the rules, hand-written and learned: list, try, approve",
        "规则（手写的和学到的）：列出、试用、批准",
    ),
    "help.archive.rules.list": ("list all rules with their stage", "列出所有规则及其阶段"),
    "help.archive.rules.check": ("read rules files and try every example in them", "读取规则文件并试验其中每个示例"),
    "help.archive.rules.explain": (
        "show one rule whole: reason, texts, examples",
        "完整显示一条规则：理由、文本、示例",
    ),
    "help.archive.rules.try": (
        "show what a rule, or a file of rules, takes from real files; nothing is kept",
        "显示一条规则（或一个规则文件）会从真实文件中移除什么；不保存任何内容",
    ),
    "help.xuanzhi": (
        "usage: xuanzhi COMMAND …\n\n"
        "  capture  fetch pages, keep their bytes, clean them\n"
        "  clean    clean snapshots and pages into Markdown, and keep them in a collection\n"
        "  archive  what comes after: look, prove, give away, and the rules\n\n"
        "xuanzhi COMMAND --help tells more. Each command is also there by its own name.",
        "用法：xuanzhi 命令 …\n\n"
        "  capture  抓取网页，保存字节并清理\n"
        "  clean    把快照和网页清理成 Markdown，并存入集合\n"
        "  archive  之后的工作：查看、验证、导出和规则\n\n"
        "xuanzhi 命令 --help 有详细说明。每个命令也可以直接用自己的名字运行。",
    ),
}

"""What went wrong, or may be, and what to do next."""

__all__ = ["WORDS"]

WORDS = {
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
    "error.no-such-state": ("{state} is no state", "没有 {state} 这种状态"),
    "error.no-such-state.hint": ("States are: {known}.", "状态有：{known}。"),
    "error.no-such-day": ("{day} is no day", "{day} 不是日期"),
    "error.no-such-day.hint": (
        "Write it as 2026-01-31, or less or more of it: 2026, 2026-01-31T08:00:00Z.",
        "请写成 2026-01-31，也可更粗或更细：2026、2026-01-31T08:00:00Z。",
    ),
    "error.no-such-article.hint": (
        "`archive list` shows all of them; an address, a key, a Markdown file or words of the title name one.",
        "用 `archive list` 查看全部；可用地址、键、Markdown 文件或标题中的词指定。",
    ),
    "error.many-articles.hint": ("Give more of the title, or the address.", "请给出更多标题文字，或给出地址。"),
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
}

"""What `archive import` says."""

__all__ = ["WORDS"]

WORDS = {
    "help.archive.import": (
        "take over what others captured: WARC, ARC, WACZ, saved pages, snapshots\n\n"
        "The bytes are kept as they came, and pages are cleaned like our own. The same file again adds nothing.",
        "接收他人采集的内容：WARC、ARC、WACZ、保存的网页、快照\n\n原始字节原样保存，网页照常清理。同一文件再次导入不会增加任何内容。",
    ),
    "help.import.inputs": (
        "files, quoted globs, folders; - is standard input",
        "文件、带引号的通配符、文件夹；- 表示标准输入",
    ),
    "help.import.url": ("address of the one page that is given", "所给单个网页的网址"),
    "help.import.date": ("when the one page that is given was fetched", "所给单个网页的采集时间"),
    "help.import.host": (
        "clean only pages of this host and those below it; all records are kept",
        "只清理该主机及其下级主机的网页；所有记录照样保存",
    ),
    "help.import.prefix": (
        "clean only pages whose address begins so; all records are kept",
        "只清理网址以此开头的网页；所有记录照样保存",
    ),
    "import.added": ("taken over", "已接收"),
    "import.unchanged": ("already there", "已有"),
    "import.dry": ("looked at", "已查看"),
    "import.records": ("{count:,} records", "{count:,} 条记录"),
    "import.pages": ("{count:,} pages", "{count:,} 个网页"),
    "import.changed": ("{count:,} heads are not as they came", "{count:,} 条记录头与原样不同"),
    "import.orphans": ("{count:,} revisits of pages that are not here", "{count:,} 条 revisit 的原网页不在此处"),
    "import.no-record": ("no record begins anywhere in it", "其中没有任何记录"),
    "import.damage": ("damaged at byte {offset:,}: {reason} ({kept})", "字节 {offset:,} 处损坏：{reason}（{kept}）"),
    "import.bytes-kept": ("{count:,} bytes, kept as they are", "{count:,} 字节，已原样保存"),
    "import.bytes-not-kept": ("{count:,} bytes, not kept", "{count:,} 字节，未保存"),
    "import.more-damage": ("{count:,} more places are damaged", "另有 {count:,} 处损坏"),
    "import.damaged-records.hint": (
        "All that can be read is kept. Take a whole copy if there is one, and import it too.",
        "能读取的已全部保存。如有完整副本，请一并导入。",
    ),
    "import.digest-differs": (
        "{part} is not what the file's own list of digests says",
        "{part} 与文件自带的摘要列表不符",
    ),
    "import.digest-missing": (
        "{part} is in the file's list of digests and not in the file",
        "{part} 在摘要列表中，但文件中没有",
    ),
    "import.wrong-digest.hint": (
        "It was kept as it is; ask whoever made the file.",
        "已按原样保存；请询问文件的制作者。",
    ),
    "error.empty-file": ("it is empty", "文件为空"),
    "error.empty-file.hint": ("Take another copy.", "请使用其他副本。"),
    "error.one-page": (
        "--url and --date are about one page; {count} are given",
        "--url 和 --date 针对单个网页；现在给了 {count} 个",
    ),
    "error.one-page.hint": (
        "Give one HTML file; WARC files know addresses and dates by themselves.",
        "请只给一个 HTML 文件；WARC 文件自带网址和时间。",
    ),
    "error.bad-wacz": ("it is no zip file, or a broken one", "不是 zip 文件，或已损坏"),
    "error.bad-wacz.hint": (
        "Take another copy, or let `zip -FF` write a new file of what is whole.",
        "请使用其他副本，或用 `zip -FF` 把完好的部分写成新文件。",
    ),
    "verify.came-so": (
        "{count:,} findings are about imported records, which came so (-v shows them)",
        "{count:,} 处问题来自导入的记录，原样如此（-v 可显示）",
    ),
    "progress.pieces": ("pieces", "段"),
}

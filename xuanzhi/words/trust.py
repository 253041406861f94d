"""What proving, healing, rebuilding and cleaning anew say."""

__all__ = ["WORDS"]

WORDS = {
    "help.archive.reclean": (
        "clean anew, with the rules at hand, what the collection keeps\n\n"
        "Nothing is fetched. A text that comes out different becomes a new version with its own ledger; one that\n"
        "comes out the same adds nothing.",
        "用当前规则重新清理集合中保存的内容\n\n不访问网络。文本有变化时成为新版本并带有自己的账目；没有变化则不增加任何内容。",
    ),
    "help.archive.verify": (
        "is everything as it was written, and does what was derived follow from the sources?\n\n"
        "Of a collection: bytes and digests, references, catalogue, ledgers, fresh cleanings, Markdown files and what\n"
        "killed processes left. Of a WARC file, anybody's: what the standard demands.\n\n"
        "exit codes: 0 all is well, 1 findings that --repair heals, 3 damage that only a copy can bring back,\n"
        "4 a file that cannot be read or has findings and no other is whole",
        "一切是否仍如写入时一样？衍生内容是否与来源一致？\n\n"
        "对集合：字节和摘要、引用、目录库、账目、重新清理的结果、Markdown 文件，以及被终止的进程留下的文件。\n"
        "对任何人的 WARC 文件：标准的要求。\n\n"
        "退出码：0 一切正常，1 可由 --repair 修复，3 只能用副本恢复的损坏，4 文件无法读取或没有一个文件完好",
    ),
    "help.archive.verify.files": (
        "WARC files, of anybody (default: the collection)",
        "任何人的 WARC 文件（默认检查集合）",
    ),
    "help.archive.verify.quick": ("bytes and digests only", "只检查字节和摘要"),
    "help.archive.verify.repair": (
        "heal what is derived; files of captures are never touched",
        "修复衍生内容；绝不改动抓取文件",
    ),
    "help.archive.reindex": (
        "make the catalogue again from the files\n\n"
        "Plain files are the truth; the catalogue is an index. Says what is damaged or lost, and where.",
        "从文件重建目录库\n\n普通文件才是依据，目录库只是索引。会说明哪里损坏或丢失了什么。",
    ),
    "reindex.done": ("{records:,} records, {captures:,} captures", "{records:,} 条记录，{captures:,} 次抓取"),
    "reindex.lacks": (
        "{damage:,} places cannot be read, {lost:,} captures have lost their text; `archive reclean` makes texts of"
        " snapshots again, pages are to be captured again",
        "{damage:,} 处无法读取，{lost:,} 次抓取丢失文本；`archive reclean` 可重新生成快照的文本，网页需重新抓取",
    ),
    "reindex.lost": ("its text or judgement is lost ({record})", "文本或判断已丢失（{record}）"),
    "verify.sound": ("everything is as it was written", "一切如写入时一样"),
    "verify.found": (
        "{count:,} findings, {healable:,} of them can be healed",
        "发现 {count:,} 处，其中 {healable:,} 处可修复",
    ),
    "verify.heal": (
        "nothing that was captured is concerned; `archive verify --repair` heals it",
        "没有涉及抓取内容；`archive verify --repair` 可以修复",
    ),
    "verify.lost": (
        "put damaged files back from a copy; what is not named above is whole",
        "请用副本恢复损坏的文件；上面没有提到的都完好",
    ),
    "verify.file": ("whole", "完好"),
    "verify.again": ("checked again:", "再次检查："),
    "verify.compared.yes": ("{count:,} captures cleaned again and compared", "{count:,} 次抓取已重新清理并比较"),
    "verify.compared.other-rules": (
        "{count:,} not judged: other rules made another text (--rules names them, `archive reclean` uses those at hand)",
        "{count:,} 次未判断：其他规则清理出的文本不同（用 --rules 指定，或用 `archive reclean` 按当前规则清理）",
    ),
    "verify.compared.other-software": (
        "{count:,} not judged: another version of this software made another text",
        "{count:,} 次未判断：本软件的其他版本清理出的文本不同",
    ),
    "verify.compared.nothing": ("{count:,} have nothing to clean", "{count:,} 次没有可清理的内容"),
    "verify.compared.unreadable": ("{count:,} could not be read", "{count:,} 次无法读取"),
    "verify.reindexed": ("the catalogue was made again", "目录库已重建"),
    "verify.rewritten": ("{count:,} derived records were written anew", "{count:,} 条衍生记录已重新写入"),
    "verify.markdown": ("{count:,} Markdown files were written again", "{count:,} 个 Markdown 文件已重新写入"),
    "verify.removed": ("{count:,} leftovers were removed", "已清除 {count:,} 个残留文件"),
    "verify.problem": ("not healed: {reason}", "未能修复：{reason}"),
    "progress.bytes": ("B", "字节"),
    "progress.captures": ("captures", "次抓取"),
    "reclean.changed": ("{count:,} characters differ", "{count:,} 个字符不同"),
    "reclean.captures": ("{count:,} of {total:,} captures cleaned anew", "已重新清理 {count:,} / {total:,} 次抓取"),
    "reclean.unchanged": ("{count:,} unchanged", "{count:,} 次未变"),
    "reclean.versions": ("{count:,} changed", "{count:,} 次有变化"),
    "reclean.states": ("{count:,} of them in their state", "其中 {count:,} 次状态改变"),
    "reclean.uncleanable": ("{count:,} have nothing to clean", "{count:,} 次没有可清理的内容"),
    "reclean.failed": ("{count:,} failed", "失败 {count:,}"),
    "reclean.removed": (
        "removed from the changed ones: {before:,} characters before, {after:,} now",
        "有变化的各次中移除的字符：之前 {before:,}，现在 {after:,}",
    ),
    "reclean.largest": ("the largest changes, in characters:", "变化最大的（按字符数）："),
}

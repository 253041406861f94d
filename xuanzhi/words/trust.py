"""What proving, healing, rebuilding and cleaning anew say."""

__all__ = ["WORDS"]

WORDS = {
    "help.archive.reclean": (
        "clean anew, with the rules at hand, what the collection keeps\n\n"
        "Nothing is fetched. A text that comes out different becomes a new version with its own ledger; one that\n"
        "comes out the same adds nothing.",
        "用当前规则重新清理集合中保存的内容\n\n不访问网络。文本有变化时成为新版本并带有自己的账目；没有变化则不增加任何内容。",
    ),
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

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
}

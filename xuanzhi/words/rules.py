"""What the commands about rules say."""

__all__ = ["WORDS"]

WORDS = {
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

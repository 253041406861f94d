"""What the commands about learned rules say, and the review page about them."""

__all__ = ["WORDS"]

WORDS = {
    # -- help
    "help.archive.rules.learn": (
        "propose rules from what the pages of each source repeat",
        "根据各来源页面中反复出现的内容提出规则",
    ),
    "help.archive.rules.proposals": (
        "show what proposed rules would remove, on real pages",
        "在真实页面上显示提议的规则会移除什么",
    ),
    "help.archive.rules.approve": (
        "approve proposed rules; cleaning applies them from then on",
        "批准规则，此后清理时生效",
    ),
    "help.archive.rules.reject": (
        "reject rules; they are not proposed again, and approved ones no longer apply",
        "否决规则：不再提出；已批准的不再生效",
    ),
    "help.archive.rules.health": (
        "say which approved rules have stopped firing, fire in the wrong place or take too much",
        "说明哪些已批准的规则不再命中、命中位置不对或移除过多",
    ),
    "help.learn.sources": (
        "a source's name, account or host (default: all)",
        "来源的名称、公众号标识或主机（默认全部）",
    ),
    "help.decide.rules": ("a rule's id, or the end of it", "规则的 ID，或其末尾部分"),
    "help.decide.tier": ("all proposed rules of this tier instead", "改为选择该级别的全部提议"),
    "help.decide.source": ("only rules of this source", "只选该来源的规则"),
    "help.decide.by": (
        "who decides (default: the collection's operator, else the login name)",
        "由谁决定（默认为集合的负责人，否则为登录名）",
    ),
    "help.decide.note": ("why, for those who come later", "理由，供后来者查阅"),
    "help.health.set": ("write the states that follow into the files", "把相应的状态写入文件"),
    # -- learn
    "learn.source": (
        "{name}: {pages:,} pages, {proposals:,} proposals ({tiers})",
        "{name}：{pages:,} 页，{proposals:,} 条提议（{tiers}）",
    ),
    "learn.copies": ("{count:,} pages set aside: copies of others", "{count:,} 页未计入：与其他页相同"),
    "learn.frames": (
        "{count:,} pages set aside: hardly any text of their own",
        "{count:,} 页未计入：几乎没有自己的文字",
    ),
    "learn.reposts": (
        "{count:,} pages set aside: articles of other accounts",
        "{count:,} 页未计入：转载自其他公众号",
    ),
    "learn.unproven": (
        "{count:,} proposals left out: no page gives an example",
        "{count:,} 条提议略去：没有页面可作示例",
    ),
    "learn.few": (
        "{count:,} sources have fewer than {least} pages, too few to learn from",
        "{count:,} 个来源不足 {least} 页，无法学习",
    ),
    "learn.next": ("look at them: archive rules proposals", "查看：archive rules proposals"),
    # -- proposals
    "proposals.source": (
        "── {name}: {count:,} proposals, {pages:,} pages ──",
        "── {name}：{count:,} 条提议，{pages:,} 页 ──",
    ),
    "proposals.ticked": (
        "those of tier A (✓, {count:,}) take {share} % of the text of {pages:,} pages",
        "A 级（✓，{count:,} 条）移除 {pages:,} 页中 {share}% 的文字",
    ),
    "proposals.run": (
        "in the {zone}, at most {reach} other lines beyond; at least {least} of {lines} lines",
        "位于{zone}，其外至多 {reach} 行；至少须有 {lines} 行中的 {least} 行",
    ),
    "proposals.list": (
        "in the {zone}, at most {reach} other lines beyond; with the list of other articles below it"
        " (at least {least} of {lines} lines)",
        "位于{zone}，其外至多 {reach} 行；连同其下的文章列表（至少 {lines} 行中的 {least} 行）",
    ),
    "proposals.label": (
        "in the {zone}, among the first {reach} lines; a fact, nothing is removed ({least} of {lines})",
        "位于{zone}，前 {reach} 行之内；只作为事实记录，不移除（{least}/{lines}）",
    ),
    "proposals.doubts": ("consider", "请注意"),
    "proposals.more": ("{count:,} lines more", "另有 {count:,} 行"),
    "proposals.oldest": ("oldest page", "最早的页面"),
    "proposals.newest": ("newest page", "最新的页面"),
    "proposals.fewest": ("page with the fewest of its lines", "所含行数最少的页面"),
    "proposals.effect": (
        "takes {lines:,} lines on {pages:,} pages, {share} % of all text; {floor:,} pages would keep too little"
        " and stay as they are",
        "移除 {pages:,} 页中的 {lines:,} 行，占全部文字的 {share}%；{floor:,} 页所剩过少，保持原样",
    ),
    "proposals.without": ("{count:,} pages do not have it", "{count:,} 页没有"),
    "proposals.outside": ("stays elsewhere on {count:,} pages", "另有 {count:,} 页出现在别处，保留"),
    "proposals.none": (
        "there are no proposals; `archive rules learn` makes them",
        "没有提议；可运行 archive rules learn",
    ),
    "proposals.next": (
        "decide: archive rules approve ID…, or --tier A --source NAME; archive rules reject ID…",
        "决定：archive rules approve ID…，或 --tier A --source 名称；archive rules reject ID…",
    ),
    "zone.head": ("head", "开头"),
    "zone.tail": ("tail", "末尾"),
    "zone.middle": ("middle", "中间"),
    "doubt.legal": ("a legal notice may be the article's", "法律声明可能属于文章"),
    "doubt.advertisement": ("it may be what the article is about", "可能正是文章的内容"),
    "doubt.innermost": ("it stands next to the text and may belong to it", "紧邻正文，可能属于正文"),
    "doubt.alone": ("a few words alone", "只有寥寥数字"),
    "doubt.others": ("titles of other articles go with it", "其他文章的标题会一并移除"),
    # -- decisions
    "decide.approved": ("approved", "已批准"),
    "decide.rejected": ("rejected", "已否决"),
    "decide.none": ("nothing changed ({count:,})", "没有变化（{count:,}）"),
    "decide.next": (
        "{count:,} rules; what is cleaned from now on follows them; for what is kept: archive reclean --dry-run --diff",
        "{count:,} 条规则；此后的清理以此为准；已保存的文本：archive reclean --dry-run --diff",
    ),
    # -- health
    "health.hits": ("on {hits:,} of {pages:,} pages, last {last}", "{pages:,} 页中命中 {hits:,} 页，最近 {last}"),
    "health.stopped": ("has not fired for {since:,} pages: dormant", "已连续 {since:,} 页未命中：休眠"),
    "health.elsewhere": (
        "its lines stand elsewhere on {outside:,} pages: to be suspended",
        "在 {outside:,} 页的其他位置出现：应暂停",
    ),
    "health.too-much": ("{floor:,} pages would keep too little: to be suspended", "{floor:,} 页所剩过少：应暂停"),
    "health.changed": ("new pages have only some of its lines", "新页面只有其中部分行"),
    "health.successor": (
        "a successor may be learned: archive rules learn '{name}'",
        "可学习新的规则：archive rules learn '{name}'",
    ),
    "health.summary": (
        "{rules:,} approved rules, {troubled:,} of them need a look",
        "{rules:,} 条已批准的规则，其中 {troubled:,} 条需要查看",
    ),
    # -- the review page
    "review.learned": ("Learned", "重复内容"),
    "review.learned.title": ("What sources repeat", "各来源反复出现的内容"),
    "review.learned.text": (
        "`archive rules learn` counts which lines recur on the pages of a source, and proposes rules. Nothing goes until"
        " a person approves it.",
        "`archive rules learn` 统计各来源页面中反复出现的行，并提出规则。经人批准之前，什么也不会移除。",
    ),
    "review.learned.pages": ("Pages", "页数"),
    "review.learned.tier": ("tier {tier}", "{tier} 级"),
    "review.learned.decided": ("Decided", "已决定"),
    "review.learned.nothing": ("no rules", "没有规则"),
    "review.learned.empty": (
        "No source has {least} pages or more yet, which is what learning takes.",
        "还没有达到 {least} 页的来源，无法学习。",
    ),
    "review.learned.state.proposed": ("proposed", "待定"),
    "review.learned.state.approved": ("approved", "已批准"),
    "review.learned.state.rejected": ("rejected", "已否决"),
    "review.learned.state.dormant": ("dormant", "休眠"),
    "review.learned.state.suspended": ("suspended", "暂停"),
    "review.learned.count": ("{count:,} proposals · {pages:,} pages", "{count:,} 条提议 · {pages:,} 页"),
    "review.learned.part": (
        "worked out on {count:,} of them, spread over their time",
        "以其中按时间均匀选取的 {count:,} 页计算",
    ),
    "review.learned.next": (
        "What is cleaned from now on follows the decisions. For what is kept already, `{command} --dry-run --diff`"
        " shows what would change; without the two options it is kept.",
        "此后的清理以这些决定为准。对已保存的文本，`{command} --dry-run --diff` 显示会有哪些变化；不加这两个选项则会保存。",
    ),
    "review.learned.together": (
        "What the ticked proposals would do together ({count:,})",
        "勾选的提议合在一起的效果（{count:,} 条）",
    ),
    "review.learned.floor": (
        "{count:,} pages would keep too little and stay as they are",
        "{count:,} 页所剩过少，保持原样",
    ),
    "review.learned.more": ("and {count:,} more", "另有 {count:,} 页"),
    "review.learned.fact": ("Nothing is removed; this becomes a fact:", "不移除任何内容，只作为事实记录："),
    "review.learned.goes": ("would go", "将移除"),
    "review.learned.lines": ("all {count:,} lines of the rule", "规则的全部 {count:,} 行"),
    "review.learned.look": ("What would the ticked ones do?", "查看勾选项的效果"),
    "review.learned.approve": ("Approve the ticked ones", "批准勾选项"),
    "review.learned.reject": ("Reject the ticked ones", "否决勾选项"),
    "review.learned.approve-one": ("Approve", "批准"),
    "review.learned.reject-one": ("Reject", "否决"),
    "review.learned.change": ("Decide otherwise", "改变决定"),
    "review.learned.none": ("There is nothing to decide here.", "这里没有需要决定的提议。"),
    "review.learned.tick": ("Nothing is ticked, so nothing was decided.", "没有勾选，因此没有作出决定。"),
    "review.learned.changed": (
        "The proposals changed since you looked at them, so nothing was decided. Look again.",
        "提议在您查看之后有了变化，因此没有作出决定。请再看一遍。",
    ),
    "review.learned.did.approved": ("Approved: {count:,} rules.", "已批准 {count:,} 条规则。"),
    "review.learned.did.rejected": ("Rejected: {count:,} rules.", "已否决 {count:,} 条规则。"),
    # -- errors
    "error.no-such-source": ("the collection has no source {source!r}{near}", "集合中没有来源 {source!r}{near}"),
    "error.no-such-source.hint": (
        "Give its name as the articles' front matter has it, its account (__biz) or its host.",
        "请给出文章 front matter 中的来源名称、公众号标识（__biz）或主机名。",
    ),
    "error.many-rules": ("several rules end in {rule!r}{near}", "有多条规则以 {rule!r} 结尾{near}"),
    "error.no-rules-named": ("no rules are named", "没有指定规则"),
    "error.no-rules-named.hint": ("Give their ids, or --tier A.", "请给出规则 ID，或使用 --tier A。"),
}

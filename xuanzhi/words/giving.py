"""What the commands say that give a collection away and replay it."""

__all__ = ["WORDS"]

WORDS = {
    # -- help
    "help.archive.export": (
        "give a collection, or some of it, away in a form that others read\n\n"
        "  wacz      one file with captures, index and pages, for replay (WACZ 1.1.1)\n"
        "  cdxj      an index of the captures where they lie (CDXJ 0.1.0)\n"
        "  bagit     a folder with everything and its digests (RFC 8493)\n"
        "  ro-crate  a folder with everything, described as a data set (RO-Crate 1.1)\n"
        "  markdown  a folder with the clean texts, for git; a later export changes what changed\n\n"
        "Without ARTICLE and conditions the whole collection is meant. The same collection gives the same bytes.",
        "把集合或其中一部分导出成别的工具能读的格式\n\n"
        "  wacz      一个文件，含采集、索引和页面列表，可供重放（WACZ 1.1.1）\n"
        "  cdxj      采集文件的索引（CDXJ 0.1.0）\n"
        "  bagit     一个文件夹，含全部文件及其摘要（RFC 8493）\n"
        "  ro-crate  一个文件夹，含全部文件，并作为数据集描述（RO-Crate 1.1）\n"
        "  markdown  一个文件夹，含清理后的文本，适合 git；再次导出只改有变化的文件\n\n"
        "不写 ARTICLE 和条件时导出整个集合。同一集合导出的字节相同。",
    ),
    "help.export.format": ("wacz, cdxj, bagit, ro-crate or markdown", "wacz、cdxj、bagit、ro-crate 或 markdown"),
    "help.export.out": ("the file or folder to write", "要写入的文件或文件夹"),
    "help.export.force": (
        "replace an older export of the same form; with markdown, also what somebody changed",
        "替换同一格式的旧导出；对 markdown 也覆盖他人改动的文件",
    ),
    "help.export.sign": ("sign a WACZ file with this private key", "用此私钥为 WACZ 文件签名"),
    "help.export.new-key": ("make that key first; it must not be there yet", "先生成该私钥；文件必须尚不存在"),
    "help.export.check": (
        "write nothing: say whether the export OUT is whole; exit code 1 where it is not",
        "不写入：检查导出 OUT 是否完整；不完整则退出码为 1",
    ),
    "help.archive.replay": (
        "show the captured pages in a browser, as they were, with pywb\n\n"
        "Only this machine can open the address that is printed. Ctrl-C ends it.",
        "用 pywb 在浏览器里按原样重放采集的网页\n\n只有本机能打开所显示的地址。按 Ctrl-C 结束。",
    ),
    "help.replay.port": (
        "the port to listen on; 0 for any that is free (default: 8080)",
        "监听端口；0 表示任选空闲端口（默认 8080）",
    ),
    "help.replay.pywb": (
        "where pywb is: its environment's folder, or its program wayback (default: XUANZHI_PYWB, then PATH)",
        "pywb 的位置：其虚拟环境文件夹，或程序 wayback（默认 XUANZHI_PYWB，然后 PATH）",
    ),
    "help.replay.open": ("open the address in the browser", "在浏览器中打开该地址"),
    # -- what became of it
    "export.done.wacz": (
        "{path}: {count:,} captured answers, {articles:,} articles",
        "{path}：{count:,} 个采集的应答，{articles:,} 篇文章",
    ),
    "export.done.cdxj": (
        "{path}: {count:,} captured answers, {articles:,} articles",
        "{path}：{count:,} 个采集的应答，{articles:,} 篇文章",
    ),
    "export.done.bagit": (
        "{path}: {count:,} files, {articles:,} articles",
        "{path}：{count:,} 个文件，{articles:,} 篇文章",
    ),
    "export.done.ro-crate": (
        "{path}: {count:,} files, {articles:,} articles",
        "{path}：{count:,} 个文件，{articles:,} 篇文章",
    ),
    "export.done.markdown": (
        "{path}: {articles:,} articles, {count:,} files written",
        "{path}：{articles:,} 篇文章，写入 {count:,} 个文件",
    ),
    "export.kept": ("somebody else wrote or changed it; it stays", "由他人写入或改动过，保持原样"),
    "export.kept.hint": ("Move it away, or write over it with --force.", "请移走它，或用 --force 覆盖。"),
    "export.whole": ("{path} is whole: every file has its digest", "{path} 完整：每个文件都与摘要相符"),
    "export.signed": (
        "signed with the key {public_key}\n  compare it with the key that the sender told you",
        "签名公钥 {public_key}\n  请与发送者告知的公钥核对",
    ),
    "export.unsigned": ("it is not signed", "没有签名"),
    "export.fault.missing": ("it is missing", "缺失"),
    "export.fault.differs": ("its digest is another", "摘要不符"),
    "export.fault.unlisted": ("no manifest lists it", "清单中没有它"),
    "export.fault.compressed": (
        "it is compressed once more, so single records cannot be fetched",
        "被再次压缩，无法单独读取记录",
    ),
    "export.fault.not-a-wacz": ("this is no WACZ file", "这不是 WACZ 文件"),
    "export.fault.manifest-differs": ("the manifest is another than its digest says", "清单与其摘要不符"),
    "export.fault.signature-wrong": ("the signature is not of this manifest", "签名与此清单不符"),
    "export.fault.signature-unknown": (
        "it is signed in another way than anonymously, which cannot be checked here",
        "签名不是匿名方式，此处无法检查",
    ),
    # -- replay
    "replay.ready": ("{url}  (Ctrl-C ends it)", "{url}  （Ctrl-C 结束）"),
    # -- errors
    "error.sign-wacz-only": ("only a WACZ file can be signed, not {format}", "只有 WACZ 文件可以签名，{format} 不行"),
    "error.new-key-where": ("--new-key does not say where the key goes", "--new-key 没有说明私钥放在哪里"),
    "error.new-key-where.hint": ("Name its file: --sign KEY.pem --new-key", "请写明文件：--sign KEY.pem --new-key"),
    "error.nothing-to-check": ("there is no {path}", "没有 {path}"),
    "error.no-digests": (
        "an export in the form {format} has no digests to check",
        "{format} 格式的导出没有可检查的摘要",
    ),
    "error.no-digests.hint": (
        "wacz, bagit and markdown have digests; `archive verify` checks the collection.",
        "wacz、bagit 和 markdown 有摘要；`archive verify` 检查集合。",
    ),
    "error.nothing-selected.hint": (
        "Give fewer conditions, or none for the whole collection.",
        "请减少条件，或不加条件导出整个集合。",
    ),
    "error.nothing-captured.hint": (
        "A snapshot is a text without the page, so no tool can replay it. Take bagit, ro-crate or markdown instead.",
        "快照只有文本没有网页，任何工具都无法重放。请改用 bagit、ro-crate 或 markdown。",
    ),
    "error.already-there.hint": (
        "Choose another name, or put an older export of the same form aside with --force.",
        "请换个名字，或用 --force 替换同一格式的旧导出。",
    ),
    "error.bad-key.hint": (
        "Name a private key on the curve P-384 in PEM without a password; --new-key makes one.",
        "请提供无密码的 PEM 格式 P-384 私钥；--new-key 可以生成一个。",
    ),
    "error.missing-library.hint": (
        "Install it with: pip install 'xuanzhi[export]'",
        "请安装：pip install 'xuanzhi[export]'",
    ),
    "error.no-pywb": ("pywb, which replays, was not found{where}", "没有找到用于重放的 pywb{where}"),
    "error.no-pywb.hint": (
        "It needs an environment of its own: python3 -m venv ~/pywb && ~/pywb/bin/pip install pywb\n"
        "  Then: archive replay --pywb ~/pywb, or set XUANZHI_PYWB=~/pywb",
        "它需要自己的虚拟环境：python3 -m venv ~/pywb && ~/pywb/bin/pip install pywb\n"
        "  然后：archive replay --pywb ~/pywb，或设置 XUANZHI_PYWB=~/pywb",
    ),
    "error.port-taken": ("port {port} is in use", "端口 {port} 已被占用"),
    "error.port-taken.hint": (
        "Choose another with --port, or 0 for any that is free.",
        "请用 --port 另选，0 表示任选空闲端口。",
    ),
    "error.pywb-ended": ("pywb ended by itself: {reason}", "pywb 自行退出：{reason}"),
    "error.pywb-ended.hint": ("Try its program wayback by itself: {program} --help", "请单独试运行：{program} --help"),
}

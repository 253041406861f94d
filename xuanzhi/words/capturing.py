"""What `capture` says."""

__all__ = ["WORDS"]

WORDS = {
    "help.capture.description": (
        "Fetch web pages, keep every byte that crossed the wire in WARC files, clean the pages, and add both to a\n"
        "collection. WeChat articles first; any page that answers with HTTP.",
        "抓取网页，把网络上传输的每个字节存入 WARC 文件，清理网页，并一起加入集合。\n"
        "首先面向微信公众号文章；任何用 HTTP 应答的网页都可以。",
    ),
    "help.capture.examples": (
        "examples:\n"
        "  capture https://paper.example/bamboo.html   into ./collection\n"
        "  capture -c library -f list.txt              a list, one address a line; run it again to go on\n"
        "  grep paper.example urls | capture -         addresses from standard input\n"
        "  capture -n -f list.txt                      what would be done, without a request\n"
        "  capture --no-requisites URL                 the page alone, without images and styles\n\n"
        "exit codes: 0 done, 2 wrong use, 3 some failed, 4 all failed, 5 a site blocks us (run it again later),\n"
        "130 interrupted (run it again to go on)",
        "示例：\n"
        "  capture https://paper.example/bamboo.html   存入 ./collection\n"
        "  capture -c library -f list.txt              一个列表，每行一个地址；再次运行即可继续\n"
        "  grep paper.example urls | capture -         从标准输入读取地址\n"
        "  capture -n -f list.txt                      只显示将做什么，不发出任何请求\n"
        "  capture --no-requisites URL                 只抓网页本身，不要图片和样式\n\n"
        "退出码：0 完成，2 用法错误，3 部分失败，4 全部失败，5 被网站拦截（稍后再运行），130 中断（再次运行即可继续）",
    ),
    "help.capture.urls": (
        "addresses of pages, or - to read them from standard input",
        "网页地址，或 - 表示从标准输入读取",
    ),
    "help.capture.list": (
        "read addresses from LIST, one a line; what follows a blank and # is a remark (- for standard input)",
        "从 LIST 读取地址，每行一个；空格加 # 之后是注释（- 表示标准输入）",
    ),
    "help.group.manners": ("manners", "礼貌"),
    "help.group.trust": ("trust", "信任"),
    "help.capture.again": (
        "begin an interrupted list anew instead of going on",
        "重新开始被中断的列表，而不是继续",
    ),
    "help.capture.contact": (
        "how the sites can reach you: an e-mail address or a page; stands in every request (default: `contact` in"
        " collection.toml)",
        "网站如何联系您：电子邮件或网页地址；写在每个请求里（默认取 collection.toml 的 contact）",
    ),
    "help.capture.pace": (
        "seconds from one page of a host to the next (default: 2, WeChat 10, this machine 0)",
        "同一主机相邻两页的间隔秒数（默认 2，微信 10，本机 0）",
    ),
    "help.capture.at-once": ("pages under way at the same time (default: 8)", "同时进行的网页数（默认 8）"),
    "help.capture.ignore-robots": (
        "do not ask HOST for its robots.txt, because the site agreed or the law allows it; recorded with every page",
        "不查询 HOST 的 robots.txt（网站已同意或法律允许）；随每一页记录",
    ),
    "help.capture.no-requisites": (
        "the page alone, without images, styles, fonts and media",
        "只抓网页本身，不要图片、样式、字体和媒体",
    ),
    "help.capture.unconditional": (
        "ask for the whole page even where the server could say that it is as it was",
        "即使服务器可以回答“未修改”，也要求完整网页",
    ),
    "help.capture.max-megabytes": (
        "bytes taken of one page, in megabytes (default: 256)",
        "每个网页最多读取的兆字节数（默认 256）",
    ),
    "help.capture.max-seconds": ("seconds for one exchange (default: 600)", "每次交换的最长秒数（默认 600）"),
    "help.capture.max-redirects": (
        "redirects followed from an address (default: 20)",
        "最多跟随的重定向次数（默认 20）",
    ),
    "help.capture.tries": (
        "times that is tried what may pass: time-outs, resets, 429, 5xx (default: 3)",
        "对可能恢复的情况（超时、重置、429、5xx）最多尝试的次数（默认 3）",
    ),
    "help.capture.dry-run": ("say what would be done, without a request", "只显示将做什么，不发出请求"),
    "help.capture.allow-private": (
        "contact addresses of your own network, too; never with a list from strangers",
        "也允许访问内网地址；切勿用于来历不明的列表",
    ),
    "help.capture.insecure": (
        "accept certificates that nobody vouches for; recorded with every page",
        "接受未经验证的证书；随每一页记录",
    ),
    "help.capture.cookies": (
        "send back the cookies that servers set, during this run",
        "本次运行期间回送服务器设置的 cookie",
    ),
    "help.capture.record-secrets": (
        "record cookies and passwords of requests as they were sent, instead of x-redacted",
        "按原样记录请求中的 cookie 和密码，而不是 x-redacted",
    ),
    # -- results
    "capture.exchanges": ("{count:,} exchanges, {size}", "{count:,} 次交换，{size}"),
    "capture.one-exchange": ("1 exchange, {size}", "1 次交换，{size}"),
    "capture.unchanged": ("as at an earlier visit", "与先前的采集相同"),
    "capture.not-modified": ("not modified since an earlier visit", "自先前的采集以来未修改"),
    "capture.older": ("an earlier version than the current one", "早于当前版本"),
    "capture.would": ("would be captured", "将会采集"),
    "capture.already": ("already done in the interrupted run", "在被中断的运行中已完成"),
    "capture.failures": ("{count:,} images or other files missing", "缺少 {count:,} 个图片或其他文件"),
    "capture.status": ("status {status}", "状态码 {status}"),
    "capture.moved": ("went to {target}", "迁移到 {target}"),
    "capture.resumed": (
        "going on with an interrupted run: {done:,} of {total:,} are done already (--again begins anew)",
        "继续被中断的运行：{total:,} 个中已完成 {done:,} 个（--again 重新开始）",
    ),
    "capture.blocked": (
        "{count:,} addresses met a wall or were left alone because of one; run the same command again later",
        "{count:,} 个地址遇到验证页面或因此暂停访问；请稍后重新运行同一命令",
    ),
    "capture.no-contact": (
        "the sites are not told how to reach you",
        "网站不知道如何联系您",
    ),
    "capture.no-contact.hint": (
        'Give --contact archive@library.example, or write contact = "…" into collection.toml.',
        '请使用 --contact archive@library.example，或在 collection.toml 中写 contact = "…"。',
    ),
    "capture.warned": (
        "warning about {count:,} pages: {message} (-v shows which)",
        "{count:,} 个网页有警告：{message}（-v 显示具体网页）",
    ),
    "summary.captured": ("{count:,} of {total:,} captured", "已采集 {count:,} / {total:,}"),
    "summary.not-modified": ("{count:,} not modified", "未修改 {count:,}"),
    "progress.pages": ("pages", "页"),
    # -- errors of the package `capture`, whose own messages are English
    "error.wall": ("a wall stands before the page: {kind}", "网页前有验证墙：{kind}"),
    "error.wall.hint": (
        "The site wants to see a person. Run the same command again later, and slower.",
        "网站要求人工验证。请稍后以更慢的速度重新运行同一命令。",
    ),
    "error.server-error": ("the server failed with status {status}", "服务器出错，状态码 {status}"),
    "error.server-error.hint": (
        "What it sent is kept; run the same command again later.",
        "其应答已保存；请稍后重新运行同一命令。",
    ),
    "error.cut": ("the answer is cut: {reason}", "应答不完整：{reason}"),
    "error.cut.hint": (
        "What came is kept; run the same command again later.",
        "已收到的部分已保存；请稍后重新运行同一命令。",
    ),
    "error.not-cleaned": ("it is kept, but could not be cleaned: {reason}", "已保存，但无法清理：{reason}"),
    "error.not-cleaned.hint": (
        "The bytes are in the collection; the page is cleaned again with the next version.",
        "字节已在集合中；可用新版本重新清理。",
    ),
    "error.bad-option": ("{option} must be {wanted}", "{option} 必须是 {wanted}"),
    "error.bad-option.hint": ("For example: {option} {example}", "例如：{option} {example}"),
    "error.no-address": ("no address given", "没有给出地址"),
    "error.no-address.hint": (
        "For example: capture https://paper.example/bamboo.html",
        "例如：capture https://paper.example/bamboo.html",
    ),
    # -- what to do about errors of the package `capture`, whose own hints speak to callers
    "fetch.not-a-web-address.hint": (
        "Give the page's address as it stands in the browser, beginning with http:// or https://.",
        "请给出浏览器里显示的网页地址，以 http:// 或 https:// 开头。",
    ),
    "fetch.address-forbidden.hint": (
        "If this is a server of your own, give --allow-private.",
        "如果这是您自己的服务器，请使用 --allow-private。",
    ),
    "fetch.robots-forbidden.hint": (
        "Ask the site for permission; with it, give --ignore-robots HOST.",
        "请先征得网站同意，再使用 --ignore-robots 主机名。",
    ),
    "fetch.host-blocks.hint": (
        "Run the same command again later; it goes on with what is left.",
        "请稍后重新运行同一命令，会继续未完成的部分。",
    ),
    "fetch.unknown-host.hint": (
        "Check the spelling of the host, and the network of this machine.",
        "请检查主机名拼写和本机网络。",
    ),
    "fetch.connection-failed.hint": (
        "The site may be down; run the same command again later.",
        "网站可能停机；请稍后重新运行同一命令。",
    ),
    "fetch.tls-failed.hint": (
        "Look at the site in a browser; --insecure captures it all the same, and records that.",
        "请用浏览器查看该网站；--insecure 仍可采集，并会记录。",
    ),
    "fetch.proxy-failed.hint": (
        "Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY in the environment.",
        "请检查环境变量 HTTP_PROXY、HTTPS_PROXY 和 NO_PROXY。",
    ),
    "fetch.disconnected.hint": (
        "What came is kept; run the same command again later.",
        "已收到的部分已保存；请稍后重新运行同一命令。",
    ),
    "fetch.timed-out.hint": (
        "What came is kept; run the same command again later.",
        "已收到的部分已保存；请稍后重新运行同一命令。",
    ),
    "fetch.too-large.hint": (
        "Raise --max-megabytes if the page is worth it.",
        "如果值得，请调高 --max-megabytes。",
    ),
    "fetch.empty-answer.hint": (
        "The server is at fault; run the same command again later.",
        "服务器有问题；请稍后重新运行同一命令。",
    ),
    "fetch.not-http.hint": (
        "Another service may listen on this port; check the address.",
        "该端口可能是别的服务；请检查地址。",
    ),
    "fetch.head-too-long.hint": (
        "The server is at fault; what came is kept.",
        "服务器有问题；已收到的部分已保存。",
    ),
    "fetch.broken-body.hint": (
        "The server is at fault; what came is kept.",
        "服务器有问题；已收到的部分已保存。",
    ),
    "fetch.broken-content.hint": (
        "The server is at fault; what came is kept. Run the same command again later.",
        "服务器有问题；已收到的部分已保存。请稍后重新运行同一命令。",
    ),
    "fetch.no-room.hint": (
        "Make room in the folder for temporary files (TMPDIR), then run the same command again.",
        "请清理临时文件夹（TMPDIR）的空间，然后重新运行同一命令。",
    ),
    "fetch.redirect-loop.hint": (
        "Look at the page in a browser: the site may want cookies (--cookies) or a log-in.",
        "请用浏览器查看：网站可能需要 cookie（--cookies）或登录。",
    ),
    "fetch.too-many-redirects.hint": (
        "Look at the page in a browser: the site may want cookies (--cookies) or a log-in.",
        "请用浏览器查看：网站可能需要 cookie（--cookies）或登录。",
    ),
}

"""A small site: an article with a style sheet and a picture."""

from scripted import Answer, ok

HTML = b"Content-Type: text/html; charset=utf-8"
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
NOT_FOUND = Answer(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
ARTICLE = """<html><head><title>竹纸是怎样做的</title><link rel="stylesheet" href="/style.css"></head><body><article>
<h1>竹纸是怎样做的</h1><p>竹子砍下来，先在水里泡上三个月，等皮肉分开，再拿石灰煮。</p>
<p>煮过的竹丝要舂成浆，抄纸的人端着帘子，一荡一抬，就是一张。</p><img src="/paper.png" alt="抄纸">
<p>湿纸一张张叠起来，压去水，揭开，贴在火墙上焙干，这才成了纸。</p></article></body></html>"""


def page(text: str, *fields: bytes) -> Answer:
    return Answer(ok(text.encode(), HTML, *fields))


def site(**more: Answer | list[Answer]) -> dict[str, Answer | list[Answer]]:
    return {
        "/bamboo": page(ARTICLE, b'ETag: "1"'),
        "/style.css": Answer(ok(b"p { color: black }", b"Content-Type: text/css")),
        "/paper.png": Answer(ok(PNG, b"Content-Type: image/png")),
        "*": NOT_FOUND,
        **{f"/{name}": answer for name, answer in more.items()},
    }

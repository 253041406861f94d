"""Who speaks in a thread, under an answer, in comments: names and times stay with what was said."""

import pytest

from clean.page import clean_page

SAID = (
    "Does anybody know how long bamboo has to lie in the water before it is boiled? Mine will not part after two.",
    "Three months at the least. Where the water is colder it takes longer, and we wait until the ice has gone.",
    "You want more lime as well, a third of the weight of the bamboo, and the fire must not go out while it boils.",
)
NAMES = ("Anna Meier", "jan_otto", "老王")
TIMES = ("2024-05-06 09:30", "May 7, 2024", "2024年5月8日 10:11")

FORMS = {
    "a forum": (
        '<div class="post"><div class="author">{name}</div><div class="date">{time}</div>'
        '<div class="post-body">{said}</div></div>'
    ),
    "a name and a time in one line": (
        '<div class="message"><div class="byline"><a class="username" href="/u">{name}</a> <time>{time}</time></div>'
        "<p>{said}</p></div>"
    ),
    "answers, signed below": (
        '<div class="answer"><div class="text"><p>{said}</p></div><div class="user-info"><div class="user-action-time">'
        'answered {time}</div><div class="user-name">{name}</div></div></div>'
    ),
    "comments that are the content": (
        '<li class="comment"><div class="comment-body"><div class="comment-author">{name}</div><p>{said}</p></div></li>'
    ),
}


def thread(form: str) -> str:
    """Return the Markdown of a thread in this form."""
    posts = "".join(
        form.replace("{name}", name).replace("{time}", time).replace("{said}", said)
        for name, time, said in zip(NAMES, TIMES, SAID, strict=True)
    )
    page = f"<html><head><title>Bamboo</title></head><body><div class=thread><h1>Bamboo</h1>{posts}</div></body></html>"
    markdown = clean_page(page.encode(), charset="utf-8", url="https://a.example/1").markdown
    assert markdown is not None
    return markdown.partition("\n---\n")[2]


@pytest.mark.parametrize("name", FORMS)
def test_names_stay_with_what_was_said(name: str) -> None:
    body = thread(FORMS[name])
    lines = [line.strip("> ") for line in body.splitlines()]
    for person, said in zip(NAMES, SAID, strict=True):
        assert said in lines
        assert any(person in line and said not in line for line in lines), person


def test_what_is_told_of_a_member_goes() -> None:
    form = FORMS["a forum"].replace("</div>", '</div><div class="user-date">Joined: 2011-05-06</div>', 1)
    assert "Joined" not in thread(form)


def test_the_byline_of_an_article_goes_to_the_front_matter() -> None:
    text = "".join(f"<p>{one}</p>" for one in SAID)
    article = f'<article class="post"><h1>Bamboo</h1><div class="author">Anna Meier</div>{text}</article>'
    page = f"<html><body>{article}</body></html>"
    cleaned = clean_page(page.encode(), charset="utf-8", url="https://a.example/1")
    assert cleaned.fact("author") == "Anna Meier"
    assert "Anna Meier" not in str(cleaned.markdown).partition("\n---\n")[2]


def test_dates_of_other_stories_below_an_article_go() -> None:
    text = "".join(f"<p>{one}</p>" for one in SAID * 2)
    stories = "".join(
        f'<div class="story"><a href="/{n}">Another story</a><div class="timestamp">{time}</div></div>'
        for n, time in enumerate(TIMES)
    )
    article = (
        f'<article class="post-1"><div class="post-text"><h1>Bamboo</h1>'
        f'<div class="timestamp">{TIMES[0]}</div>{text}</div>'
        f'<div class="recommended">{stories}</div></article>'
    )
    page = f"<html><head><title>Bamboo</title></head><body>{article}</body></html>"
    markdown = clean_page(page.encode(), charset="utf-8", url="https://a.example/1").markdown
    assert SAID[2] in str(markdown)
    assert TIMES[1] not in str(markdown)


def test_a_contribution_in_a_table_is_no_data() -> None:
    body = thread(
        '<table class="plhin" id="pid7"><tr><td class="pls"><div class="authi">{name}</div></td>'
        '<td class="plc"><div class="post-body">{said}</div></td></tr></table>'
    )
    assert "|" not in body
    lines = body.splitlines()
    for person, said in zip(NAMES, SAID, strict=True):
        assert person in lines
        assert said in lines


def test_a_short_answer_and_the_rest_of_a_long_one_stay_with_the_others() -> None:
    long = "".join(f"<p>{said}</p>" for said in SAID)
    formulas = "<p>$$a^2+b^2$$</p><p>so</p><p>$$c=5$$</p>"
    bodies = (
        long,
        f"<p>{SAID[0]}</p>",
        formulas,
        f"<p>{SAID[1]}</p>{formulas}<p>q. e. d.</p>",
        f"<p>{SAID[2]}</p>",
        long,
    )
    posts = "".join(
        f'<article class="message message--post"><a class="username" href="/u{n}">{name}</a>'
        f'<div class="message-body">{body}</div><p><a href="#r{n}">Like</a> <a href="#q{n}">Reply</a></p></article>'
        for n, (body, name) in enumerate(zip(bodies, 2 * NAMES, strict=True))
    )
    page = f"<html><head><title>Bamboo</title></head><body><div class=thread><h1>Bamboo</h1>{posts}</div></body></html>"
    markdown = clean_page(page.encode(), charset="utf-8", url="https://a.example/1").markdown
    assert markdown is not None
    assert markdown.count("c=5") == 2
    assert "q. e. d." in markdown
    assert "Reply" not in markdown

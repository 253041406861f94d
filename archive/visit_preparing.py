"""From a visit to the records that keep it. Run before the collection is locked, in any process that has its spools."""

from contextlib import ExitStack

from archive import dates
from archive.files import storable
from archive.ingest.prepared import Context, PreparedExchange, PreparedVisit, derived
from archive.ingest.provenance import CONTENT_TYPE, of_visit, to_json
from archive.ingest.state import Found, judge
from archive.ingest.visit import describe_visit, places_of
from archive.model import Judgement, Subject, VisitFacts, facts_in
from archive.uris import urn, visit_uri
from archive.visit import Visit
from archive.visit_exchanges import prepare_exchange
from archive.warc import records
from archive.warc.members import Member, member
from clean import __version__
from clean.document import Cleaned, State

__all__ = ["assembled", "prepare_visit"]

IN_MEMORY = 32 * 1024 * 1024
"""Bytes of one visit's records that stay in memory; what is more goes into temporary files."""

SOFTWARE = f"xuanzhi/{__version__}"
"""Names who judged a visit that nothing was cleaned of."""


def prepare_visit(visit: Visit, context: Context) -> PreparedVisit:
    """Return the visit's records, compressed, and the catalogue's facts.

    Every exchange becomes a request, its answer and a description; a last record describes the visit. An answer that
    is large lies in a temporary file afterwards: `discard` the result when it is committed. The page is only read.

    Raises BadRecord for a value that no record can hold, FileNotFoundError where the page was closed, DiskFull,
    NotWritable or StorageError where the disk does not take a large record.
    """
    page, now = visit.page, context.now
    exchanges = page.exchanges if page is not None else ()
    answer = page.answer if page is not None and page.hops else None
    visit_id = context.new_id()
    places = places_of(page, visit.error, context.new_id) if page is not None else {}
    started = answer.started if answer else exchanges[0].started if exchanges else now
    found = judge(page, visit.cleaned, visit.error)
    said = describe_visit(visit, places, dates.exact(started))
    facts = facts_in(visit_id, said)
    uri = visit_uri(visit.url)
    with ExitStack() as on_error:
        prepared: list[PreparedExchange] = []
        room = IN_MEMORY
        for exchange in exchanges:
            prepared.append(prepare_exchange(exchange, places[id(exchange)], visit_id, context, room))
            on_error.callback(prepared[-1].discard)
            room -= prepared[-1].held
        description = member(
            records.metadata(
                record_id=visit_id,
                date=dates.exact(started),
                uri=urn("visit", uri),
                concurrent_to=facts.answer,
                content_type=CONTENT_TYPE,
                block=to_json(said),
            )
        )
        answered = visit_uri(answer.url) if answer else uri
        result = assembled(facts, visit.cleaned, found, description, context, uri=answered)
        result = result._replace(exchanges=tuple(prepared), inherits=_inherits(visit, found.state))
        on_error.pop_all()
    return result


def assembled(
    facts: VisitFacts,
    cleaned: Cleaned | None,
    found: Found,
    description: Member,
    context: Context,
    *,
    uri: str,
    source: str = "",
) -> PreparedVisit:
    """Return a visit without exchanges, from what is known of it: the facts, what cleaning made, and what was found.

    `uri` is the answer's, `source` the record that has its payload, where that is not the answer's own.

    Raises BadRecord for a value that no record can hold.
    """
    live = found.state is State.LIVE
    judgement = Judgement(
        at=dates.warc_date(context.now),
        state=str(found.state),
        notice=storable(found.notice),
        source_sha256=cleaned.ledger.source_sha256 if cleaned else "",
        clean_sha256=cleaned.ledger.clean_sha256 if cleaned and live else None,
        ruleset_sha256=cleaned.ledger.ruleset_sha256 if cleaned else "",
        software=cleaned.ledger.software if cleaned else SOFTWARE,
    )
    subject = Subject(
        name=facts.url,
        identities=facts.identities,
        url=facts.url,
        title=storable(cleaned.fact("title")) if cleaned else "",
        source=storable(cleaned.fact("source")) if cleaned else "",
        date=storable(cleaned.fact("date")) if cleaned else "",
        fetch_date=facts.started,
        fetched_at=facts.started,
    )
    return PreparedVisit(
        subject,
        judgement,
        (),
        description,
        facts,
        inherits=False,
        provenance=_provenance(facts, cleaned, judgement, uri, context),
        derived=derived(
            cleaned if live else None,
            key=facts.identities[0].key if facts.identities else "",
            page=uri,
            uri=uri,
            at=judgement.at,
            source=source or facts.answer,
            new_id=context.new_id,
        ),
    )


def _inherits(visit: Visit, state: State) -> bool:
    """Whether an earlier visit's text can stand for this one's: there is an answer, and none of ours was made of it."""
    if visit.page is None or not visit.page.hops or visit.page.wall or visit.error is not None:
        return False
    return visit.page.not_modified or (visit.cleaned is None and state is State.NOT_ARTICLE)


def _provenance(
    facts: VisitFacts, cleaned: Cleaned | None, judgement: Judgement, uri: str, context: Context
) -> Member | None:
    if not facts.identities:
        return None
    return member(
        records.metadata(
            record_id=context.new_id(),
            date=judgement.at,
            uri=urn("provenance", uri),
            refers_to=facts.answer or facts.visit_id,
            content_type=CONTENT_TYPE,
            block=to_json(of_visit(facts, cleaned, judgement)),
        )
    )

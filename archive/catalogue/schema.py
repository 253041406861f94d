"""The schema of the catalogue: tables, indexes, version.

A catalogue of another version is not changed into one of this: the files hold everything, and `archive reindex` makes
the catalogue again. So whoever changes a table raises SCHEMA_VERSION, and that is all.

| tables | hold |
| --- | --- |
| file, record | the WARC files, and where each record lies in them |
| article, alias, obsolete | works under their identity keys, and their Markdown files |
| capture, visit, payload | visits and imported snapshots, and the payloads that revisits refer to |
| version, band, cleaning, words | clean texts and their likeness, the cleanings that gave them, the full-text index |
| event, import, waiting, run, item | what happened, by PREMIS; files of others and what they lack; lists of addresses |
| decision | reviewers' decisions, as in decisions.jsonl |
| source, member, schedule | what collection.toml and schedule.jsonl want to be visited, and when it is due |
| manifest | the files that are the truth beside the WARC files, as they were when last written or seen |
| turn, host, runner, taken | of the moment: in no file, and nothing is lost with them but patience |
"""

__all__ = ["MANIFEST", "SCHEMA", "SCHEMA_VERSION"]

SCHEMA_VERSION = 14
"""Stands in the database as its user_version. Versions 1 to 9 were of the time before the first release."""

MANIFEST = """CREATE TABLE manifest (  -- a file that is the truth beside the WARC files
  file TEXT PRIMARY KEY,                -- its path in the collection
  length INTEGER NOT NULL,              -- as it was when it was last written or seen, as the next
  sha256 TEXT NOT NULL,                 -- of a journal, the digest of its last line; empty where it was removed
  announced TEXT NOT NULL DEFAULT '',   -- what a command that is at work, or died, is to make of it
  bound TEXT NOT NULL DEFAULT '',       -- sha256 as the newest record has it
  record INTEGER REFERENCES record      -- that record
)"""
"""Also made where it is first needed: a catalogue of an earlier version lacks it, and loses nothing by that."""

SCHEMA = f"""
-- Files and records

CREATE TABLE file (                     -- a WARC file of ours
  id INTEGER PRIMARY KEY,
  folder TEXT NOT NULL CHECK (folder IN ('warc', 'derived')),
  name TEXT NOT NULL,
  committed_length INTEGER NOT NULL,    -- what lies behind it was never reported done
  imported INTEGER NOT NULL DEFAULT 0,  -- 1: it holds what others captured, and is not grown
  UNIQUE (folder, name)
);

CREATE TABLE record (                   -- where a record's gzip member lies
  id INTEGER PRIMARY KEY,
  record_id TEXT NOT NULL UNIQUE,
  file INTEGER NOT NULL REFERENCES file,
  offset INTEGER NOT NULL,
  length INTEGER NOT NULL
);

-- Articles

CREATE TABLE article (                  -- one work under one identity key
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,                   -- wechat, url or content: how the key was made
  url TEXT NOT NULL,                    -- canonical
  title TEXT NOT NULL,                  -- these three as the current version has them
  source TEXT NOT NULL,
  date TEXT NOT NULL,
  current_version INTEGER REFERENCES version,
  markdown TEXT UNIQUE,                 -- path of the current text, given once and kept
  markdown_folded TEXT UNIQUE,          -- the same as a system that ignores case sees it
  pending INTEGER NOT NULL DEFAULT 0,   -- 1: the Markdown file is to be written
  latest_state TEXT NOT NULL DEFAULT '',    -- these five sum up its captures
  first_fetched_at TEXT NOT NULL DEFAULT '',
  last_fetched_at TEXT NOT NULL DEFAULT '',
  captures INTEGER NOT NULL DEFAULT 0,
  versions INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX article_pending ON article (id) WHERE pending;
CREATE INDEX article_current_version ON article (current_version);
CREATE INDEX article_title ON article (title);    -- by this and the next five articles are listed and selected
CREATE INDEX article_source ON article (source);
CREATE INDEX article_date ON article (date);
CREATE INDEX article_latest_state ON article (latest_state);
CREATE INDEX article_first_fetched_at ON article (first_fetched_at);
CREATE INDEX article_last_fetched_at ON article (last_fetched_at);

CREATE TABLE alias (                    -- every key of an article, its own with them
  key TEXT PRIMARY KEY,
  article INTEGER NOT NULL REFERENCES article
);
CREATE INDEX alias_article ON alias (article);

CREATE TABLE obsolete (                 -- Markdown files to be removed, as their articles are others or doubtful now
  path TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL                  -- of the text that we wrote; anything else there is somebody's own
);

-- Captures

CREATE TABLE capture (                  -- a snapshot or a visit, with the latest judgement of it
  id INTEGER PRIMARY KEY,
  article INTEGER NOT NULL REFERENCES article,
  kind TEXT NOT NULL CHECK (kind IN ('snapshot', 'visit')),
  source_sha256 TEXT NOT NULL,          -- of what cleaning read; empty where nothing was cleaned
  fetched_at TEXT NOT NULL,             -- UTC, to the microsecond, sorts as text
  fetch_date TEXT NOT NULL,             -- as given, as the next four
  url TEXT NOT NULL,
  title TEXT NOT NULL,
  source TEXT NOT NULL,
  date TEXT NOT NULL,
  file_name TEXT NOT NULL,              -- empty for a visit
  record INTEGER NOT NULL REFERENCES record,  -- the source: a resource, response or revisit; else the description
  state TEXT NOT NULL,
  notice TEXT NOT NULL,                 -- of a doubtful capture: why, as archive.catalogue.current names it
  version INTEGER REFERENCES version,   -- NULL unless the state is live or doubtful
  shared INTEGER NOT NULL DEFAULT 0     -- 1: other addresses of the host show the text too
);
CREATE INDEX capture_article ON capture (article, fetched_at);
CREATE UNIQUE INDEX capture_snapshot ON capture (source_sha256) WHERE kind = 'snapshot';
CREATE INDEX capture_version ON capture (version);
CREATE INDEX capture_record ON capture (record);

CREATE TABLE visit (                    -- what a capture has more where it is a visit
  capture INTEGER PRIMARY KEY REFERENCES capture,
  visit_id TEXT NOT NULL UNIQUE,        -- the record that describes it
  final_url TEXT NOT NULL,              -- after redirects; empty where nothing answered
  status INTEGER NOT NULL,              -- 0 where nothing answered
  etag TEXT NOT NULL,
  last_modified TEXT NOT NULL,
  payload_sha256 TEXT NOT NULL,         -- empty where it is empty or cut
  wall TEXT NOT NULL,
  error TEXT NOT NULL,
  target TEXT NOT NULL,                 -- where a migrated article went
  target_key TEXT NOT NULL,
  imported_payload TEXT NOT NULL DEFAULT '',  -- captured by others: the record that has the payload
  imported_digest TEXT NOT NULL DEFAULT ''    -- and that payload's digest, as they wrote it
);
CREATE INDEX visit_final_url ON visit (final_url);
CREATE INDEX visit_target ON visit (target_key) WHERE target_key != '';
CREATE INDEX visit_imported_digest ON visit (imported_digest) WHERE imported_digest != '';

CREATE TABLE payload (                  -- a payload that revisits may refer to
  sha256 TEXT PRIMARY KEY,
  record INTEGER NOT NULL REFERENCES record,
  uri TEXT NOT NULL,                    -- of that record, as the next
  date TEXT NOT NULL
);
CREATE INDEX payload_uri ON payload (uri);  -- by it a picture is found, for whoever looks at a text and for an export

-- Texts

CREATE TABLE version (                  -- one distinct clean text of an article
  id INTEGER PRIMARY KEY,
  article INTEGER NOT NULL REFERENCES article,
  clean_sha256 TEXT NOT NULL,
  ruleset_sha256 TEXT NOT NULL,         -- of the cleaning that gave it first, as the next two
  software TEXT NOT NULL,
  engine TEXT NOT NULL,                 -- empty where nobody noted it
  capture INTEGER NOT NULL REFERENCES capture,
  record INTEGER NOT NULL REFERENCES record,
  indexed INTEGER NOT NULL DEFAULT 0,   -- 1: its text is in the full-text index
  characters INTEGER NOT NULL DEFAULT 0,  -- these three are its sketch, see archive.catalogue.current
  clauses INTEGER NOT NULL DEFAULT 0,
  sketch BLOB NOT NULL DEFAULT x'',
  UNIQUE (article, clean_sha256)
);
CREATE INDEX version_indexed ON version (id) WHERE NOT indexed;
CREATE INDEX version_record ON version (record);

CREATE TABLE band (                     -- texts that are alike mostly have one of these in common
  value INTEGER NOT NULL,
  version INTEGER NOT NULL REFERENCES version,
  PRIMARY KEY (value, version)
) WITHOUT ROWID;

CREATE TABLE cleaning (                 -- one judgement of one capture; the latest counts
  id INTEGER PRIMARY KEY,
  capture INTEGER NOT NULL REFERENCES capture,
  at TEXT NOT NULL,
  state TEXT NOT NULL,
  notice TEXT NOT NULL,
  version INTEGER REFERENCES version,
  ruleset_sha256 TEXT NOT NULL,
  software TEXT NOT NULL,
  engine TEXT NOT NULL,                 -- empty where nothing was cleaned, and where nobody noted it
  provenance INTEGER NOT NULL REFERENCES record,
  ledger INTEGER REFERENCES record
);
CREATE INDEX cleaning_capture ON cleaning (capture);

-- The full-text index: tokens as archive.catalogue.search makes them, under the row of the conversion record. Such a
-- row is never deleted or used again; so where a version goes because two articles became one, its tokens stay and
-- mean nothing.
CREATE VIRTUAL TABLE words USING fts5 (title, text, content = '', tokenize = 'ascii');

-- What happened

CREATE TABLE event (                    -- what happened, by the names of PREMIS 3
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  type TEXT NOT NULL,                   -- capture, ingestion, normalization, metadata modification
  article INTEGER NOT NULL REFERENCES article,
  capture INTEGER NOT NULL REFERENCES capture,
  outcome TEXT NOT NULL                 -- the state, or what moved
);
CREATE INDEX event_article ON event (article);

CREATE TABLE import (                   -- a file of others that was imported, whole or as far as it could be read
  id INTEGER PRIMARY KEY,
  record INTEGER NOT NULL REFERENCES record,  -- the description, which holds the rest
  at TEXT NOT NULL,
  file_name TEXT NOT NULL,
  sha256 TEXT NOT NULL UNIQUE,          -- of the file as it came
  size INTEGER NOT NULL,                -- in bytes, as it came
  format TEXT NOT NULL,                 -- warc, arc or wacz
  records INTEGER NOT NULL,             -- that the file has and that could be read
  damaged INTEGER NOT NULL              -- places that could not
);

CREATE TABLE waiting (                  -- a revisit of a page that was not here when its file was imported
  record INTEGER NOT NULL REFERENCES record,
  import INTEGER NOT NULL REFERENCES import,
  title TEXT NOT NULL,                  -- in the list of pages that came with it
  file_dates TEXT NOT NULL,             -- JSON: dates of its file, which stand in for one that cannot be read
  PRIMARY KEY (record, import)
);

CREATE TABLE run (                      -- one list of addresses to be visited
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,          -- the record that holds the list
  at TEXT NOT NULL,
  list_sha256 TEXT NOT NULL             -- the same list again is the same run, as long as it is not done
);

CREATE TABLE item (                     -- one address of a run
  run INTEGER NOT NULL REFERENCES run,
  position INTEGER NOT NULL,            -- from 0
  url TEXT NOT NULL,
  outcome TEXT NOT NULL DEFAULT '',     -- state, or code of the error; empty as long as it was not visited
  visit_id TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (run, position)
);
CREATE INDEX item_open ON item (run) WHERE outcome = '';

CREATE TABLE decision (                 -- a reviewer's decision about a change of a text
  id INTEGER PRIMARY KEY,
  decision TEXT NOT NULL UNIQUE,        -- its name, and the rest as archive.collection.decisions tells
  item TEXT NOT NULL,
  diff_sha256 TEXT NOT NULL,
  ruleset_sha256 TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('accepted', 'rejected', 'needs-work', 'pending')),
  note TEXT NOT NULL,
  reviewer TEXT NOT NULL,
  at TEXT NOT NULL,
  supersedes TEXT NOT NULL,
  batch TEXT NOT NULL,
  line_end INTEGER NOT NULL             -- where its line ends in decisions.jsonl, in bytes
);
CREATE INDEX decision_item ON decision (item);
CREATE TRIGGER decision_is_never_changed BEFORE UPDATE ON decision BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER decision_is_never_removed BEFORE DELETE ON decision BEGIN SELECT RAISE(ABORT, 'append-only'); END;

-- Files beside the WARC files

{MANIFEST};

-- The schedule: it follows from collection.toml, schedule.jsonl and the captures

CREATE TABLE source (                   -- something that somebody wants to be visited again
  name TEXT PRIMARY KEY,
  position INTEGER NOT NULL,            -- where an article is in several sources, the first one's plan counts
  origin TEXT NOT NULL CHECK (origin IN ('collection.toml', 'schedule.jsonl')),
  kind TEXT NOT NULL CHECK (kind IN ('page', 'feed')),
  plan TEXT NOT NULL,                   -- JSON, as written
  paused INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE member (                   -- an address of a source
  source TEXT NOT NULL REFERENCES source,
  key TEXT NOT NULL,                    -- of the article
  url TEXT NOT NULL,                    -- as given: what is asked for
  host TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('page', 'feed')),
  published TEXT NOT NULL,              -- as a feed says; empty where nobody does
  added TEXT NOT NULL,                  -- UTC
  paused INTEGER NOT NULL DEFAULT 0,    -- 2: removed, so that a feed that still lists it does not bring it back
  PRIMARY KEY (source, key)
) WITHOUT ROWID;
CREATE INDEX member_key ON member (key);

CREATE TABLE schedule (                 -- what is visited, and when next
  key TEXT PRIMARY KEY,
  source TEXT NOT NULL REFERENCES source,
  url TEXT NOT NULL,
  host TEXT NOT NULL,
  kind TEXT NOT NULL,
  next_due REAL NOT NULL,               -- seconds since 1970
  early REAL NOT NULL                   -- from then on a run that a timer starts takes it
) WITHOUT ROWID;
CREATE INDEX schedule_due ON schedule (next_due);
CREATE INDEX schedule_early ON schedule (early);

-- Of the moment: who has taken what, whom we leave alone, what was seen last

CREATE TABLE turn (                     -- when a runner may take an article
  key TEXT PRIMARY KEY,
  host TEXT NOT NULL,
  ready REAL NOT NULL,                  -- when it is due, when a lease runs out, or when patience ends
  holder TEXT NOT NULL DEFAULT ''       -- the runner that has taken it
) WITHOUT ROWID;
CREATE INDEX turn_ready ON turn (host, ready);
CREATE INDEX turn_held ON turn (host, holder) WHERE holder != '';

CREATE TABLE host (                     -- a host's pace, for all runners together
  name TEXT PRIMARY KEY,
  ready REAL NOT NULL,                  -- when there is something to be done here: the latest of the three
  free REAL NOT NULL DEFAULT 0,         -- when the next page may be asked for
  rests REAL NOT NULL DEFAULT 0,        -- until when it is left alone, because of a wall
  walls INTEGER NOT NULL DEFAULT 0      -- in a row
) WITHOUT ROWID;
CREATE INDEX host_ready ON host (ready);

CREATE TABLE runner (                   -- who is at work
  name TEXT PRIMARY KEY,
  process INTEGER NOT NULL,
  started REAL NOT NULL,
  heard REAL NOT NULL,
  done INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE taken (                    -- up to where the schedule knows its files and the captures
  what TEXT PRIMARY KEY,
  mark TEXT NOT NULL
) WITHOUT ROWID;
"""

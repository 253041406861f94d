"""The catalogue's tables, as numbered steps: each brings a catalogue of the version before it up to its own.

A new catalogue goes through all of them, so there is one way to every version. A step that was released is never
changed.
"""

__all__ = ["MIGRATIONS", "SCHEMA_VERSION"]

_VERSION_1 = """
CREATE TABLE file (                     -- a WARC file of ours
  id INTEGER PRIMARY KEY,
  folder TEXT NOT NULL CHECK (folder IN ('warc', 'derived')),
  name TEXT NOT NULL,
  committed_length INTEGER NOT NULL,    -- what lies behind it was never reported done
  UNIQUE (folder, name)
);

CREATE TABLE record (                   -- where a record's gzip member lies
  id INTEGER PRIMARY KEY,
  record_id TEXT NOT NULL UNIQUE,
  file INTEGER NOT NULL REFERENCES file,
  offset INTEGER NOT NULL,
  length INTEGER NOT NULL
);

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
  pending INTEGER NOT NULL DEFAULT 0    -- 1: the Markdown file is to be written
);
CREATE INDEX article_pending ON article (id) WHERE pending;

CREATE TABLE capture (                  -- one imported snapshot, with the latest judgement of it
  id INTEGER PRIMARY KEY,
  article INTEGER NOT NULL REFERENCES article,
  source_sha256 TEXT NOT NULL UNIQUE,
  fetched_at TEXT NOT NULL,             -- UTC, sorts as text
  fetch_date TEXT NOT NULL,             -- as given, as the next four
  url TEXT NOT NULL,
  title TEXT NOT NULL,
  source TEXT NOT NULL,
  date TEXT NOT NULL,
  file_name TEXT NOT NULL,
  record INTEGER NOT NULL REFERENCES record,
  state TEXT NOT NULL,
  notice TEXT NOT NULL,
  version INTEGER REFERENCES version    -- NULL unless the state is live
);
CREATE INDEX capture_article ON capture (article, fetched_at);

CREATE TABLE version (                  -- one distinct clean text of an article
  id INTEGER PRIMARY KEY,
  article INTEGER NOT NULL REFERENCES article,
  clean_sha256 TEXT NOT NULL,
  ruleset_sha256 TEXT NOT NULL,         -- of the cleaning that gave it first
  software TEXT NOT NULL,
  capture INTEGER NOT NULL REFERENCES capture,
  record INTEGER NOT NULL REFERENCES record,
  UNIQUE (article, clean_sha256)
);

CREATE TABLE cleaning (                 -- one judgement of one capture; the latest counts
  id INTEGER PRIMARY KEY,
  capture INTEGER NOT NULL REFERENCES capture,
  at TEXT NOT NULL,
  state TEXT NOT NULL,
  notice TEXT NOT NULL,
  version INTEGER REFERENCES version,
  ruleset_sha256 TEXT NOT NULL,
  software TEXT NOT NULL,
  provenance INTEGER NOT NULL REFERENCES record,
  ledger INTEGER REFERENCES record
);
CREATE INDEX cleaning_capture ON cleaning (capture);

CREATE TABLE event (                    -- what happened, by the names of PREMIS 3
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  type TEXT NOT NULL,                   -- ingestion, normalization
  article INTEGER NOT NULL REFERENCES article,
  capture INTEGER NOT NULL REFERENCES capture,
  outcome TEXT NOT NULL                 -- the state, or what moved
);
CREATE INDEX event_article ON event (article);
"""

_VERSION_2 = """
CREATE TABLE alias (                    -- every key of an article, its own with them
  key TEXT PRIMARY KEY,
  article INTEGER NOT NULL REFERENCES article
);
INSERT INTO alias SELECT key, id FROM article;
CREATE INDEX alias_article ON alias (article);

CREATE TABLE obsolete (                 -- Markdown files to be removed: their article became one with another
  path TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL                  -- of the text that we wrote; anything else there is somebody's own
);

CREATE TABLE new_capture (              -- a snapshot or a visit, with the latest judgement of it
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
  notice TEXT NOT NULL,
  version INTEGER REFERENCES version    -- NULL unless the state is live
);
INSERT INTO new_capture
  SELECT id, article, 'snapshot', source_sha256, fetched_at, fetch_date, url, title, source, date, file_name, record,
    state, notice, version FROM capture;
DROP TABLE capture;
ALTER TABLE new_capture RENAME TO capture;
CREATE INDEX capture_article ON capture (article, fetched_at);
CREATE UNIQUE INDEX capture_snapshot ON capture (source_sha256) WHERE kind = 'snapshot';
CREATE INDEX capture_version ON capture (version);

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
  target_key TEXT NOT NULL
);
CREATE INDEX visit_final_url ON visit (final_url);
CREATE INDEX visit_target ON visit (target_key) WHERE target_key != '';

CREATE TABLE payload (                  -- a payload that revisits may refer to
  sha256 TEXT PRIMARY KEY,
  record INTEGER NOT NULL REFERENCES record,
  uri TEXT NOT NULL,                    -- of that record, as the next
  date TEXT NOT NULL
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
"""

_VERSION_3 = """
CREATE TABLE decision (                 -- a reviewer's decision about a difference, as decisions.jsonl has it
  id INTEGER PRIMARY KEY,
  decision_id TEXT NOT NULL UNIQUE,
  article_key TEXT NOT NULL,
  from_sha256 TEXT NOT NULL,            -- of a version's text, as the next
  to_sha256 TEXT NOT NULL,
  diff_sha256 TEXT NOT NULL,            -- the decision counts as long as the difference and the rules are these
  ruleset_sha256 TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('pending', 'accepted', 'rejected', 'needs-work')),
  note TEXT NOT NULL,
  reviewer TEXT NOT NULL,
  at TEXT NOT NULL,
  supersedes TEXT NOT NULL,             -- decision_id of an earlier one; empty where there is none
  batch TEXT NOT NULL,                  -- empty for a decision that was made by itself
  ends_at INTEGER NOT NULL              -- where its line ends in the file: what lies behind the last is to be read
);
CREATE INDEX decision_item ON decision (article_key, to_sha256);
CREATE INDEX decision_ends_at ON decision (ends_at);
CREATE TRIGGER decision_stays BEFORE DELETE ON decision
  BEGIN SELECT RAISE(ABORT, 'a decision is never deleted; a later one supersedes it'); END;
CREATE TRIGGER decision_unchanged BEFORE UPDATE ON decision
  BEGIN SELECT RAISE(ABORT, 'a decision is never changed; a later one supersedes it'); END;
"""

MIGRATIONS = (_VERSION_1, _VERSION_2, _VERSION_3)
SCHEMA_VERSION = len(MIGRATIONS)

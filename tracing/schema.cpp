#include "tracing/schema.h"

#include "runtime/observe/event.h"
#include "tracing/answers.h"

namespace glasshouse::tracing {

namespace {

constexpr const char* tables = R"sql(
-- One row: what was run, how, and how it ended. `outcome` is NULL while the recording goes on, and
-- stays NULL when it was cut.
CREATE TABLE run (
  scenario TEXT, scenario_text TEXT, seed TEXT, world TEXT, build TEXT,
  started_ns INTEGER, kinds TEXT, detail TEXT, lossless INTEGER,
  outcome TEXT, events INTEGER, end_ns INTEGER, dropped INTEGER NOT NULL DEFAULT 0,
  digest TEXT, digest_events INTEGER
);
CREATE TABLE parameters (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;

CREATE TABLE kinds (kind INTEGER PRIMARY KEY, name TEXT NOT NULL, family TEXT NOT NULL);
CREATE TABLE names (id INTEGER PRIMARY KEY, text TEXT NOT NULL);

-- What happened, in order. The columns subject, peer (numbers in `processes`) and name (id in
-- `names`) mean what the kind says; NULL is nobody and nothing. `cause` is an earlier event.
CREATE TABLE events (
  seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind INTEGER NOT NULL, node INTEGER NOT NULL,
  subject INTEGER, peer INTEGER, name INTEGER, message INTEGER, argument INTEGER NOT NULL,
  cause INTEGER, detail TEXT
);

CREATE TABLE nodes (
  node INTEGER PRIMARY KEY, name TEXT, creation INTEGER, starts INTEGER, up INTEGER, down INTEGER
);
CREATE TABLE processes (
  number INTEGER PRIMARY KEY, pid TEXT NOT NULL, key INTEGER NOT NULL, node INTEGER NOT NULL,
  parent INTEGER, behaviour TEXT, name TEXT, spawned INTEGER, exited INTEGER, reason TEXT
);
CREATE TABLE crashes (seq INTEGER PRIMARY KEY, process INTEGER, report TEXT);
CREATE TABLE faults (
  number INTEGER PRIMARY KEY, kind TEXT, parameters TEXT, begin INTEGER, until INTEGER
);
CREATE TABLE streams (
  number INTEGER PRIMARY KEY, opened_as TEXT, owner INTEGER, peer TEXT, opened INTEGER,
  closed INTEGER, close_reason TEXT, bytes_sent INTEGER, bytes_arrived INTEGER, faults INTEGER
);
CREATE TABLE properties (
  name TEXT PRIMARY KEY, kind TEXT, verdict TEXT, violated INTEGER, why TEXT
) WITHOUT ROWID;
-- Choices that a replay must repeat although the seed does not make them. seq 0: made beforehand.
CREATE TABLE decisions (
  position INTEGER PRIMARY KEY, seq INTEGER, choice TEXT, entity INTEGER, count INTEGER,
  value INTEGER
);
-- The digest of the run after so many digested events; seq is the last of them in this file.
CREATE TABLE digests (events INTEGER PRIMARY KEY, seq INTEGER NOT NULL, digest TEXT NOT NULL);

-- Below: what makes reading fast. All of it could be made again from `events`.
CREATE TABLE marks (seq INTEGER PRIMARY KEY);
CREATE TABLE keyframes (seq INTEGER PRIMARY KEY, world BLOB NOT NULL);
CREATE TABLE process_events (
  process INTEGER, chunk INTEGER, count INTEGER NOT NULL, seqs BLOB NOT NULL,
  PRIMARY KEY (process, chunk)
) WITHOUT ROWID;
CREATE TABLE kind_events (
  kind INTEGER, chunk INTEGER, count INTEGER NOT NULL, seqs BLOB NOT NULL,
  PRIMARY KEY (kind, chunk)
) WITHOUT ROWID;
CREATE TABLE pyramid (
  axis TEXT, level INTEGER, cell INTEGER, process INTEGER, message INTEGER, signal INTEGER,
  timer INTEGER, scheduling INTEGER, state INTEGER, io INTEGER, notable INTEGER,
  PRIMARY KEY (axis, level, cell)
) WITHOUT ROWID;
)sql";

constexpr const char* views = R"sql(
CREATE VIEW event_text AS
  SELECT e.seq AS seq, e.time / 1000000.0 AS ms, n.name AS node, k.name AS kind,
    s.pid AS subject, coalesce(s.name, s.behaviour) AS subject_name,
    p.pid AS peer, coalesce(p.name, p.behaviour) AS peer_name,
    w.text AS name, e.message AS message, e.argument AS argument, e.cause AS cause,
    e.detail AS detail
  FROM events AS e
    LEFT JOIN kinds AS k ON k.kind = e.kind
    LEFT JOIN nodes AS n ON n.node = e.node
    LEFT JOIN processes AS s ON s.number = e.subject
    LEFT JOIN processes AS p ON p.number = e.peer
    LEFT JOIN names AS w ON w.id = e.name;
CREATE VIEW process_text AS
  SELECT p.number AS number, p.pid AS pid, p.name AS name, p.behaviour AS behaviour,
    n.name AS node, q.pid AS parent, coalesce(q.name, q.behaviour) AS parent_name,
    s.time / 1000000.0 AS spawned_ms, x.time / 1000000.0 AS exited_ms, p.reason AS reason
  FROM processes AS p
    LEFT JOIN nodes AS n ON n.node = p.node
    LEFT JOIN processes AS q ON q.number = p.parent
    LEFT JOIN events AS s ON s.seq = p.spawned
    LEFT JOIN events AS x ON x.seq = p.exited;
CREATE VIEW crash_text AS
  SELECT c.seq AS seq, e.time / 1000000.0 AS ms, p.pid AS pid,
    coalesce(p.name, p.behaviour) AS name, p.reason AS reason, c.report AS report
  FROM crashes AS c
    JOIN events AS e ON e.seq = c.seq
    LEFT JOIN processes AS p ON p.number = c.process;
CREATE VIEW fault_text AS
  SELECT f.number AS number, f.kind AS kind, f.parameters AS parameters,
    b.time / 1000000.0 AS begin_ms, u.time / 1000000.0 AS end_ms
  FROM faults AS f
    LEFT JOIN events AS b ON b.seq = f.begin
    LEFT JOIN events AS u ON u.seq = f.until;
)sql";

}  // namespace

std::string schema_sql() {
  std::string sql = "PRAGMA application_id = " + std::to_string(application_id) + ";" +
                    "PRAGMA user_version = " + std::to_string(schema_version) + ";";
  sql += tables;
  sql += views;
  for (int i = 0; i < runtime::event_kind_count; ++i) {
    const auto kind = static_cast<EventKind>(i);
    sql += "INSERT INTO kinds VALUES (" + std::to_string(i) + ", '" +
           std::string(runtime::event_kind_name(kind)) + "', '" +
           std::string(group_name(group_of(kind))) + "');";
  }
  return sql;
}

}  // namespace glasshouse::tracing

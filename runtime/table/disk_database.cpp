#include "runtime/table/disk_database.h"

#include <algorithm>
#include <utility>

#include <sqlite3.h>

#include "runtime/base/check.h"

namespace glasshouse::runtime {

namespace {

constexpr const char* texts[] = {
    "SELECT row FROM rows WHERE name = ?1 AND key = ?2",
    "REPLACE INTO rows(name, key, row) VALUES (?1, ?2, ?3)",
    "DELETE FROM rows WHERE name = ?1 AND key = ?2",
    "SELECT row FROM rows WHERE name = ?1 AND key >= ?2 ORDER BY key",
    "SELECT row FROM rows WHERE name = ?1 AND key >= ?2 AND key < ?3 ORDER BY key",
    "SELECT count(*) FROM rows WHERE name = ?1",
};

// The bytes stay where they are until the statement has been stepped.
void bind_text(sqlite3_stmt* statement, int place, std::string_view text) {
  CHECK(sqlite3_bind_text64(statement, place, text.data(), text.size(), SQLITE_STATIC,
                            SQLITE_UTF8) == SQLITE_OK);
}
void bind_bytes(sqlite3_stmt* statement, int place, std::string_view bytes) {
  const char* const data = bytes.empty() ? "" : bytes.data();
  CHECK(sqlite3_bind_blob64(statement, place, data, bytes.size(), SQLITE_STATIC) == SQLITE_OK);
}

std::string_view text_of(sqlite3_stmt* statement) {
  const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement, 0))};
}

// A statement that has been read ends, so that its transaction can.
class Reset {
 public:
  explicit Reset(sqlite3_stmt* statement) : statement_(statement) {}
  Reset(const Reset&) = delete;
  Reset& operator=(const Reset&) = delete;
  ~Reset() { sqlite3_reset(statement_); }

 private:
  sqlite3_stmt* statement_;
};

}  // namespace

void DiskDatabase::Close::operator()(sqlite3* connection) const {
  CHECK(sqlite3_close(connection) == SQLITE_OK);
}
void DiskDatabase::Close::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

DiskDatabase::DiskDatabase(std::string database, std::string log, std::uint64_t bytes_max)
    : bytes_max_(bytes_max) {
  images_.file(DiskImages::database_name) = std::move(database);
  images_.file(DiskImages::log_name) = std::move(log);
  open();
}

DiskDatabase::DiskDatabase(std::string database, std::uint64_t salts, std::uint64_t bytes_max)
    : DiskDatabase(std::move(database), empty_log(salts), bytes_max) {
  prepare();
}

DiskDatabase::~DiskDatabase() {
  close();
}

// Exclusive locking keeps the index of the log in memory; the owner of the images syncs and decides
// when the log is played into the database.
void DiskDatabase::open() {
  sqlite3* connection = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int opened =
      sqlite3_open_v2(DiskImages::database_name.data(), &connection, flags, images_.vfs_name());
  connection_.reset(connection);
  if (opened != SQLITE_OK) fail("opening");
  sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  execute("PRAGMA locking_mode = EXCLUSIVE");
  execute("PRAGMA page_size = 4096");
  execute("PRAGMA journal_mode = WAL");
  execute("PRAGMA synchronous = OFF");
  execute("PRAGMA wal_autocheckpoint = 0");
  execute("PRAGMA temp_store = MEMORY");
  execute("PRAGMA cache_spill = OFF");  // only what is committed goes to the log
  const std::string pages = std::to_string(bytes_max_ / disk_page_bytes);
  execute(("PRAGMA max_page_count = " + pages).c_str());
}

void DiskDatabase::close() {
  for (Statement& statement : prepared_)
    statement.reset();
  connection_.reset();
}

void DiskDatabase::cut_log(std::size_t bytes) {
  close();
  log().resize(std::max(bytes, log_header_bytes));
  if (bytes <= log_header_bytes) log() += '\0';  // as empty_log does
  open();
  prepare();
}

void DiskDatabase::prepare() {
  for (int which = 0; which < statements; ++which) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(connection_.get(), texts[which], -1, SQLITE_PREPARE_PERSISTENT,
                           &statement, nullptr) != SQLITE_OK) {
      fail("preparing");
    }
    prepared_[which].reset(statement);
  }
}

void DiskDatabase::fail(const char* doing) const {
  const bool is_full = sqlite3_errcode(connection_.get()) == SQLITE_FULL;
  throw DiskFailure{Error(std::string(doing) + ": " + sqlite3_errmsg(connection_.get()),
                          is_full ? "full" : "sqlite")};
}

void DiskDatabase::execute(const char* sql) {
  if (sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(sql);
}

bool DiskDatabase::step(sqlite3_stmt* statement) const {
  const int stepped = sqlite3_step(statement);
  if (stepped != SQLITE_ROW && stepped != SQLITE_DONE) fail("a row");
  return stepped == SQLITE_ROW;
}

sqlite3_stmt* DiskDatabase::ready(Which which, std::string_view table) {
  sqlite3_stmt* const statement = prepared_[which].get();
  bind_text(statement, 1, table);
  return statement;
}

Result<std::string> DiskDatabase::recover(std::string database, std::string log,
                                          std::uint64_t bytes_max) {
  try {
    DiskDatabase found(std::move(database), std::move(log), bytes_max);
    found.execute(
        "CREATE TABLE IF NOT EXISTS rows(name TEXT NOT NULL, key BLOB NOT NULL, "
        "row TEXT NOT NULL, PRIMARY KEY(name, key)) WITHOUT ROWID");
    sqlite3_stmt* raw = nullptr;
    sqlite3_prepare_v2(found.connection_.get(), "PRAGMA quick_check", -1, &raw, nullptr);
    Statement check(raw);
    if (raw == nullptr || !found.step(raw)) found.fail("checking");
    if (text_of(raw) != "ok") {
      return Error("the database is damaged: " + std::string(text_of(raw)), "corrupt");
    }
    check.reset();
    found.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    found.close();
    return std::move(found.images_.file(DiskImages::database_name));
  } catch (const DiskFailure& failure) {
    return failure.error;
  }
}

std::optional<std::string> DiskDatabase::find(std::string_view table, std::string_view key) {
  sqlite3_stmt* const statement = ready(find_one, table);
  const Reset reset(statement);
  bind_bytes(statement, 2, key);
  if (!step(statement)) return std::nullopt;
  return std::string(text_of(statement));
}

void DiskDatabase::put(std::string_view table, std::string_view key, std::string_view row) {
  sqlite3_stmt* const statement = ready(put_one, table);
  const Reset reset(statement);
  bind_bytes(statement, 2, key);
  bind_text(statement, 3, row);
  step(statement);
}

bool DiskDatabase::erase(std::string_view table, std::string_view key) {
  sqlite3_stmt* const statement = ready(erase_one, table);
  const Reset reset(statement);
  bind_bytes(statement, 2, key);
  step(statement);
  return sqlite3_changes(connection_.get()) > 0;
}

void DiskDatabase::scan(std::string_view table, std::string_view from, std::string_view below,
                        const Look& look) {
  sqlite3_stmt* const statement = ready(below.empty() ? scan_from : scan_range, table);
  const Reset reset(statement);
  bind_bytes(statement, 2, from);
  if (!below.empty()) bind_bytes(statement, 3, below);
  while (step(statement)) {
    if (!look(text_of(statement))) return;
  }
}

std::uint64_t DiskDatabase::count(std::string_view table) {
  sqlite3_stmt* const statement = ready(count_all, table);
  const Reset reset(statement);
  step(statement);
  return static_cast<std::uint64_t>(sqlite3_column_int64(statement, 0));
}

void DiskDatabase::begin() {
  log_at_begin_ = log().size();
  execute("BEGIN IMMEDIATE");
}
void DiskDatabase::commit() {
  execute("COMMIT");
}
// A commit that ran out of memory leaves frames behind those that count. SQLite would write over
// them, and who brings the log to the disk would take them for the next commit.
void DiskDatabase::roll_back() {
  if (sqlite3_get_autocommit(connection_.get()) == 0) execute("ROLLBACK");
  log().resize(log_at_begin_);
}
void DiskDatabase::begin_part() {
  execute("SAVEPOINT part");
}
void DiskDatabase::end_part() {
  execute("RELEASE part");
}
void DiskDatabase::undo_part() {
  execute("ROLLBACK TO part");
  execute("RELEASE part");
}

}  // namespace glasshouse::runtime

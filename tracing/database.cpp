#include "tracing/database.h"

#include <optional>
#include <system_error>
#include <utility>

#include <sqlite3.h>
#include <sys/stat.h>

namespace glasshouse::tracing {

namespace {

Error sentence(const std::string& path, int code, std::string_view said) {
  switch (code & 0xff) {
    case SQLITE_NOTADB:
      return Error(path + ": this is not a Glasshouse trace (not an SQLite database at all).",
                   "foreign");
    case SQLITE_CORRUPT:
      return Error(path + ": the trace is damaged (" + std::string(said) +
                       "). What lies before the damage can still be read with sqlite3 .recover.",
                   "damaged");
    case SQLITE_FULL:
      return Error(path + ": the disk is full, recording has stopped here.", "enospc");
    case SQLITE_INTERRUPT:
      return Error(path + ": the question was interrupted.", "interrupted");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Error(path + ": another program holds the trace locked; try again when it is done.",
                   "busy");
    case SQLITE_CANTOPEN:
      return Error(path + ": cannot be opened (" + std::string(said) +
                       "); look whether its folder is there and what its rights are.",
                   "eacces");
    default:
      return Error(path + ": the trace cannot be read or written (" + std::string(said) + ").",
                   "damaged");
  }
}

// A file name as an SQLite URI, so that options can be added to it.
std::string as_uri(const std::string& path, std::string_view options) {
  constexpr std::string_view hexadecimal = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char character : path) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '%' || character == '?' || character == '#' || byte < 0x20) {
      uri += '%';
      uri += hexadecimal[byte >> 4];
      uri += hexadecimal[byte & 15];
    } else {
      uri += character;
    }
  }
  return uri.append(options);
}

// What is there cannot be a trace.
std::optional<Error> refusal(const std::string& path, const struct stat& about) {
  if (S_ISDIR(about.st_mode))
    return Error(path + ": this is a folder; a trace is a file.", "foreign");
  if (!S_ISREG(about.st_mode)) {
    return Error(path + ": this is no ordinary file, so it is no trace.", "foreign");
  }
  if (about.st_size == 0) return Error(path + ": the file is empty, so it is no trace.", "foreign");
  return std::nullopt;
}

bool exists(const std::string& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0;
}

}  // namespace

void Statement::Close::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}
void Database::Close::operator()(sqlite3* handle) const {
  sqlite3_close_v2(handle);
}

void Statement::bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), parameter, value);
}

void Statement::bind_or_null(int parameter, std::int64_t value) {
  if (value == 0) {
    sqlite3_bind_null(statement_.get(), parameter);
  } else {
    sqlite3_bind_int64(statement_.get(), parameter, value);
  }
}

void Statement::bind_null(int parameter) {
  sqlite3_bind_null(statement_.get(), parameter);
}

void Statement::bind(int parameter, std::string_view text) {
  sqlite3_bind_text(statement_.get(), parameter, text.data() ? text.data() : "",
                    static_cast<int>(text.size()), SQLITE_STATIC);
}

void Statement::bind_blob(int parameter, std::string_view bytes) {
  sqlite3_bind_blob(statement_.get(), parameter, bytes.data() ? bytes.data() : "",
                    static_cast<int>(bytes.size()), SQLITE_STATIC);
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(statement_.get());
    return false;
  }
  Error error = database_->error();
  sqlite3_reset(statement_.get());
  return error;
}

bool Statement::run() {
  sqlite3_step(statement_.get());
  return sqlite3_reset(statement_.get()) == SQLITE_OK;
}

Error Statement::error() const {
  return database_->error();
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::string_view Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (!text) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::string_view Statement::blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  if (!bytes) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) {
    return Error(path + ": there is no such file; glasshouse run SCENARIO --trace FILE makes one.",
                 "enoent");
  }
  if (auto refused = refusal(path, about)) return *refused;
  // A finished trace has no log beside it: then nothing may be written beside it either, and a
  // folder that cannot be written to is no obstacle.
  const bool has_log = exists(path + "-wal");
  const std::string uri = as_uri(path, has_log ? "?mode=ro" : "?mode=ro&immutable=1");
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(uri.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Database> database(new Database(path, handle));
  if (code != SQLITE_OK) return database->error();
  sqlite3_busy_timeout(handle, 2'000);
  sqlite3_extended_result_codes(handle, 1);
  return database;
}

Result<std::unique_ptr<Database>> Database::create(const std::string& path) {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Database> database(new Database(path, handle));
  if (code != SQLITE_OK) return database->error();
  sqlite3_busy_timeout(handle, 2'000);
  return database;
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* prepared = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
  if (code != SQLITE_OK) return error();
  Statement statement;
  statement.database_ = this;
  statement.statement_.reset(prepared);
  return statement;
}

Result<void> Database::execute(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return error();
  }
  return {};
}

Result<std::int64_t> Database::number(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return statement.error();
  auto row = statement->step();
  if (!row) return row.error();
  return *row ? statement->number(0) : 0;
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(handle_.get()) == 0;
}

void Database::interrupt() {
  sqlite3_interrupt(handle_.get());
}

Error Database::error() const {
  std::string said = sqlite3_errmsg(handle_.get());
  const int code = sqlite3_extended_errcode(handle_.get());
  const int system = sqlite3_system_errno(handle_.get());
  const bool is_of_system = (code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_IOERR;
  if (is_of_system && system != 0) said += ": " + std::system_category().message(system);
  return sentence(path_, code, said);
}

}  // namespace glasshouse::tracing

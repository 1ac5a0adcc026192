#pragma once
// The few words of SQLite that this folder speaks. SQLite's own header stays in database.cpp.
//
// Threads: a Database and its Statements are used by one thread at a time; `interrupt` by any.
// Failures are Errors with one sentence that names the file; codes as in tracing/reader.h.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace glasshouse::tracing {

using runtime::Error;
using runtime::Result;

class Database;

// A prepared statement. Parameters and columns count from 1 and 0, as in SQLite.
class Statement {
 public:
  Statement() = default;

  void bind(int parameter, std::int64_t value);
  void bind_or_null(int parameter, std::int64_t value);  // 0 is NULL
  void bind_null(int parameter);
  // The bytes must stay where they are until the next `reset` or `run`.
  void bind(int parameter, std::string_view text);
  void bind_blob(int parameter, std::string_view bytes);

  // One row more? After false or an error the statement may be bound and stepped again.
  Result<bool> step();
  // For statements without rows: steps once and resets. Fast; why it failed says `error`.
  bool run();
  Error error() const;
  void reset();

  std::int64_t number(int column) const;
  bool is_null(int column) const;
  // Valid until the next step.
  std::string_view text(int column) const;
  std::string_view blob(int column) const;

 private:
  friend class Database;
  struct Close {
    void operator()(sqlite3_stmt* statement) const;
  };
  Database* database_ = nullptr;
  std::unique_ptr<sqlite3_stmt, Close> statement_;
};

class Database {
 public:
  // Opens an existing file for reading only.
  static Result<std::unique_ptr<Database>> open(const std::string& path);
  // Makes a new, empty file. REQUIRES: there is none of this name.
  static Result<std::unique_ptr<Database>> create(const std::string& path);

  Result<Statement> prepare(std::string_view sql);
  // Any number of statements without parameters.
  Result<void> execute(const std::string& sql);
  // The first column of the first row of a query; 0 if there is none.
  Result<std::int64_t> number(std::string_view sql);
  // True while statements that change something are collected in a transaction.
  bool in_transaction() const;
  void interrupt();

  // What went wrong last, with `file: ` in front.
  Error error() const;
  const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  Database(std::string path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}

  std::string path_;
  std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace glasshouse::tracing

#pragma once
// A SQLite database on images of its files: rows of named tables under keys, and transactions.
// SQLite's own header stays in the .cpp.
//
//   CREATE TABLE rows(name TEXT, key BLOB, row TEXT, PRIMARY KEY(name, key)) WITHOUT ROWID
//
// `row` is the row as Erlang writes it, so that the plain sqlite3 shell shows what is there; `key`
// sorts as the key does (disk_key.h).
//
// One thread at a time. What SQLite refuses is a DiskFailure, thrown; code "full" is expected, and
// anything else means that the images are not to be trusted any more.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/result.h"
#include "runtime/table/disk_vfs.h"

struct sqlite3;
struct sqlite3_stmt;

namespace glasshouse::runtime {

struct DiskFailure {
  Error error;
};

inline constexpr std::uint64_t disk_database_bytes_max = std::uint64_t{1} << 30;

class DiskDatabase {
 public:
  // Opens what was found on a disk: plays the log into the database, checks it, makes the table if
  // there is none. Returns the database file as one that needs no log.
  static Result<std::string> recover(std::string database, std::string log,
                                     std::uint64_t bytes_max = disk_database_bytes_max);

  // `database` is what recover returned.
  DiskDatabase(std::string database, std::uint64_t salts,
               std::uint64_t bytes_max = disk_database_bytes_max);
  ~DiskDatabase();

  // -- rows -------------------------------------------------------------------------------------

  std::optional<std::string> find(std::string_view table, std::string_view key);
  void put(std::string_view table, std::string_view key, std::string_view row);
  bool erase(std::string_view table, std::string_view key);
  // Keys from `from` on, below `below` unless it is empty. Stops when `look` returns false. `look`
  // must not use the database.
  using Look = std::function<bool(std::string_view row)>;
  void scan(std::string_view table, std::string_view from, std::string_view below,
            const Look& look);
  std::uint64_t count(std::string_view table);

  // -- transactions: one, with parts that are taken back by themselves ---------------------------

  void begin();
  void commit();
  // Also if SQLite did so by itself. The log is what it was at `begin`.
  void roll_back();
  void begin_part();
  void end_part();
  void undo_part();

  // -- for who brings the log to the disk -------------------------------------------------------

  std::string& log() { return images_.file(DiskImages::log_name); }
  const std::string& database() { return images_.file(DiskImages::database_name); }
  // All that was committed since the log had this length is undone.
  void cut_log(std::size_t bytes);

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
    void operator()(sqlite3_stmt* statement) const;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Close>;
  enum Which { find_one, put_one, erase_one, scan_from, scan_range, count_all, statements };

  DiskDatabase(std::string database, std::string log, std::uint64_t bytes_max);
  void open();
  void prepare();
  void close();
  void execute(const char* sql);
  [[noreturn]] void fail(const char* doing) const;
  sqlite3_stmt* ready(Which which, std::string_view table);
  bool step(sqlite3_stmt* statement) const;

  DiskImages images_;
  std::uint64_t bytes_max_;
  std::size_t log_at_begin_ = 0;
  std::unique_ptr<sqlite3, Close> connection_;
  Statement prepared_[statements];
};

}  // namespace glasshouse::runtime

#pragma once
// One ETS-like table of Terms: what Table<Row> (table.h) is a typed front of.
//
// Threads: any. A set or bag that others than the owner may use is cut into shards by the hash of
// the key, each behind a lock of its own; an ordered set is one shard. What one call does to one
// row is atomic and isolated; so is an insert of several rows, and delete_all. A traversal looks at
// one shard at a time and is neither (OTP: ets, "Concurrency"). No user code runs under a lock.
//
// Failures are OTP's badarg: the calling process exits with {badarg, <<"why">>}.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/process/pid.h"
#include "runtime/process/ref.h"
#include "runtime/table/table_rows.h"
#include "runtime/term/atom.h"
#include "runtime/term/convert.h"
#include "runtime/term/term.h"

namespace glasshouse::runtime {

// Who may use a table. OTP: ets:new/2. The owner may do everything; others read a protected table,
// and read and write a public one.
enum class TableAccess : std::uint8_t { public_, protected_, private_ };

// Gets the table when its owner exits, with a TableTransfer that carries `data`.
struct TableHeir {
  Pid pid;
  Term data;
};

// OTP: ets:new/2 and its defaults. With a name the table can be found by it (named_table).
struct TableOptions {
  Atom name{};
  TableType type = TableType::set;
  TableAccess access = TableAccess::protected_;
  std::optional<TableHeir> heir{};
  // Which element of a row is the key, from 1. 0: as the row's type says; 1 for rows of Terms.
  std::size_t key_position = 0;
};

// OTP: {'ETS-TRANSFER', Tid, FromPid, HeirData}. The receiver owns the table now.
struct TableTransfer {
  Ref table;
  Pid from;
  Term data;
};

template <>
struct Conversion<TableTransfer> {
  static Term to_term(const TableTransfer& transfer);
  static Result<TableTransfer> from_term(const Term& term);
};

// OTP: ets:info/1.
struct TableInfo {
  Ref id;
  Atom name;  // undefined without one
  Pid owner;
  std::optional<Pid> heir{};
  TableType type = TableType::set;
  TableAccess access = TableAccess::protected_;
  std::size_t key_position = 1;
  std::size_t size = 0;  // rows
  std::size_t fixed = 0;
};

// One step of update_counter. OTP: {Pos, Incr} or {Pos, Incr, Threshold, SetValue}.
struct CounterStep {
  std::size_t position = 0;  // from 1
  std::int64_t increment = 0;
  // Passed: the counter becomes `reset`.
  struct Threshold {
    std::int64_t value = 0;
    std::int64_t reset = 0;
  };
  std::optional<Threshold> threshold{};
};

struct TableField {
  std::size_t position = 0;  // from 1
  Term value;
};

// {badarg, <<"why">>} as the exit reason of the caller.
[[noreturn]] void table_badarg(std::string_view why);

class TableCore {
 public:
  TableCore(Ref id, Pid owner, const TableOptions& options, std::uint64_t schema);
  TableCore(const TableCore&) = delete;
  TableCore& operator=(const TableCore&) = delete;

  Ref id() const { return id_; }
  TableType type() const { return type_; }
  TableAccess access() const { return access_; }
  std::size_t key_position() const { return key_position_; }
  std::uint64_t schema() const { return schema_; }  // of its rows; 0: any Terms
  bool is_gone() const { return gone_.load(std::memory_order_acquire); }
  Pid owner() const;
  std::size_t size() const;

  // Return if `who` may; else badarg.
  void require_read(Pid who) const;
  void require_write(Pid who) const;
  void require_owner(Pid who) const;

  std::vector<Term> lookup(const Term& key) const;
  std::optional<Term> find(const Term& key) const;
  bool member(const Term& key) const;
  void insert(std::span<const Term> rows);
  // All or nothing: false if one of the keys is there. OTP: ets:insert_new/2.
  bool insert_new(std::span<const Term> rows);
  std::vector<Term> take(const Term& key);
  std::size_t erase(const Term& key);
  std::size_t erase_row(const Term& row);
  void erase_all();

  // The new values. Without a row with this key: of `otherwise`, which is then inserted. badarg: no
  // such row, a bag, no integer there, or the sum does not fit 64 bits; nothing is changed then.
  std::vector<std::int64_t> update_counter(const Term& key, std::span<const CounterStep> steps,
                                           const std::optional<Term>& otherwise);
  // False if there is no such row. OTP: ets:update_element/3.
  bool update_element(const Term& key, std::span<const TableField> fields);
  // For what reads, decides and writes: false if the row is another one by now. REQUIRES: a set.
  bool replace(const Term& row, const Term& by);

  std::optional<Term> first() const;
  std::optional<Term> last() const;
  std::optional<Term> after(const Term& key) const;
  std::optional<Term> before(const Term& key) const;
  // Up to `count` rows in order, more only to finish a key; empty at the end.
  std::vector<Term> chunk(TablePlace& place, std::size_t count) const;

  // -- of Tables --------------------------------------------------------------------------------

  // Under its lock.
  void set_owner(Pid owner);
  // Under its lock: from now on every use is badarg.
  void end() { gone_.store(true, std::memory_order_release); }
  // Without its lock, for it takes as long as there are rows. REQUIRES: `end` was called.
  void free_rows();

 private:
  struct alignas(64) Shard {
    mutable std::shared_mutex mutex;
    std::unique_ptr<TableRows> rows;
  };
  using ReadLock = std::shared_lock<std::shared_mutex>;
  using WriteLock = std::unique_lock<std::shared_mutex>;

  const Term& key_of(const Term& row) const { return row.element(key_position_ - 1); }
  std::size_t shard_of(const Term& key) const;
  void require_rows(std::span<const Term> rows) const;
  void require_fields(std::size_t position, const Term& row) const;
  void require_alive() const;
  // Locks the shards of all rows, in order.
  std::vector<WriteLock> lock_for(std::span<const Term> rows);
  Term counted(const Term& row, std::span<const CounterStep> steps,
               std::vector<std::int64_t>& values) const;

  Ref id_;
  TableType type_;
  TableAccess access_;
  std::size_t key_position_;
  std::uint64_t schema_;
  unsigned shard_bits_;
  std::vector<Shard> shards_;
  Atom node_;
  std::uint32_t creation_;
  std::atomic<std::uint64_t> owner_;  // id and serial; written under the lock of Tables
  // Release in `end`, acquire in every use after its lock.
  std::atomic<bool> gone_{false};
};

}  // namespace glasshouse::runtime

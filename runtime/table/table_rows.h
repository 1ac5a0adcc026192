#pragma once
// The rows of one shard of a table, without locks. A row is a tuple, and one of its elements is the
// key. Not thread safe: TableCore locks.
//
// Order. Sets and bags are kept in the order of (hash of the key, key), ordered sets in the order
// of terms. Both depend on the keys alone, never on addresses, on the number of buckets or on what
// was there before. So a place in a traversal is a key: it stays valid when rows come and go, and a
// row that is there all the time is met exactly once. OTP needs safe_fixtable for that.
//
// Keys. Sets and bags tell 1 from 1.0 (=:=), ordered sets do not (==). OTP: ets, "Introduction".

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/base/hash.h"
#include "runtime/term/term.h"

namespace glasshouse::runtime {

enum class TableType : std::uint8_t { set, ordered_set, bag, duplicate_bag };

// Where a traversal goes on.
struct TablePlace {
  enum class Where : std::uint8_t { begin, from, after, end };
  Where where = Where::begin;
  Term key{};
};

class TableRows {
 public:
  virtual ~TableRows() = default;
  // `shard_bits` leading bits of the hashes are equal in one shard.
  static std::unique_ptr<TableRows> make(TableType type, std::size_t key_position,
                                         unsigned shard_bits);
  // Decides the shard of a set or bag, and the order in it.
  static std::uint64_t position_of(const Term& key) { return mix(key.hash()); }

  std::size_t size() const { return size_; }

  // The first row with this key; null if there is none.
  virtual const Term* find(const Term& key) const = 0;
  // All of them, the oldest first. OTP: ets:lookup/2, "time order of insertions is preserved".
  virtual void collect(const Term& key, std::vector<Term>& rows) const = 0;
  // Replaces the row with this key in a set; adds it to a bag unless an equal one is there; adds it
  // to a duplicate_bag. OTP: ets:insert/2.
  virtual void insert(Term row) = 0;
  // How many went.
  virtual std::size_t erase(const Term& key) = 0;
  // All that are exactly equal to `row`. OTP: ets:delete_object/2.
  virtual std::size_t erase_row(const Term& row) = 0;
  // False if no row is exactly equal to `row`. REQUIRES: a set; both have the same key.
  virtual bool replace(const Term& row, Term by) = 0;

  // Rows at the ends and beside a key, which need not be there. Null if there is none.
  virtual const Term* first() const = 0;
  virtual const Term* last() const = 0;
  virtual const Term* after(const Term& key) const = 0;
  virtual const Term* before(const Term& key) const = 0;
  // Adds rows in order from `place`, all of a key or none, until `rows` has `count` or there are no
  // more; moves `place` behind them, to `end` after the last.
  virtual void chunk(TablePlace& place, std::size_t count, std::vector<Term>& rows) const = 0;
  virtual void clear() = 0;

 protected:
  explicit TableRows(std::size_t key_position) : key_index_(key_position - 1) {}
  const Term& key_of(const Term& row) const { return row.element(key_index_); }
  std::size_t size_ = 0;

 private:
  std::size_t key_index_;
};

}  // namespace glasshouse::runtime

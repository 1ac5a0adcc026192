#pragma once
// What a transaction on a disk table may do. Its body is a function of one DiskTransaction&, run in
// the process that owns the tables: it sees what it wrote itself and what earlier transactions
// wrote, and nobody else's, because one runs at a time. It must not wait, and what it captures by
// value is all it has of its caller.
//
//   [](DiskTransaction& t) {
//     auto accounts = t.table<Account>("accounts"_atom);
//     Account alice = accounts.read("alice");
//     if (alice.balance < 10) t.abort("too_poor"_atom);
//     ...
//     accounts.insert(alice);
//   }
//
// `abort`, and any exception, undoes all that the body did; nothing else happens to the tables or
// their process. OTP: mnesia:transaction/1, without locks to wait for and without restarts.

#include <concepts>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/table/disk_database.h"
#include "runtime/table/table.h"
#include "runtime/term/convert.h"

namespace glasshouse::runtime {

template <class Row>
class DiskRows;

class DiskTransaction {
 public:
  explicit DiskTransaction(DiskDatabase& database) : database_(database) {}
  DiskTransaction(const DiskTransaction&) = delete;
  DiskTransaction& operator=(const DiskTransaction&) = delete;

  // A table that nobody wrote to is empty. REQUIRES: used only while the body runs.
  template <class Row>
  DiskRows<Row> table(Atom name) {
    return DiskRows<Row>(*this, name);
  }
  // OTP: mnesia:abort/1.
  [[noreturn]] void abort(Term reason) const { throw ExitException(std::move(reason)); }

 private:
  template <class Row>
  friend class DiskRows;

  // Of Terms. Abort with {badarg, <<"why">>} where a key or row cannot be stored.
  std::optional<Term> find(Atom table, const Term& key);
  void put(Atom table, const Term& key, const Term& row);
  bool erase(Atom table, const Term& key);
  std::vector<Term> scan(Atom table, const KeyRange<Term>& range, std::size_t limit);

  DiskDatabase& database_;
};

// The rows of one table: what a row and its key may be says table.h. A key is made of integers,
// atoms, binaries, tuples and lists; a row of anything that reads back as it was written.
template <class Row>
class DiskRows {
  using Shape = detail::RowShape<Row>;

 public:
  using Key = typename Shape::Key;
  using Range = KeyRange<Key>;

  std::optional<Row> lookup(const Key& key) const {
    const auto row = transaction_.find(name_, to_term(key));
    if (!row) return std::nullopt;
    return detail::from_row<Row>(*row);
  }
  // Aborts with {not_found, Key} if there is none.
  Row read(const Key& key) const {
    auto row = lookup(key);
    if (!row) transaction_.abort(tuple(Term(atoms::not_found), to_term(key)));
    return std::move(*row);
  }
  bool member(const Key& key) const { return transaction_.find(name_, to_term(key)).has_value(); }
  // Replaces the row with this key.
  void insert(const Row& row) {
    const Term term = to_term(row);
    transaction_.put(name_, term.element(Shape::key_position - 1), term);
  }
  // False if the key is there.
  bool insert_new(const Row& row) {
    const Term term = to_term(row);
    if (transaction_.find(name_, term.element(Shape::key_position - 1))) return false;
    insert(row);
    return true;
  }
  // False if there was none.
  bool erase(const Key& key) { return transaction_.erase(name_, to_term(key)); }
  // In the order of the keys, `limit` at most. A copy: the body may change the table meanwhile.
  std::vector<Row> select(const Range& range = {}, std::size_t limit = SIZE_MAX) const {
    KeyRange<Term> terms;
    if (range.from) terms.from = to_term(*range.from);
    if (range.below) terms.below = to_term(*range.below);
    std::vector<Row> rows;
    for (const Term& term : transaction_.scan(name_, terms, limit))
      rows.push_back(detail::from_row<Row>(term));
    return rows;
  }
  template <std::predicate<const Row&> Wanted>
  std::vector<Row> select(const Range& range, Wanted wanted) const {
    std::vector<Row> rows = select(range);
    std::erase_if(rows, [&](const Row& row) { return !wanted(row); });
    return rows;
  }

 private:
  friend class DiskTransaction;
  DiskRows(DiskTransaction& transaction, Atom name) : transaction_(transaction), name_(name) {}
  DiskTransaction& transaction_;
  Atom name_;
};

}  // namespace glasshouse::runtime

#pragma once
// ETS: tables in memory that processes of one node share. Rows are values of one type; what is read
// is a copy.
//
//   struct Account { std::string owner; std::int64_t balance = 0; };
//
//   auto accounts = Table<Account>::make(self, {.name = "accounts"_atom,
//                                               .type = TableType::ordered_set});
//   accounts.insert({"alice", 7});
//   accounts.update_counter("alice", &Account::balance, 5);                      // 12
//   auto rich = accounts.select([](const Account& a) { return a.balance > 10; });
//
// A row is a struct (its first field is the key), a pair or std::tuple (its first element is), or a
// Term: a tuple whose key position the table's options say. Tables hold Terms, so a struct is kept
// as its record {account, <<"alice">>, 12}, whose key position is 2, as in Erlang.
//
// A Table is a handle of one process, as Self is: keep it in servers and Tasks of that process and
// never give it to another; send the table's name or id(), and let the other one `open` it.
// Operations do not wait. Each is atomic for the rows it touches where table_core.h says so.
// Predicates and functions of the caller never run under a lock; they must be pure, because
// `update` and `select_replace` ask again when somebody else was faster.
//
// Failures are badarg: the caller exits with {badarg, <<"why">>}. No such table, no right to it, it
// was deleted, a row of another type. OTP: ets; the names are its names.

#include <concepts>
#include <functional>
#include <initializer_list>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/process/self.h"
#include "runtime/table/tables.h"
#include "runtime/term/convert.h"

namespace glasshouse::runtime {

namespace detail {

template <class Row>
struct FirstOf;
template <class First, class... Rest>
struct FirstOf<TypeList<First, Rest...>> {
  using Type = std::remove_const_t<First>;
};
template <class Row>
struct RowShape {
  static_assert(Record<Row>, "a row is a struct, a pair, a std::tuple or a Term");
  using Key = typename FirstOf<FieldTypes<Row>>::Type;
  static constexpr std::size_t key_position = 2;
};
template <class First, class Second>
struct RowShape<std::pair<First, Second>> {
  using Key = First;
  static constexpr std::size_t key_position = 1;
};
template <class First, class... Rest>
struct RowShape<std::tuple<First, Rest...>> {
  using Key = First;
  static constexpr std::size_t key_position = 1;
};
template <>
struct RowShape<Term> {
  using Key = Term;
  static constexpr std::size_t key_position = 1;
};

template <class Row>
constexpr std::uint64_t row_schema() {
  if constexpr (std::same_as<Row, Term>) {
    return 0;
  } else {
    return schema_fingerprint<Row>();
  }
}

// Where a field stands in the tuple of its struct, from 1; the tag is before them.
template <class Row, class Field>
std::size_t position_of_field(Field Row::*field) {
  static const Row sample{};
  const void* const wanted = &(sample.*field);
  std::size_t position = 1;
  std::size_t found = 0;
  for_each_field(sample, [&](const auto& each) {
    ++position;
    if (static_cast<const void*>(&each) == wanted) found = position;
  });
  return found;
}

template <class T>
T from_row(const Term& term) {
  Result<T> value = from_term<T>(term);
  if (!value) table_badarg("a row of another type: " + value.error().what);
  return std::move(value).value();
}

inline constexpr std::size_t rows_at_once = 256;  // taken out under one lock

}  // namespace detail

// Keys from `from` on, and below `below`, in the order of terms. Quick in an ordered_set.
template <class Key>
struct KeyRange {
  std::optional<Key> from{};
  std::optional<Key> below{};
};

// The rows that satisfy a predicate, some at a time. OTP: select with a limit and a continuation.
template <class Row, class Wanted>
class TableSelection {
 public:
  TableSelection(std::shared_ptr<TableCore> core, std::size_t limit, Wanted wanted)
      : core_(std::move(core)), limit_(limit), wanted_(std::move(wanted)) {}

  // The next ones, `limit` of them as long as there are so many; empty is OTP's '$end_of_table'.
  std::vector<Row> next() {
    std::vector<Row> rows;
    while (rows.size() < limit_) {
      if (waiting_ == found_.size() && !fetch()) break;
      Row row = detail::from_row<Row>(found_[waiting_++]);
      if (wanted_(std::as_const(row))) rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  bool fetch() {
    waiting_ = 0;
    found_ = core_->chunk(place_, detail::rows_at_once);
    return !found_.empty();
  }
  std::shared_ptr<TableCore> core_;
  std::size_t limit_;
  Wanted wanted_;
  TablePlace place_{};
  std::vector<Term> found_;
  std::size_t waiting_ = 0;
};

template <class Row>
class Table {
  using Shape = detail::RowShape<Row>;

 public:
  using Key = typename Shape::Key;
  using Range = KeyRange<Key>;

  // OTP: ets:new/2.
  static Table make(Self self, TableOptions options) {
    if (options.key_position == 0) options.key_position = Shape::key_position;
    return Table(self, self.node().tables().make(self.make_ref(), self.pid(), options,
                                                 detail::row_schema<Row>()));
  }
  // A table that is there. badarg: it is not, or has rows of another type.
  static Table open(Self self, Atom name) { return Table(self, self.node().tables().find(name)); }
  // The id of the table with this name, if there is one. OTP: ets:whereis/1.
  static std::optional<Ref> whereis(Self self, Atom name) {
    const auto found = self.node().tables().find(name);
    return found == nullptr ? std::nullopt : std::optional(found->id());
  }
  static Table open(Self self, Ref id) { return Table(self, self.node().tables().find(id)); }

  Ref id() const { return core_->id(); }
  TableInfo info() const { return self_.node().tables().info(*core_); }

  // -- rows by key ------------------------------------------------------------------------------

  void insert(Row row) {
    const Term term = to_term(row);
    writing().insert({&term, 1});
  }
  // All at once: nobody sees some of them. OTP: ets:insert/2 with a list.
  void insert(const std::vector<Row>& rows) { writing().insert(terms_of(rows)); }
  bool insert_new(Row row) {
    const Term term = to_term(row);
    return writing().insert_new({&term, 1});
  }
  bool insert_new(const std::vector<Row>& rows) { return writing().insert_new(terms_of(rows)); }

  // In a bag, the oldest first.
  std::vector<Row> lookup(const Key& key) const { return rows_of(reading().lookup(to_term(key))); }
  // The row of a set; of a bag the oldest.
  std::optional<Row> find(const Key& key) const {
    const auto row = reading().find(to_term(key));
    if (!row) return std::nullopt;
    return detail::from_row<Row>(*row);
  }
  // badarg if there is no such row. OTP: ets:lookup_element/3.
  template <class Field>
  Field lookup_element(const Key& key, Field Row::*field) const {
    const auto row = find(key);
    if (!row) table_badarg("there is no row with this key");
    return (*row).*field;
  }
  bool member(const Key& key) const { return reading().member(to_term(key)); }
  // OTP: ets:delete/2. Nothing happens if there is none.
  void erase(const Key& key) { writing().erase(to_term(key)); }
  void delete_object(const Row& row) { writing().erase_row(to_term(row)); }
  void delete_all_objects() { writing().erase_all(); }
  // Reads and deletes in one step.
  std::vector<Row> take(const Key& key) { return rows_of(writing().take(to_term(key))); }

  // -- changes in one step ----------------------------------------------------------------------

  // The new value. Without a row with this key: of `otherwise`, which is then inserted under it.
  std::int64_t update_counter(const Key& key, std::int64_t Row::*field, std::int64_t increment,
                              std::optional<Row> otherwise = std::nullopt) {
    return count(key, {detail::position_of_field(field), increment, {}}, std::move(otherwise));
  }
  // A counter that passes the threshold becomes `reset`.
  std::int64_t update_counter(const Key& key, std::int64_t Row::*field, std::int64_t increment,
                              CounterStep::Threshold threshold,
                              std::optional<Row> otherwise = std::nullopt) {
    return count(key, {detail::position_of_field(field), increment, threshold},
                 std::move(otherwise));
  }
  // Several at once, by positions in the tuple. OTP: ets:update_counter/3 with a list.
  std::vector<std::int64_t> update_counters(const Key& key, const std::vector<CounterStep>& steps,
                                            std::optional<Row> otherwise = std::nullopt) {
    return writing().update_counter(to_term(key), steps, term_of(std::move(otherwise)));
  }
  // False if there is no such row.
  template <class Field>
  bool update_element(const Key& key, Field Row::*field, std::type_identity_t<Field> value) {
    const TableField change{detail::position_of_field(field), to_term(value)};
    return writing().update_element(to_term(key), {&change, 1});
  }
  bool update_elements(const Key& key, const std::vector<TableField>& fields) {
    return writing().update_element(to_term(key), fields);
  }
  // Any change of one row of a set that leaves its key: what it has become; nothing if it is not
  // there. `change` takes Row& and may be called again on a fresh copy.
  template <std::invocable<Row&> Change>
  std::optional<Row> update(const Key& key, Change change) {
    TableCore& core = writing();
    for (;;) {
      const auto old = core.find(to_term(key));
      if (!old) return std::nullopt;
      Row row = detail::from_row<Row>(*old);
      change(row);
      if (core.replace(*old, to_term(row))) return row;
    }
  }

  // -- traversal: what is there all the time is met once, whatever else comes and goes ----------

  std::optional<Key> first() const { return key_from(reading().first()); }
  std::optional<Key> last() const { return key_from(reading().last()); }
  // Of a key that need not be there (OTP: of an ordered_set, or a fixed table).
  std::optional<Key> next(const Key& key) const { return key_from(reading().after(to_term(key))); }
  std::optional<Key> prev(const Key& key) const { return key_from(reading().before(to_term(key))); }
  void safe_fixtable(bool on) { self_.node().tables().fix(reading(), self_.pid(), on); }

  template <class Value, std::invocable<Value, const Row&> Step>
  Value foldl(Value value, Step step) const {
    for_each({}, [&](const Term&, const Row& row) { value = step(std::move(value), row); });
    return value;
  }
  std::vector<Row> tab2list() const {
    return select([](const Row&) { return true; });
  }

  // -- match specifications: a predicate over rows, and what of them is wanted ------------------

  template <std::predicate<const Row&> Wanted>
  std::vector<Row> select(Wanted wanted) const {
    return select(Range(), std::move(wanted));
  }
  template <std::predicate<const Row&> Wanted>
  std::vector<Row> select(const Range& range, Wanted wanted) const {
    std::vector<Row> rows;
    for_each(range, [&](const Term&, Row& row) {
      if (wanted(std::as_const(row))) rows.push_back(std::move(row));
    });
    return rows;
  }
  // select(predicate, &Account::owner), or any function of a row.
  template <std::predicate<const Row&> Wanted, std::invocable<const Row&> What>
  auto select(Wanted wanted, What what) const {
    std::vector<std::decay_t<std::invoke_result_t<What, const Row&>>> found;
    for_each(Range(), [&](const Term&, const Row& row) {
      if (wanted(row)) found.push_back(std::invoke(what, row));
    });
    return found;
  }
  template <std::predicate<const Row&> Wanted>
  TableSelection<Row, Wanted> select_limited(std::size_t limit, Wanted wanted) const {
    static_cast<void>(reading());
    return TableSelection<Row, Wanted>(core_, limit, std::move(wanted));
  }
  template <std::predicate<const Row&> Wanted>
  std::size_t select_count(Wanted wanted) const {
    std::size_t count = 0;
    for_each(Range(), [&](const Term&, const Row& row) { count += wanted(row) ? 1u : 0u; });
    return count;
  }
  // A row that is changed meanwhile is not the one that was looked at, and stays.
  template <std::predicate<const Row&> Wanted>
  std::size_t select_delete(Wanted wanted) {
    TableCore& core = writing();
    std::size_t count = 0;
    for_each(Range(), [&](const Term& term, const Row& row) {
      if (wanted(row)) count += core.erase_row(term);
    });
    return count;
  }
  // `change` takes Row& and leaves the key. OTP: ets:select_replace/2; each row by itself.
  template <std::predicate<const Row&> Wanted, std::invocable<Row&> Change>
  std::size_t select_replace(Wanted wanted, Change change) {
    TableCore& core = writing();
    std::size_t count = 0;
    for_each(Range(), [&](const Term& term, Row& row) {
      if (!wanted(std::as_const(row))) return;
      change(row);
      if (core.replace(term, to_term(row))) ++count;
    });
    return count;
  }

  // -- the table itself: for its owner ----------------------------------------------------------

  void delete_table() { self_.node().tables().erase(*core_, self_.pid()); }
  void rename(Atom name) { self_.node().tables().rename(*core_, self_.pid(), name); }
  void set_heir(std::optional<TableHeir> heir) {
    self_.node().tables().set_heir(*core_, self_.pid(), std::move(heir));
  }
  void give_away(Pid to, Term gift) {
    self_.node().tables().give_away(*core_, self_.pid(), to, std::move(gift));
  }

 private:
  Table(Self self, std::shared_ptr<TableCore> core) : self_(self), core_(std::move(core)) {
    if (core_ == nullptr) table_badarg("there is no such table");
    const std::uint64_t schema = detail::row_schema<Row>();
    if (schema != 0 && core_->schema() != schema)
      table_badarg("the table has rows of another type");
  }

  const TableCore& reading() const {
    --self_.process().reductions_left;
    core_->require_read(self_.pid());
    return *core_;
  }
  TableCore& writing() {
    --self_.process().reductions_left;
    core_->require_write(self_.pid());
    return *core_;
  }

  std::int64_t count(const Key& key, CounterStep step, std::optional<Row> otherwise) {
    return writing().update_counter(to_term(key), {&step, 1}, term_of(std::move(otherwise)))[0];
  }
  // Calls look(term, row) for the rows with keys in the range.
  template <class Look>
  void for_each(const Range& range, Look look) const {
    const TableCore& core = reading();
    const bool is_ordered = core.type() == TableType::ordered_set;
    TablePlace place;
    if (is_ordered && range.from) place = {TablePlace::Where::from, to_term(*range.from)};
    for (;;) {
      const std::vector<Term> terms = core.chunk(place, detail::rows_at_once);
      if (terms.empty()) return;
      for (const Term& term : terms) {
        const Term& key = term.element(core.key_position() - 1);
        const bool is_below = !range.below || compare(key, to_term(*range.below)) < 0;
        if (!is_below && is_ordered) return;
        const bool is_above = !range.from || compare(key, to_term(*range.from)) >= 0;
        if (!is_below || !is_above) continue;
        Row row = detail::from_row<Row>(term);
        look(term, row);
      }
    }
  }

  static std::vector<Term> terms_of(const std::vector<Row>& rows) {
    std::vector<Term> terms;
    terms.reserve(rows.size());
    for (const Row& row : rows)
      terms.push_back(to_term(row));
    return terms;
  }
  static std::vector<Row> rows_of(const std::vector<Term>& terms) {
    std::vector<Row> rows;
    rows.reserve(terms.size());
    for (const Term& term : terms)
      rows.push_back(detail::from_row<Row>(term));
    return rows;
  }
  static std::optional<Term> term_of(std::optional<Row> row) {
    if (!row) return std::nullopt;
    return to_term(*row);
  }
  static std::optional<Key> key_from(const std::optional<Term>& key) {
    if (!key) return std::nullopt;
    return detail::from_row<Key>(*key);
  }

  Self self_;
  std::shared_ptr<TableCore> core_;
};

}  // namespace glasshouse::runtime

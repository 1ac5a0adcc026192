#include "runtime/table/table_core.h"

#include <algorithm>
#include <utility>

#include "runtime/process/process.h"

namespace glasshouse::runtime {

using namespace literals;

namespace {

// Enough that two of a dozen cores rarely meet. ThreadSanitizer follows at most 64 locks at once.
constexpr unsigned shard_bits_of_shared = 5;

unsigned shard_bits_of(const TableOptions& options) {
  const bool is_shared = options.access != TableAccess::private_;
  return is_shared && options.type != TableType::ordered_set ? shard_bits_of_shared : 0;
}

std::uint64_t packed(Pid pid) {
  return std::uint64_t{pid.id} << 32 | pid.serial;
}

bool is_set(TableType type) {
  return type == TableType::set || type == TableType::ordered_set;
}

Term with_element(const Term& row, std::size_t position, Term value) {
  const auto elements = row.as_tuple();
  std::vector<Term> changed(elements.begin(), elements.end());
  changed[position - 1] = std::move(value);
  return tuple_of(std::move(changed));
}

}  // namespace

void table_badarg(std::string_view why) {
  throw ExitException(tuple(Term(atoms::badarg), binary(why)));
}

Term Conversion<TableTransfer>::to_term(const TableTransfer& transfer) {
  return tuple(Term("ETS-TRANSFER"_atom), Term(transfer.table), Term(transfer.from), transfer.data);
}

Result<TableTransfer> Conversion<TableTransfer>::from_term(const Term& term) {
  if (!term.is_tuple("ETS-TRANSFER"_atom, 4)) {
    return detail::expected("{'ETS-TRANSFER',Tid,FromPid,HeirData}", term);
  }
  auto table = runtime::from_term<Ref>(term.element(1));
  if (!table) return table.error();
  auto from = runtime::from_term<Pid>(term.element(2));
  if (!from) return from.error();
  return TableTransfer{*table, *from, term.element(3)};
}

TableCore::TableCore(Ref id, Pid owner, const TableOptions& options, std::uint64_t schema)
    : id_(id),
      type_(options.type),
      access_(options.access),
      key_position_(std::max<std::size_t>(options.key_position, 1)),
      schema_(schema),
      shard_bits_(shard_bits_of(options)),
      shards_(std::size_t{1} << shard_bits_),
      node_(owner.node),
      creation_(owner.creation),
      owner_(packed(owner)) {
  for (Shard& shard : shards_)
    shard.rows = TableRows::make(type_, key_position_, shard_bits_);
}

Pid TableCore::owner() const {
  const std::uint64_t now = owner_.load(std::memory_order_acquire);
  return {node_, static_cast<std::uint32_t>(now >> 32), static_cast<std::uint32_t>(now), creation_};
}

void TableCore::set_owner(Pid owner) {
  owner_.store(packed(owner), std::memory_order_release);
}

void TableCore::require_alive() const {
  if (is_gone()) table_badarg("the table was deleted");
}

void TableCore::require_read(Pid who) const {
  if (access_ == TableAccess::private_) require_owner(who);
}

void TableCore::require_write(Pid who) const {
  if (access_ != TableAccess::public_) require_owner(who);
}

void TableCore::require_owner(Pid who) const {
  require_alive();
  if (who != owner()) table_badarg("only the owner of the table may do this");
}

void TableCore::require_rows(std::span<const Term> rows) const {
  for (const Term& row : rows) {
    if (!row.is_tuple() || row.size() < key_position_) {
      table_badarg("a row is a tuple that has a key");
    }
  }
}

void TableCore::require_fields(std::size_t position, const Term& row) const {
  if (!is_set(type_)) table_badarg("only rows of sets can be updated");
  if (position == key_position_) table_badarg("the key of a row cannot be updated");
  if (position == 0 || position > row.size()) table_badarg("the row has no such element");
}

std::size_t TableCore::shard_of(const Term& key) const {
  if (shard_bits_ == 0) return 0;
  return static_cast<std::size_t>(TableRows::position_of(key) >> (64 - shard_bits_));
}

std::size_t TableCore::size() const {
  std::size_t sum = 0;
  for (const Shard& shard : shards_) {
    const ReadLock lock(shard.mutex);
    sum += shard.rows->size();
  }
  require_alive();
  return sum;
}

std::vector<Term> TableCore::lookup(const Term& key) const {
  std::vector<Term> rows;
  const Shard& shard = shards_[shard_of(key)];
  const ReadLock lock(shard.mutex);
  require_alive();
  shard.rows->collect(key, rows);
  return rows;
}

std::optional<Term> TableCore::find(const Term& key) const {
  const Shard& shard = shards_[shard_of(key)];
  const ReadLock lock(shard.mutex);
  require_alive();
  const Term* const row = shard.rows->find(key);
  return row == nullptr ? std::nullopt : std::optional<Term>(*row);
}

bool TableCore::member(const Term& key) const {
  const Shard& shard = shards_[shard_of(key)];
  const ReadLock lock(shard.mutex);
  require_alive();
  return shard.rows->find(key) != nullptr;
}

std::vector<TableCore::WriteLock> TableCore::lock_for(std::span<const Term> rows) {
  std::vector<std::size_t> involved;
  involved.reserve(rows.size());
  for (const Term& row : rows)
    involved.push_back(shard_of(key_of(row)));
  std::sort(involved.begin(), involved.end());
  involved.erase(std::unique(involved.begin(), involved.end()), involved.end());
  std::vector<WriteLock> locks;
  locks.reserve(involved.size());
  for (const std::size_t index : involved)
    locks.emplace_back(shards_[index].mutex);
  require_alive();
  return locks;
}

void TableCore::insert(std::span<const Term> rows) {
  require_rows(rows);
  if (rows.size() == 1) {
    Shard& shard = shards_[shard_of(key_of(rows[0]))];
    const WriteLock lock(shard.mutex);
    require_alive();
    return shard.rows->insert(rows[0]);
  }
  const auto locks = lock_for(rows);
  for (const Term& row : rows)
    shards_[shard_of(key_of(row))].rows->insert(row);
}

bool TableCore::insert_new(std::span<const Term> rows) {
  require_rows(rows);
  const auto locks = lock_for(rows);
  for (const Term& row : rows) {
    if (shards_[shard_of(key_of(row))].rows->find(key_of(row)) != nullptr) return false;
  }
  for (const Term& row : rows)
    shards_[shard_of(key_of(row))].rows->insert(row);
  return true;
}

std::vector<Term> TableCore::take(const Term& key) {
  std::vector<Term> rows;
  Shard& shard = shards_[shard_of(key)];
  const WriteLock lock(shard.mutex);
  require_alive();
  shard.rows->collect(key, rows);
  shard.rows->erase(key);
  return rows;
}

std::size_t TableCore::erase(const Term& key) {
  Shard& shard = shards_[shard_of(key)];
  const WriteLock lock(shard.mutex);
  require_alive();
  return shard.rows->erase(key);
}

std::size_t TableCore::erase_row(const Term& row) {
  require_rows({&row, 1});
  Shard& shard = shards_[shard_of(key_of(row))];
  const WriteLock lock(shard.mutex);
  require_alive();
  return shard.rows->erase_row(row);
}

void TableCore::erase_all() {
  std::vector<WriteLock> locks;
  for (Shard& shard : shards_)
    locks.emplace_back(shard.mutex);
  require_alive();
  for (Shard& shard : shards_)
    shard.rows->clear();
}

Term TableCore::counted(const Term& row, std::span<const CounterStep> steps,
                        std::vector<std::int64_t>& values) const {
  Term changed = row;
  for (const CounterStep& step : steps) {
    require_fields(step.position, row);
    const auto old = changed.element(step.position - 1).as_integer();
    std::int64_t sum = 0;
    if (!old) table_badarg("a counter is an integer of 64 bits");
    if (__builtin_add_overflow(*old, step.increment, &sum)) {
      table_badarg("the counter would not fit 64 bits");
    }
    if (const auto& limit = step.threshold) {
      const bool is_passed = step.increment < 0 ? sum < limit->value : sum > limit->value;
      if (is_passed) sum = limit->reset;
    }
    values.push_back(sum);
    changed = with_element(changed, step.position, Term(sum));
  }
  return changed;
}

std::vector<std::int64_t> TableCore::update_counter(const Term& key,
                                                    std::span<const CounterStep> steps,
                                                    const std::optional<Term>& otherwise) {
  std::vector<std::int64_t> values;
  Shard& shard = shards_[shard_of(key)];
  const WriteLock lock(shard.mutex);
  require_alive();
  const Term* const found = shard.rows->find(key);
  if (found == nullptr && !otherwise) table_badarg("there is no row with this key");
  Term row = found != nullptr ? *found : *otherwise;
  if (found == nullptr) {
    require_rows({&row, 1});
    row = with_element(row, key_position_, key);  // OTP: the key of the default is replaced
  }
  Term changed = counted(row, steps, values);
  shard.rows->insert(std::move(changed));
  return values;
}

bool TableCore::update_element(const Term& key, std::span<const TableField> fields) {
  Shard& shard = shards_[shard_of(key)];
  const WriteLock lock(shard.mutex);
  require_alive();
  const Term* const found = shard.rows->find(key);
  if (found == nullptr) return false;
  Term row = *found;
  for (const TableField& field : fields) {
    require_fields(field.position, row);
    row = with_element(row, field.position, field.value);
  }
  shard.rows->insert(std::move(row));
  return true;
}

bool TableCore::replace(const Term& row, const Term& by) {
  require_rows({&by, 1});
  if (!is_set(type_)) table_badarg("only rows of sets can be updated");
  if (key_of(row) != key_of(by)) table_badarg("the key of a row cannot be updated");
  Shard& shard = shards_[shard_of(key_of(row))];
  const WriteLock lock(shard.mutex);
  require_alive();
  return shard.rows->replace(row, by);
}

std::optional<Term> TableCore::first() const {
  for (const Shard& shard : shards_) {
    const ReadLock lock(shard.mutex);
    require_alive();
    if (const Term* row = shard.rows->first()) return key_of(*row);
  }
  return std::nullopt;
}

std::optional<Term> TableCore::last() const {
  if (type_ != TableType::ordered_set) return first();
  const ReadLock lock(shards_[0].mutex);
  require_alive();
  const Term* const row = shards_[0].rows->last();
  return row == nullptr ? std::nullopt : std::optional<Term>(key_of(*row));
}

std::optional<Term> TableCore::after(const Term& key) const {
  const std::size_t own = shard_of(key);
  for (std::size_t i = own; i < shards_.size(); ++i) {
    const ReadLock lock(shards_[i].mutex);
    require_alive();
    const Term* const row = i == own ? shards_[i].rows->after(key) : shards_[i].rows->first();
    if (row != nullptr) return key_of(*row);
  }
  return std::nullopt;
}

std::optional<Term> TableCore::before(const Term& key) const {
  if (type_ != TableType::ordered_set) return after(key);
  const ReadLock lock(shards_[0].mutex);
  require_alive();
  const Term* const row = shards_[0].rows->before(key);
  return row == nullptr ? std::nullopt : std::optional<Term>(key_of(*row));
}

std::vector<Term> TableCore::chunk(TablePlace& place, std::size_t count) const {
  std::vector<Term> rows;
  const bool is_at_key =
      place.where == TablePlace::Where::from || place.where == TablePlace::Where::after;
  std::size_t index = is_at_key ? shard_of(place.key) : 0;
  if (place.where == TablePlace::Where::end) return rows;
  for (; index < shards_.size(); ++index) {
    const ReadLock lock(shards_[index].mutex);
    require_alive();
    shards_[index].rows->chunk(place, count, rows);
    if (place.where != TablePlace::Where::end) return rows;
    if (index + 1 == shards_.size()) return rows;
    if (rows.size() >= count) {
      place = {TablePlace::Where::after, key_of(rows.back())};
      return rows;
    }
    place = {};
  }
  return rows;
}

// Who was in time to put a row into a shard did so before we have its lock.
void TableCore::free_rows() {
  for (Shard& shard : shards_) {
    const WriteLock lock(shard.mutex);
    shard.rows->clear();
  }
}

}  // namespace glasshouse::runtime

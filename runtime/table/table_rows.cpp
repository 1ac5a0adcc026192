#include "runtime/table/table_rows.h"

#include <map>
#include <utility>

#include "runtime/base/pool.h"

namespace glasshouse::runtime {

namespace {

constexpr unsigned bits_least = 2;

// Buckets are addressed by the leading bits of a position, and each is a list sorted by (position,
// key): so the buckets one after the other are sorted, too, however many there are.
class HashRows final : public TableRows {
 public:
  HashRows(TableType type, std::size_t key_position, unsigned shard_bits)
      : TableRows(key_position), type_(type), shard_bits_(shard_bits), buckets_(1u << bits_least) {}
  HashRows(const HashRows&) = delete;
  HashRows& operator=(const HashRows&) = delete;
  ~HashRows() override { free_all(); }

  const Term* find(const Term& key) const override;
  void collect(const Term& key, std::vector<Term>& rows) const override;
  void insert(Term row) override;
  std::size_t erase(const Term& key) override;
  std::size_t erase_row(const Term& row) override;
  bool replace(const Term& row, Term by) override;
  const Term* first() const override { return row_of(first_from(0)); }
  const Term* last() const override { return first(); }  // OTP: the same, unless ordered
  const Term* after(const Term& key) const override { return row_of(slot_after(key)); }
  const Term* before(const Term& key) const override { return after(key); }
  void chunk(TablePlace& place, std::size_t count, std::vector<Term>& rows) const override;
  void clear() override;

 private:
  struct Slot : Pooled {
    std::uint64_t position = 0;
    Slot* next = nullptr;
    Term row;
  };
  // Where the rows of a key are, or would be.
  struct Found {
    Slot** at = nullptr;
    std::uint64_t position = 0;
    bool is_there = false;
  };

  std::size_t bucket_of(std::uint64_t position) const {
    return static_cast<std::size_t>((position << shard_bits_) >> (64 - bits_));
  }
  static const Term* row_of(const Slot* slot) { return slot == nullptr ? nullptr : &slot->row; }
  bool has_key(const Slot* slot, std::uint64_t position, const Term& key) const {
    return slot != nullptr && slot->position == position && key_of(slot->row) == key;
  }
  Found locate(const Term& key) const;
  Slot* first_from(std::size_t bucket) const;
  Slot* slot_after(const Term& key) const;
  Slot* next_of(Slot* slot) const {
    return slot->next != nullptr ? slot->next : first_from(bucket_of(slot->position) + 1);
  }
  void add(Slot** at, std::uint64_t position, Term row);
  void drop(Slot** at);
  void grow();
  void free_all();

  TableType type_;
  unsigned shard_bits_;
  unsigned bits_ = bits_least;
  std::vector<Slot*> buckets_;
};

HashRows::Found HashRows::locate(const Term& key) const {
  const std::uint64_t position = position_of(key);
  // The lists are ours to change; who may only read gets no more than a look from the callers.
  auto** at = const_cast<Slot**>(&buckets_[bucket_of(position)]);
  for (; *at != nullptr && (*at)->position <= position; at = &(*at)->next) {
    if ((*at)->position < position) continue;
    const Term& other = key_of((*at)->row);
    if (other == key) return {at, position, true};
    if (compare_exactly(other, key) > 0) break;
  }
  return {at, position, false};
}

HashRows::Slot* HashRows::first_from(std::size_t bucket) const {
  for (; bucket < buckets_.size(); ++bucket) {
    if (buckets_[bucket] != nullptr) return buckets_[bucket];
  }
  return nullptr;
}

HashRows::Slot* HashRows::slot_after(const Term& key) const {
  const Found found = locate(key);
  Slot* slot = *found.at;
  while (has_key(slot, found.position, key))
    slot = slot->next;
  return slot != nullptr ? slot : first_from(bucket_of(found.position) + 1);
}

const Term* HashRows::find(const Term& key) const {
  const Found found = locate(key);
  return found.is_there ? &(*found.at)->row : nullptr;
}

void HashRows::collect(const Term& key, std::vector<Term>& rows) const {
  const Found found = locate(key);
  for (const Slot* slot = *found.at; has_key(slot, found.position, key); slot = slot->next)
    rows.push_back(slot->row);
}

void HashRows::insert(Term row) {
  const Term& key = key_of(row);
  const Found found = locate(key);
  if (!found.is_there) return add(found.at, found.position, std::move(row));
  if (type_ == TableType::set) {
    (*found.at)->row = std::move(row);
    return;
  }
  Slot** at = found.at;
  for (; has_key(*at, found.position, key); at = &(*at)->next) {
    if (type_ == TableType::bag && (*at)->row == row) return;
  }
  add(at, found.position, std::move(row));
}

void HashRows::add(Slot** at, std::uint64_t position, Term row) {
  auto* slot = new Slot;
  slot->position = position;
  slot->row = std::move(row);
  slot->next = *at;
  *at = slot;
  if (++size_ > buckets_.size()) grow();
}

void HashRows::drop(Slot** at) {
  Slot* const slot = *at;
  *at = slot->next;
  --size_;
  delete slot;
}

std::size_t HashRows::erase(const Term& key) {
  const Found found = locate(key);
  std::size_t gone = 0;
  for (; has_key(*found.at, found.position, key); ++gone)
    drop(found.at);
  return gone;
}

std::size_t HashRows::erase_row(const Term& row) {
  const Term& key = key_of(row);
  const Found found = locate(key);
  std::size_t gone = 0;
  for (Slot** at = found.at; has_key(*at, found.position, key);) {
    if ((*at)->row == row) {
      drop(at);
      ++gone;
    } else {
      at = &(*at)->next;
    }
  }
  return gone;
}

bool HashRows::replace(const Term& row, Term by) {
  const Found found = locate(key_of(row));
  if (!found.is_there || (*found.at)->row != row) return false;
  (*found.at)->row = std::move(by);
  return true;
}

void HashRows::chunk(TablePlace& place, std::size_t count, std::vector<Term>& rows) const {
  Slot* slot = nullptr;
  if (place.where == TablePlace::Where::begin) slot = first_from(0);
  if (place.where == TablePlace::Where::after) slot = slot_after(place.key);
  if (place.where == TablePlace::Where::from) {
    const Found found = locate(place.key);
    slot = *found.at != nullptr ? *found.at : first_from(bucket_of(found.position) + 1);
  }
  const Slot* last = nullptr;
  for (; slot != nullptr; slot = next_of(slot)) {
    const bool is_new_key = last == nullptr || !has_key(slot, last->position, key_of(last->row));
    if (is_new_key && rows.size() >= count) {
      if (last != nullptr) place = {TablePlace::Where::after, key_of(last->row)};
      return;
    }
    rows.push_back(slot->row);
    last = slot;
  }
  place = {TablePlace::Where::end, Term()};
}

// Each bucket becomes two neighbours: its list is cut where the next bit begins to be set.
void HashRows::grow() {
  std::vector<Slot*> twice(buckets_.size() * 2);
  ++bits_;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    Slot** at = &buckets_[i];
    while (*at != nullptr && bucket_of((*at)->position) == 2 * i)
      at = &(*at)->next;
    twice[2 * i + 1] = std::exchange(*at, nullptr);
    twice[2 * i] = buckets_[i];
  }
  buckets_ = std::move(twice);
}

void HashRows::free_all() {
  for (Slot* slot : buckets_) {
    while (slot != nullptr)
      delete std::exchange(slot, slot->next);
  }
}

void HashRows::clear() {
  free_all();
  bits_ = bits_least;
  buckets_.assign(1u << bits_least, nullptr);
  size_ = 0;
}

class OrderedRows final : public TableRows {
 public:
  explicit OrderedRows(std::size_t key_position) : TableRows(key_position) {}

  const Term* find(const Term& key) const override { return row_at(rows_.find(key)); }
  void collect(const Term& key, std::vector<Term>& rows) const override {
    if (const Term* row = find(key)) rows.push_back(*row);
  }
  void insert(Term row) override {
    const Term key = key_of(row);
    auto at = rows_.lower_bound(key);
    if (at != rows_.end() && compare(at->first, key) == 0) {
      if (at->first == key) {
        at->second = std::move(row);
        return;
      }
      at = rows_.erase(at);  // the new row brings its own key along: 1.0 replaces 1
    }
    rows_.emplace_hint(at, key, std::move(row));
    size_ = rows_.size();
  }
  std::size_t erase(const Term& key) override {
    const std::size_t gone = rows_.erase(key);
    size_ = rows_.size();
    return gone;
  }
  std::size_t erase_row(const Term& row) override {
    const Term* const found = find(key_of(row));
    return found != nullptr && *found == row ? erase(key_of(row)) : 0;
  }
  bool replace(const Term& row, Term by) override {
    const auto found = rows_.find(key_of(row));
    if (found == rows_.end() || found->second != row) return false;
    found->second = std::move(by);
    return true;
  }
  const Term* first() const override { return row_at(rows_.begin()); }
  const Term* last() const override { return rows_.empty() ? nullptr : &rows_.rbegin()->second; }
  const Term* after(const Term& key) const override { return row_at(rows_.upper_bound(key)); }
  const Term* before(const Term& key) const override {
    const auto found = rows_.lower_bound(key);
    return found == rows_.begin() ? nullptr : &std::prev(found)->second;
  }
  void chunk(TablePlace& place, std::size_t count, std::vector<Term>& rows) const override;
  void clear() override {
    rows_.clear();
    size_ = 0;
  }

 private:
  struct Less {
    bool operator()(const Term& left, const Term& right) const noexcept {
      return compare(left, right) < 0;
    }
  };
  using Map = std::map<Term, Term, Less>;
  const Term* row_at(Map::const_iterator found) const {
    return found == rows_.end() ? nullptr : &found->second;
  }
  Map rows_;
};

void OrderedRows::chunk(TablePlace& place, std::size_t count, std::vector<Term>& rows) const {
  auto row = rows_.begin();
  if (place.where == TablePlace::Where::end) return;
  if (place.where == TablePlace::Where::from) row = rows_.lower_bound(place.key);
  if (place.where == TablePlace::Where::after) row = rows_.upper_bound(place.key);
  for (; row != rows_.end(); ++row) {
    if (rows.size() >= count) return;
    rows.push_back(row->second);
    place = {TablePlace::Where::after, row->first};
  }
  place = {TablePlace::Where::end, Term()};
}

}  // namespace

std::unique_ptr<TableRows> TableRows::make(TableType type, std::size_t key_position,
                                           unsigned shard_bits) {
  if (type == TableType::ordered_set) return std::make_unique<OrderedRows>(key_position);
  return std::make_unique<HashRows>(type, key_position, shard_bits);
}

}  // namespace glasshouse::runtime

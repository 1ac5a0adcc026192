#pragma once

// A list in the order of insertion that finds and removes by a key in constant time, however long
// it is. Short ones are scanned and have no index: most processes have a link or two, a supervisor
// may have a million. Single-threaded.
//
//   struct ByPid { Pid operator()(const Child& child) const { return child.pid; } };
//   KeyedList<Child, ByPid> children;
//
// REQUIRES: no two items have equal keys. T() stands for "nothing here": its key is Key(), and an
// item with that key is found and removed, but not met in a walk once the list has an index.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace glasshouse::runtime {

template <class T, class KeyOf>
class KeyedList {
 public:
  using Key = std::decay_t<std::invoke_result_t<KeyOf, const T&>>;

  // Lists up to this length are scanned.
  static constexpr std::size_t scanned_max = 32;

  // Forward, in the order of insertion. Invalid after any change.
  template <class Item>
  class Walk {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = Item*;
    using reference = Item&;
    Walk() = default;
    Walk(Item* at, Item* end, bool has_holes) : at_(at), end_(end), has_holes_(has_holes) {
      skip();
    }
    Item& operator*() const { return *at_; }
    Item* operator->() const { return at_; }
    Walk& operator++() {
      ++at_;
      skip();
      return *this;
    }
    Walk operator++(int) {
      Walk before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const Walk& left, const Walk& right) { return left.at_ == right.at_; }

   private:
    void skip() {
      while (has_holes_ && at_ != end_ && KeyOf{}(*at_) == Key())
        ++at_;
    }
    Item* at_ = nullptr;
    Item* end_ = nullptr;
    bool has_holes_ = false;
  };

  std::size_t size() const { return index_ ? items_.size() - index_->holes : items_.size(); }
  bool empty() const { return size() == 0; }
  auto begin() { return Walk<T>(items_.data(), past_last(), has_index()); }
  auto end() { return Walk<T>(past_last(), past_last(), has_index()); }
  auto begin() const { return Walk<const T>(items_.data(), past_last(), has_index()); }
  auto end() const { return Walk<const T>(past_last(), past_last(), has_index()); }

  // Null if there is none; valid until the next change.
  T* find(const Key& key) {
    const std::size_t at = position_of(key);
    return at == items_.size() ? nullptr : &items_[at];
  }
  const T* find(const Key& key) const { return const_cast<KeyedList*>(this)->find(key); }
  bool contains(const Key& key) const { return find(key) != nullptr; }

  void push_back(T item) {
    items_.push_back(std::move(item));
    if (!index_ && items_.size() > scanned_max) index_ = std::make_unique<Index>();
    if (!index_) return;
    if (2 * items_.size() > index_->places.size()) {
      make_index();
    } else {
      index_->places[free_place(KeyOf{}(items_.back()))] = static_cast<Place>(items_.size());
    }
  }

  // False if there was none.
  bool erase(const Key& key) {
    if (!index_) {
      const std::size_t at = position_of(key);
      if (at == items_.size()) return false;
      items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(at));
      return true;
    }
    const std::size_t place = place_of(key);
    if (index_->places[place] == 0) return false;
    T& item = items_[index_->places[place] - 1];
    free(place);
    item = T();
    // Half of a long list may be holes: closing them costs each of them a constant.
    if (++index_->holes > scanned_max && 2 * index_->holes > items_.size()) close_holes();
    return true;
  }

  void clear() {
    items_.clear();
    index_.reset();
  }

 private:
  using Place = std::uint32_t;  // a position in items_ and one more; 0: free
  // Open addressing with linear probing; at most half of the places are taken.
  struct Index {
    std::vector<Place> places;
    std::size_t holes = 0;
  };

  bool has_index() const { return index_ != nullptr; }
  T* past_last() { return items_.data() + items_.size(); }
  const T* past_last() const { return items_.data() + items_.size(); }

  std::size_t position_of(const Key& key) const {
    if (index_) {
      const Place found = index_->places[place_of(key)];
      return found == 0 ? items_.size() : found - 1;
    }
    std::size_t at = 0;
    while (at < items_.size() && !(KeyOf{}(items_[at]) == key))
      ++at;
    return at;
  }
  std::size_t mask() const { return index_->places.size() - 1; }
  std::size_t home_of(const Key& key) const { return std::hash<Key>{}(key)&mask(); }
  const T& item_at(std::size_t place) const { return items_[index_->places[place] - 1]; }
  // Where the key is, or a free place.
  std::size_t place_of(const Key& key) const {
    std::size_t place = home_of(key);
    while (index_->places[place] != 0 && !(KeyOf{}(item_at(place)) == key))
      place = (place + 1) & mask();
    return place;
  }
  std::size_t free_place(const Key& key) const {
    std::size_t place = home_of(key);
    while (index_->places[place] != 0)
      place = (place + 1) & mask();
    return place;
  }
  // What was displaced by the entry moves nearer to its home.
  void free(std::size_t hole) {
    auto& places = index_->places;
    for (std::size_t next = (hole + 1) & mask(); places[next] != 0; next = (next + 1) & mask()) {
      const std::size_t home = home_of(KeyOf{}(item_at(next)));
      if (((next - home) & mask()) < ((next - hole) & mask())) continue;
      places[hole] = places[next];
      hole = next;
    }
    places[hole] = 0;
  }

  void close_holes() {
    std::vector<T> kept;
    kept.reserve(size());
    for (T& item : *this)
      kept.push_back(std::move(item));
    items_ = std::move(kept);
    if (items_.size() <= scanned_max / 2) {
      index_.reset();
    } else {
      index_->holes = 0;
      make_index();
    }
  }
  void make_index() {
    std::size_t count = 4 * scanned_max;
    while (count < 4 * items_.size())
      count *= 2;
    index_->places.assign(count, 0);
    for (std::size_t at = 0; at < items_.size(); ++at) {
      const Key key = KeyOf{}(items_[at]);
      if (index_->holes != 0 && key == Key()) continue;
      index_->places[free_place(key)] = static_cast<Place>(at + 1);
    }
  }

  std::vector<T> items_;
  std::unique_ptr<Index> index_;
};

}  // namespace glasshouse::runtime

#include "runtime/table/persistent_term.h"

#include <algorithm>
#include <utility>

#include "runtime/base/hash.h"
#include "runtime/process/process.h"
#include "runtime/term/print.h"

namespace glasshouse::runtime {

namespace {
constexpr std::size_t slots_least = 64;
}

PersistentTerms::PersistentTerms() {
  all_slots_.push_back(std::make_unique<Slots>(slots_least));
  slots_.store(all_slots_.back().get(), std::memory_order_release);
}

PersistentTerms::~PersistentTerms() = default;

// The slot of the key, or the free one where it would be: there is always a free one.
PersistentTerms::Slot* PersistentTerms::look(Slots& slots, const Term& key) {
  std::size_t place = mix(key.hash()) & slots.mask;
  for (;; place = (place + 1) & slots.mask) {
    Slot& slot = slots.slots[place];
    if (!slot.is_used.load(std::memory_order_acquire) || slot.key == key) return &slot;
  }
}

// A slot that was free a moment ago may get another key's value now: so it is asked once.
const PersistentTerms::Held* PersistentTerms::find(const Term& key) const {
  const Slots& slots = *slots_.load(std::memory_order_acquire);
  std::size_t place = mix(key.hash()) & slots.mask;
  for (;; place = (place + 1) & slots.mask) {
    const Slot& slot = slots.slots[place];
    if (!slot.is_used.load(std::memory_order_acquire)) return nullptr;
    if (slot.key == key) return slot.value.load(std::memory_order_acquire);
  }
}

void PersistentTerms::grow() {
  Slots& old = *all_slots_.back();
  auto twice = std::make_unique<Slots>(old.slots.size() * 2);
  for (Slot& slot : old.slots) {
    if (!slot.is_used.load(std::memory_order_relaxed)) continue;
    Slot& copy = *look(*twice, slot.key);
    copy.key = slot.key;
    copy.value.store(slot.value.load(std::memory_order_relaxed), std::memory_order_relaxed);
    copy.is_used.store(true, std::memory_order_relaxed);
  }
  slots_.store(twice.get(), std::memory_order_release);
  all_slots_.push_back(std::move(twice));
}

PersistentTerms::Slot& PersistentTerms::slot_for(const Term& key) {
  if (2 * used_ >= all_slots_.back()->slots.size()) grow();
  return *look(*all_slots_.back(), key);
}

void PersistentTerms::put(const Term& key, std::unique_ptr<Held> value) {
  const std::unique_lock lock(mutex_);
  Slot& slot = slot_for(key);
  const Held* const old = slot.value.load(std::memory_order_relaxed);
  if (old != nullptr && old->schema == value->schema && old->term() == value->term()) return;
  if (old == nullptr) ++count_;
  const Held* const shared = value.get();
  values_.push_back(std::move(value));
  slot.value.store(shared, std::memory_order_release);
  if (slot.is_used.load(std::memory_order_relaxed)) return;
  slot.key = key;
  slot.is_used.store(true, std::memory_order_release);
  ++used_;
}

bool PersistentTerms::erase(const Term& key) {
  const std::unique_lock lock(mutex_);
  Slot& slot = *look(*all_slots_.back(), key);
  if (slot.value.load(std::memory_order_relaxed) == nullptr) return false;
  slot.value.store(nullptr, std::memory_order_release);
  --count_;
  return true;
}

PersistentTerms::Info PersistentTerms::info() const {
  const std::unique_lock lock(mutex_);
  return {.count = count_, .kept = values_.size() - count_};
}

std::vector<MapEntry> PersistentTerms::all() const {
  const std::unique_lock lock(mutex_);
  std::vector<MapEntry> entries;
  for (const Slot& slot : all_slots_.back()->slots) {
    const Held* const held = slot.value.load(std::memory_order_relaxed);
    if (held != nullptr) entries.push_back({slot.key, held->term()});
  }
  std::sort(entries.begin(), entries.end(), [](const MapEntry& left, const MapEntry& right) {
    return compare_exactly(left.key, right.key) < 0;
  });
  return entries;
}

void persistent_badarg(const Term& key, bool is_other_type) {
  const std::string what = is_other_type ? " is of another type" : " is not there";
  throw ExitException(
      tuple(Term(atoms::badarg), binary("the persistent term " + to_string(key) + what)));
}

}  // namespace glasshouse::runtime

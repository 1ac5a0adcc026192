#include "runtime/term/atom.h"

#include <atomic>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <string>

namespace glasshouse::runtime {
namespace {

struct Entry {
  const char* text;
  std::size_t size;
  std::uint64_t hash;
};

// Entries live in chunks that never move. An open-addressed table maps texts to indexes; a slot is
// written once, from 0 to index + 1. Untouched pages of it cost address space only.
constexpr std::uint32_t chunk_entries = 1'024;
constexpr std::uint32_t chunk_count = Atom::count_max / chunk_entries;
constexpr std::uint32_t slot_count = 2 * Atom::count_max;  // at most half full

constinit std::atomic<Entry*> chunks[chunk_count];
std::uint32_t slots[slot_count];  // only through slot_at()
constinit std::atomic<std::uint32_t> interned = 0;
constinit std::mutex adding;  // held by whoever writes any of the three above

std::atomic_ref<std::uint32_t> slot_at(std::uint32_t slot) noexcept {
  return std::atomic_ref(slots[slot]);
}

std::uint64_t hash_of_text(std::string_view text) noexcept {
  return hash_bytes(text, 1);
}

// Whoever holds the index got it through a slot, or from somebody who did: the acquire here is the
// partner of the release in publish(), for threads that were handed a bare index.
const Entry& entry_at(std::uint32_t index) noexcept {
  return chunks[index / chunk_entries].load(std::memory_order_acquire)[index % chunk_entries];
}

struct Place {
  std::uint32_t slot;
  std::uint32_t found;  // index + 1, or 0 if the slot is free
};

// The acquire is the partner of the release of the slot in publish().
Place find(std::string_view text, std::uint64_t hash) noexcept {
  for (std::uint32_t slot = static_cast<std::uint32_t>(hash) % slot_count;;
       slot = (slot + 1) % slot_count) {
    const std::uint32_t found = slot_at(slot).load(std::memory_order_acquire);
    if (found == 0) return {slot, 0};
    const Entry& entry = entry_at(found - 1);
    if (entry.hash == hash && std::string_view(entry.text, entry.size) == text) {
      return {slot, found};
    }
  }
}

// REQUIRES: `adding` is held and the slot is free.
std::uint32_t publish(std::uint32_t slot, Entry entry) {
  const std::uint32_t index = interned.load(std::memory_order_relaxed);
  std::atomic<Entry*>& chunk = chunks[index / chunk_entries];
  Entry* entries = chunk.load(std::memory_order_relaxed);
  if (entries == nullptr) entries = new Entry[chunk_entries];
  entries[index % chunk_entries] = entry;
  chunk.store(entries, std::memory_order_release);
  interned.store(index + 1, std::memory_order_relaxed);
  slot_at(slot).store(index + 1, std::memory_order_release);
  return index;
}

bool load_predefined() {
  const std::lock_guard lock(adding);
  for (const std::string_view text : detail::predefined_atoms) {
    const std::uint64_t hash = hash_of_text(text);
    publish(find(text, hash).slot, {text.data(), text.size(), hash});
  }
  return true;
}

void ensure_predefined() {
  static const bool loaded = load_predefined();
  static_cast<void>(loaded);
}

std::uint32_t intern(std::string_view text) {
  ensure_predefined();
  const std::uint64_t hash = hash_of_text(text);
  if (const Place place = find(text, hash); place.found != 0) return place.found - 1;
  if (text.size() > Atom::text_bytes_max) {
    throw std::length_error("an atom of " + std::to_string(text.size()) + " bytes is too long");
  }
  const std::lock_guard lock(adding);
  // Another thread may have added it between the look and the lock.
  const Place place = find(text, hash);
  if (place.found != 0) return place.found - 1;
  if (interned.load(std::memory_order_relaxed) == Atom::count_max) {
    throw std::length_error("the table of atoms is full (1048576 atoms)");
  }
  char* copy = new char[text.size() + 1];
  std::memcpy(copy, text.data(), text.size());
  return publish(place.slot, {copy, text.size(), hash});
}

}  // namespace

Atom::Atom(std::string_view text) : index_(intern(text)) {}

std::optional<Atom> Atom::existing(std::string_view text) noexcept {
  ensure_predefined();
  const Place place = find(text, hash_of_text(text));
  if (place.found == 0) return std::nullopt;
  return from_index(place.found - 1);
}

std::string_view Atom::text() const noexcept {
  if (index_ < detail::predefined_atom_count) return detail::predefined_atoms[index_];
  const Entry& entry = entry_at(index_);
  return {entry.text, entry.size};
}

std::uint64_t Atom::hash() const noexcept {
  // A predefined atom may be asked before anything was interned.
  if (index_ < detail::predefined_atom_count) ensure_predefined();
  return entry_at(index_).hash;
}

std::uint32_t atom_count() noexcept {
  ensure_predefined();
  return interned.load(std::memory_order_relaxed);
}

}  // namespace glasshouse::runtime

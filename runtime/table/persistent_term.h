#pragma once
// Values that all processes of a node read and hardly anybody writes: configuration, routing
// tables, compiled patterns. OTP: persistent_term.
//
//   put_persistent(self, "limits"_atom, Limits{.users = 100});
//   const Limits& limits = persistent<Limits>(self, "limits"_atom);
//
// A read takes no lock, counts nothing and copies nothing: it hashes the key and follows two
// pointers, and reads of all cores share the cache lines. Values are shared and never change.
//
// The price: a value that was replaced or erased is kept until the node ends, because nobody knows
// who still reads it (OTP pays with a garbage collection of every process). So the memory of this
// table grows with every put of another value: `info` tells by how much.
//
// Threads: any; writes wait for each other. Failures are badarg: {badarg, <<"why">>}.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "runtime/process/self.h"
#include "runtime/term/convert.h"
#include "runtime/term/term.h"

namespace glasshouse::runtime {

class PersistentTerms {
 public:
  // A value of any type, behind what must be known of it.
  struct Held {
    explicit Held(std::uint64_t fingerprint) : schema(fingerprint) {}
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    virtual ~Held() = default;
    virtual Term term() const = 0;
    const std::uint64_t schema;
  };
  template <Sendable T>
  struct HeldAs final : Held {
    explicit HeldAs(T held) : Held(schema_fingerprint<T>()), value(std::move(held)) {}
    Term term() const override { return to_term(value); }
    const T value;
  };
  // OTP: persistent_term:info/0.
  struct Info {
    std::size_t count = 0;
    std::size_t kept = 0;  // replaced or erased, and not given back
  };

  PersistentTerms();
  PersistentTerms(const PersistentTerms&) = delete;
  PersistentTerms& operator=(const PersistentTerms&) = delete;
  ~PersistentTerms();

  // Nothing happens if an equal value is there. OTP: persistent_term:put/2.
  void put(const Term& key, std::unique_ptr<Held> value);
  // Null if there is none. What it points to lives as long as the node.
  const Held* find(const Term& key) const;
  // False if there was none.
  bool erase(const Term& key);
  Info info() const;
  std::vector<MapEntry> all() const;  // in the order of the keys

 private:
  struct Slot {
    Term key;
    // Null: erased. Release in put and erase, acquire in find.
    std::atomic<const Held*> value{nullptr};
    // Set once, after the key. Release in put, acquire in find.
    std::atomic<bool> is_used{false};
  };
  struct Slots {
    explicit Slots(std::size_t count) : mask(count - 1), slots(count) {}
    std::size_t mask;
    std::vector<Slot> slots;
  };
  static Slot* look(Slots& slots, const Term& key);
  Slot& slot_for(const Term& key);
  void grow();

  // Release in grow, acquire in find. Older ones are in all_slots_, for those who still look.
  std::atomic<Slots*> slots_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Slots>> all_slots_;
  std::vector<std::unique_ptr<const Held>> values_;
  std::size_t used_ = 0;
  std::size_t count_ = 0;
};

[[noreturn]] void persistent_badarg(const Term& key, bool is_other_type);

template <Sendable T>
void put_persistent(Self self, const Term& key, T value) {
  self.node().persistent_terms().put(
      key, std::make_unique<PersistentTerms::HeldAs<T>>(std::move(value)));
}

// Null if there is none; badarg if it is of another type. Lives as long as the node.
template <Sendable T>
const T* find_persistent(Self self, const Term& key) {
  const PersistentTerms::Held* const held = self.node().persistent_terms().find(key);
  if (held == nullptr) return nullptr;
  static constexpr std::uint64_t schema = schema_fingerprint<T>();
  if (held->schema != schema) persistent_badarg(key, true);
  return &static_cast<const PersistentTerms::HeldAs<T>*>(held)->value;
}

// badarg if there is none. OTP: persistent_term:get/1.
template <Sendable T>
const T& persistent(Self self, const Term& key) {
  const T* const value = find_persistent<T>(self, key);
  if (value == nullptr) persistent_badarg(key, false);
  return *value;
}

inline bool erase_persistent(Self self, const Term& key) {
  return self.node().persistent_terms().erase(key);
}

}  // namespace glasshouse::runtime

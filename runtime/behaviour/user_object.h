#pragma once
// The object of a user's class in the process of a behaviour, made there from the arguments of the
// start. It lives in place: a server is one allocation. Belongs to that process.

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "runtime/behaviour/proc_lib.h"
#include "runtime/behaviour/server.h"

namespace glasshouse::runtime {

template <class S>
class UserObject {
 public:
  UserObject() = default;
  UserObject(const UserObject&) = delete;
  UserObject& operator=(const UserObject&) = delete;
  ~UserObject() {
    if (made_) std::destroy_at(&get());
  }

  // S(Self, args...), S(args...) or S{args...}, the first of them that there is. False: it threw
  // Ignore, and the starter knows. Whatever else it throws goes on.
  template <class... Args>
  bool make(Self self, Args&&... args) {
    try {
      if constexpr (std::is_constructible_v<S, Self, Args...>) {
        new (place_) S(self, std::forward<Args>(args)...);
      } else if constexpr (std::is_constructible_v<S, Args...>) {
        new (place_) S(std::forward<Args>(args)...);
      } else {
        new (place_) S{std::forward<Args>(args)...};
      }
    } catch (const Ignore&) {
      answer_starter(self, atoms::ignore, Term());
      return false;
    }
    made_ = true;
    return true;
  }

  bool is_made() const { return made_; }
  // REQUIRES: it is made.
  S& get() { return *std::launder(reinterpret_cast<S*>(place_)); }
  const S& get() const { return *std::launder(reinterpret_cast<const S*>(place_)); }

 private:
  alignas(S) std::byte place_[sizeof(S)];
  bool made_ = false;
};

}  // namespace glasshouse::runtime

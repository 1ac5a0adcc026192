#pragma once
// Registered names of a node. OTP: erlang:register/2. A name belongs to one process and a process
// has at most one; the name is free again before anybody hears of its process's exit.
//
// Threads: any.

#include <map>
#include <optional>
#include <shared_mutex>
#include <vector>

#include "runtime/process/pid.h"
#include "runtime/term/atom.h"

namespace glasshouse::runtime {

class Registry {
 public:
  // False if the name is taken (OTP: badarg).
  bool add(Atom name, Pid pid);
  // False if nobody had it.
  bool remove(Atom name);
  std::optional<Pid> find(Atom name) const;
  std::vector<std::pair<Atom, Pid>> all() const;  // by name

 private:
  mutable std::shared_mutex mutex_;
  std::map<Atom, Pid> names_;
};

}  // namespace glasshouse::runtime

#pragma once
// Registered names of a node. OTP: erlang:register/2. A name belongs to one process and a process
// has at most one; the name is free again before anybody hears of its process's exit.
//
// Threads: any.

#include <map>
#include <optional>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "runtime/process/pid.h"
#include "runtime/term/atom.h"

namespace glasshouse::runtime {

class Process;

class Registry {
 public:
  // False if the name is undefined or taken, or `process` is not `pid` any more, exits, or has a
  // name (OTP: badarg).
  bool add(Atom name, Process& process, Pid pid);
  // False if nobody had it.
  bool remove(Atom name);
  // The process exits: its name is free. Returns it; undefined if it had none.
  Atom remove_of(Pid pid);
  std::optional<Pid> find(Atom name) const;
  Atom name_of(Pid pid) const;                    // undefined without one
  std::vector<std::pair<Atom, Pid>> all() const;  // by name

 private:
  mutable std::shared_mutex mutex_;
  std::map<Atom, Pid> names_;
  std::unordered_map<Pid, Atom> holders_;  // unordered: never iterated
};

}  // namespace glasshouse::runtime

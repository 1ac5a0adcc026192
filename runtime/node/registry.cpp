#include "runtime/node/registry.h"

#include <mutex>

#include "runtime/process/process.h"

namespace glasshouse::runtime {

bool Registry::add(Atom name, Process& process, Pid pid) {
  const std::unique_lock lock(mutex_);
  if (name == Atom() || names_.contains(name) || holders_.contains(pid)) return false;
  // The order matters, and both are sequentially consistent: a process that exits closes its
  // mailbox and then looks whether it is named. One of us sees the other, and it waits for the
  // lock.
  process.named_.store(true, std::memory_order_seq_cst);
  if (!process.is_open(pid.serial)) return false;
  names_.emplace(name, pid);
  holders_.emplace(pid, name);
  return true;
}

bool Registry::remove(Atom name) {
  const std::unique_lock lock(mutex_);
  const auto found = names_.find(name);
  if (found == names_.end()) return false;
  holders_.erase(found->second);
  names_.erase(found);
  return true;
}

Atom Registry::remove_of(Pid pid) {
  const std::unique_lock lock(mutex_);
  const auto found = holders_.find(pid);
  if (found == holders_.end()) return Atom();
  const Atom name = found->second;
  holders_.erase(found);
  names_.erase(name);
  return name;
}

Atom Registry::name_of(Pid pid) const {
  const std::shared_lock lock(mutex_);
  const auto found = holders_.find(pid);
  return found == holders_.end() ? Atom() : found->second;
}

std::optional<Pid> Registry::find(Atom name) const {
  const std::shared_lock lock(mutex_);
  const auto found = names_.find(name);
  if (found == names_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::pair<Atom, Pid>> Registry::all() const {
  const std::shared_lock lock(mutex_);
  return {names_.begin(), names_.end()};
}

}  // namespace glasshouse::runtime

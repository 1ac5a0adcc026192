#include "runtime/node/registry.h"

#include <mutex>

namespace glasshouse::runtime {

bool Registry::add(Atom name, Pid pid) {
  const std::unique_lock lock(mutex_);
  return name != Atom() && names_.emplace(name, pid).second;
}

bool Registry::remove(Atom name) {
  const std::unique_lock lock(mutex_);
  return names_.erase(name) == 1;
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

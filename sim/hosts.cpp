#include "sim/hosts.h"

#include "sim/disk.h"

namespace glasshouse::sim {

Host::Host(std::string host_name, std::uint16_t number, const Agenda& agenda, ClockOptions options)
    : name(std::move(host_name)),
      key(runtime::hash_bytes(name)),
      index(number),
      clock(agenda, options) {}

Host::~Host() = default;

bool Hosts::is_dark(std::uint16_t host) const {
  bool any_dark = false;
  for (const auto& slot : slots) {
    if (slot->host != host) continue;
    if (!slot->dark) return false;
    any_dark = true;
  }
  return any_dark;
}

}  // namespace glasshouse::sim

#pragma once
// Fields of a process that others look at while it begins and ends. Written and read like plain
// ones, and as cheap; but there is no data race, and who looks in this order sees fields of one
// life: Process::is_alive, the fields, is_alive and the serial again.
//
// Threads: one writes, any may look. The writer's own thread reads the field as it is.

#include <atomic>

#include "runtime/process/pid.h"

namespace glasshouse::runtime {

// Release and acquire: a field that is written later is not seen earlier.
template <class T>
void show(T& field, T value) {
  std::atomic_ref<T>(field).store(value, std::memory_order_release);
}
template <class T>
T look_at(const T& field) {
  return std::atomic_ref<T>(const_cast<T&>(field)).load(std::memory_order_acquire);
}

inline void show(Pid& field, Pid value) {
  show(field.node, value.node);
  show(field.id, value.id);
  show(field.serial, value.serial);
  show(field.creation, value.creation);
}
inline Pid look_at(const Pid& field) {
  return {look_at(field.node), look_at(field.id), look_at(field.serial), look_at(field.creation)};
}

}  // namespace glasshouse::runtime

#include "runtime/node/process_table.h"

#include <new>

#include "runtime/node/node.h"

namespace glasshouse::runtime {

ProcessTable::ProcessTable(Node& node, std::uint32_t processes_max)
    : node_(node), processes_max_(processes_max) {
  // Never grows: `slot` reads it without the lock.
  chunks_.reserve(processes_max / chunk_size + 1);
}

ProcessTable::~ProcessTable() {
  for_each_slot([](Process& process) { process.~Process(); });
}

Process* ProcessTable::make_slot() {
  const std::uint32_t index = made_.load(std::memory_order_relaxed);
  if (index >= processes_max_) return nullptr;
  if (index % chunk_size == 0) chunks_.push_back(std::make_unique_for_overwrite<Chunk>());
  Process* const process = chunks_[index / chunk_size]->at(index % chunk_size);
  new (process) Process(node_, first_id + index);
  made_.store(index + 1, std::memory_order_release);  // pairs with slot
  return process;
}

Process& ProcessTable::reserve() {
  Process* const process = try_reserve();
  if (process == nullptr) throw ExitException(Term(atoms::system_limit));
  return *process;
}

Process* ProcessTable::try_reserve() {
  const std::scoped_lock lock(mutex_);
  Process* process = nullptr;
  if (free_.empty()) {
    process = make_slot();
    if (process == nullptr) return nullptr;
  } else {
    process = free_.back();
    free_.pop_back();
  }
  // Release: pairs with Process::push.
  process->serial_.store(process->serial_.load(std::memory_order_relaxed) + 1,
                         std::memory_order_release);
  process->key_.store(node_.key_of(process->pid()).value, std::memory_order_relaxed);
  count_.fetch_add(1, std::memory_order_relaxed);
  return process;
}

void ProcessTable::release(Process& process) {
  process.reset();
  const std::scoped_lock lock(mutex_);
  count_.fetch_sub(1, std::memory_order_relaxed);
  // A slot that has used up its serials stays empty, so that no pid is ever used twice.
  if (process.serial_.load(std::memory_order_relaxed) < serial_max) free_.push_back(&process);
}

}  // namespace glasshouse::runtime

#pragma once
// The processes of a node, by pid. Slots are made in chunks, never moved, and used again: looking
// one up is two loads and needs no lock.
//
// Threads: any.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "runtime/process/process.h"

namespace glasshouse::runtime {

class ProcessTable {
 public:
  ProcessTable(Node& node, std::uint32_t processes_max);
  ~ProcessTable();

  // A slot with a fresh serial and a mailbox that is still closed. Throws
  // ExitException(system_limit) when the table is full.
  Process& reserve();
  // The same; null when the table is full.
  Process* try_reserve();
  // Gives the slot back. REQUIRES: its mailbox is closed.
  void release(Process& process);

  // The slot of `id`, whoever lives there now; null if there never was one.
  Process* slot(std::uint32_t id) const {
    const std::uint32_t index = id - first_id;
    if (index >= made_.load(std::memory_order_acquire)) return nullptr;  // pairs with reserve
    return chunks_[index / chunk_size]->at(index % chunk_size);
  }

  std::size_t count() const { return count_.load(std::memory_order_relaxed); }
  // Calls `visit` for each slot ever used, in the order of ids.
  template <class Visit>
  void for_each_slot(Visit visit) const {
    const std::uint32_t made = made_.load(std::memory_order_acquire);
    for (std::uint32_t index = 0; index < made; ++index) {
      visit(*chunks_[index / chunk_size]->at(index % chunk_size));
    }
  }

 private:
  static constexpr std::uint32_t first_id = 100;  // as low pids of a fresh BEAM: easy to read
  static constexpr std::uint32_t chunk_size = 1024;
  static constexpr std::uint32_t serial_max = (1u << 20) - 1;  // what a ProcessKey holds

  class Chunk {
   public:
    Process* at(std::uint32_t index) { return reinterpret_cast<Process*>(bytes_) + index; }

   private:
    alignas(Process) std::byte bytes_[chunk_size * sizeof(Process)];
  };

  Process* make_slot();

  Node& node_;
  std::uint32_t processes_max_;
  std::mutex mutex_;  // guards free_, making slots
  std::vector<Process*> free_;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::atomic<std::uint32_t> made_{0};
  std::atomic<std::size_t> count_{0};
};

}  // namespace glasshouse::runtime

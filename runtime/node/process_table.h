#pragma once
// The processes of a node, by pid. Slots are made in chunks, never moved, and used again: looking
// one up is two loads and needs no lock.
//
//   thread ── its lane: free slots ──▶ spare slots of the table ──▶ new slots
//
// Each worker takes and gives back in a lane that is nearly its own, so that spawns on two cores do
// not meet in one lock; lanes exchange free slots with the table in bundles. With one lane the free
// slots are one stack, as if there were no lanes: who runs in one thread has the same pids again.
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
  // `workers`: how many threads will spawn at the same time, about.
  ProcessTable(Node& node, std::uint32_t processes_max, std::size_t workers);
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
    if (index >= made_.load(std::memory_order_acquire)) return nullptr;  // pairs with make_slots
    return chunks_[index / chunk_size]->at(index % chunk_size);
  }

  // Whether processes look at the length of their mail whenever some comes, those of now and those
  // to come. For SystemMonitor.
  void watch_mail(bool on);

  // How many live. Exact when nobody spawns or exits meanwhile.
  std::size_t count() const;
  // Calls `visit` for each slot ever made, in the order of ids.
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

  struct alignas(64) Lane {
    std::mutex mutex;
    std::vector<Process*> free;          // guarded by mutex; the last is used first
    std::atomic<std::int64_t> taken{0};  // less those given back; written under mutex
  };

  Lane& lane_of_this_thread();
  Process* take_from(Lane& lane);
  void refill(Lane& lane);
  void spill(Lane& lane);
  void make_slots(Lane& lane);

  static constexpr std::size_t bundle = 64;

  Node& node_;
  std::uint32_t processes_max_;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::atomic<std::uint32_t> made_{0};
  std::size_t lane_mask_;
  std::unique_ptr<Lane[]> lanes_;
  // Apart from the above, which is read with each message. Taken while a lane is held, never the
  // other way round.
  alignas(64) std::mutex mutex_;  // guards spare_, making slots, watches_mail_
  bool watches_mail_ = false;
  std::vector<Process*> spare_;
};

}  // namespace glasshouse::runtime

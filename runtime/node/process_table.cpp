#include "runtime/node/process_table.h"

#include <algorithm>
#include <bit>
#include <new>

#include "runtime/node/node.h"

namespace glasshouse::runtime {

namespace {

// Several lanes a worker: others spawn too, and two workers with one lane would be a pity.
std::size_t lanes_for(std::size_t workers) {
  return workers <= 1 ? 1 : std::bit_ceil(4 * workers);
}

std::size_t number_of_this_thread() {
  static std::atomic<std::size_t> threads{0};
  thread_local const std::size_t number = threads.fetch_add(1, std::memory_order_relaxed);
  return number;
}

}  // namespace

ProcessTable::ProcessTable(Node& node, std::uint32_t processes_max, std::size_t workers)
    : node_(node),
      processes_max_(processes_max),
      lane_mask_(lanes_for(workers) - 1),
      lanes_(std::make_unique<Lane[]>(lane_mask_ + 1)) {
  // Never grows: `slot` reads it without the lock.
  chunks_.reserve(processes_max / chunk_size + 1);
}

ProcessTable::~ProcessTable() {
  for_each_slot([](Process& process) { process.~Process(); });
}

ProcessTable::Lane& ProcessTable::lane_of_this_thread() {
  return lanes_[number_of_this_thread() & lane_mask_];
}

std::size_t ProcessTable::count() const {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i <= lane_mask_; ++i)
    sum += lanes_[i].taken.load(std::memory_order_relaxed);
  return static_cast<std::size_t>(std::max<std::int64_t>(sum, 0));
}

// Into an empty lane, so that the lowest is used first.
void ProcessTable::make_slots(Lane& lane) {
  const std::uint32_t begin = made_.load(std::memory_order_relaxed);
  const std::uint32_t end = std::min<std::uint32_t>(begin + bundle, processes_max_);
  for (std::uint32_t index = begin; index < end; ++index) {
    if (index % chunk_size == 0) chunks_.push_back(std::make_unique_for_overwrite<Chunk>());
    Process* const process = chunks_[index / chunk_size]->at(index % chunk_size);
    lane.free.push_back(new (process) Process(node_, first_id + index));
    if (watches_mail_) process->mail_watch_.store(Process::watched_bit, std::memory_order_relaxed);
  }
  std::reverse(lane.free.begin(), lane.free.end());
  made_.store(end, std::memory_order_release);  // pairs with slot
}

void ProcessTable::refill(Lane& lane) {
  const std::scoped_lock lock(mutex_);
  if (spare_.empty()) return make_slots(lane);
  const auto newest = spare_.end() - static_cast<std::ptrdiff_t>(std::min(bundle, spare_.size()));
  lane.free.assign(newest, spare_.end());
  spare_.erase(newest, spare_.end());
}

// The oldest go.
void ProcessTable::spill(Lane& lane) {
  const auto end = lane.free.begin() + static_cast<std::ptrdiff_t>(bundle);
  const std::scoped_lock lock(mutex_);
  spare_.insert(spare_.end(), lane.free.begin(), end);
  lane.free.erase(lane.free.begin(), end);
}

Process* ProcessTable::take_from(Lane& lane) {
  const std::scoped_lock lock(lane.mutex);
  if (lane.free.empty()) refill(lane);
  if (lane.free.empty()) return nullptr;
  Process* const process = lane.free.back();
  lane.free.pop_back();
  lane.taken.store(lane.taken.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  return process;
}

Process& ProcessTable::reserve() {
  Process* const process = try_reserve();
  if (process == nullptr) throw ExitException(Term(atoms::system_limit));
  return *process;
}

Process* ProcessTable::try_reserve() {
  Process* process = take_from(lane_of_this_thread());
  // The table is full, but for what other lanes may hold.
  for (std::size_t i = 0; process == nullptr && i <= lane_mask_; ++i)
    process = take_from(lanes_[i]);
  if (process == nullptr) return nullptr;
  // Release: pairs with Process::push.
  process->serial_.store(process->serial_.load(std::memory_order_relaxed) + 1,
                         std::memory_order_release);
  process->key_.store(node_.key_of(process->pid()).value, std::memory_order_relaxed);
  return process;
}

void ProcessTable::watch_mail(bool on) {
  const std::scoped_lock lock(mutex_);
  watches_mail_ = on;
  for_each_slot([on](Process& process) {
    if (on) {
      process.mail_watch_.fetch_or(Process::watched_bit, std::memory_order_relaxed);
    } else {
      process.mail_watch_.fetch_and(static_cast<std::uint8_t>(~Process::watched_bit),
                                    std::memory_order_relaxed);
    }
  });
}

void ProcessTable::release(Process& process) {
  process.reset();
  Lane& lane = lane_of_this_thread();
  const std::scoped_lock lock(lane.mutex);
  lane.taken.store(lane.taken.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  // A slot that has used up its serials stays empty, so that no pid is ever used twice.
  if (process.serial_.load(std::memory_order_relaxed) == serial_max) return;
  lane.free.push_back(&process);
  if (lane.free.size() == 2 * bundle) spill(lane);
}

}  // namespace glasshouse::runtime

#include "runtime/node/timers.h"

#include <utility>

#include "runtime/node/node.h"

namespace glasshouse::runtime {

TimerId Timers::start(Instant deadline, const To& to, MessagePtr message) {
  Process* const process = to.by_pid() ? node_.find(to.pid()) : nullptr;
  if (to.by_pid() && process == nullptr) return {};
  const TimerId id = add(deadline, to, std::move(message), 0);
  // After it is there: either its end finds this one, or we find that it has ended.
  if (process == nullptr || process->expect_timer(to.pid().serial)) return id;
  drop(id);
  return {};
}

TimerId Timers::start_wait(Instant deadline, Pid to, std::uint32_t wait_number) {
  return add(deadline, to, nullptr, wait_number);
}

TimerId Timers::add(Instant deadline, const To& to, MessagePtr message, std::uint32_t wait_number) {
  TimerId id;
  bool is_earliest = false;
  {
    const std::scoped_lock lock(mutex_);
    if (free_.empty()) {
      id.slot = static_cast<std::uint32_t>(timers_.size());
      timers_.emplace_back();
    } else {
      id.slot = free_.back();
      free_.pop_back();
    }
    Timer& timer = timers_[id.slot];
    id.generation = timer.generation;
    timer.deadline = deadline;
    timer.order = next_order_++;
    timer.to = to;
    timer.message = std::move(message);
    timer.wait_number = wait_number;
    timer.next = nobody;
    timer.before = nobody;
    heap_.push_back(id.slot);
    sift_up(static_cast<std::uint32_t>(heap_.size() - 1));
    if (timer.message && to.by_pid()) chain(id.slot);
    is_earliest = deadline < announced_;
    if (is_earliest) announced_ = deadline;
  }
  if (is_earliest) node_.environment().executor.wake_at(node_, deadline);
  return id;
}

// One that is due and has not fired yet has nothing left.
Duration Timers::time_left(const Timer& timer) const {
  return std::max(timer.deadline - node_.now(), Duration::zero());
}

bool Timers::is_live(TimerId id) const {
  return id && id.slot < timers_.size() && timers_[id.slot].generation == id.generation;
}

std::optional<Duration> Timers::cancel(TimerId id) {
  Timer removed;
  const std::scoped_lock lock(mutex_);
  if (!is_live(id)) return std::nullopt;
  removed = remove_at(timers_[id.slot].place);
  return time_left(removed);
}

void Timers::drop(TimerId id) {
  Timer removed;
  const std::scoped_lock lock(mutex_);
  if (is_live(id)) removed = remove_at(timers_[id.slot].place);
}

std::optional<Duration> Timers::left(TimerId id) const {
  const std::scoped_lock lock(mutex_);
  if (!is_live(id)) return std::nullopt;
  return time_left(timers_[id.slot]);
}

void Timers::end_those_for(Pid gone) {
  std::vector<Timer> ended;  // what is in them goes after the lock
  const std::scoped_lock lock(mutex_);
  if (gone.id >= first_of_.size()) return;
  for (std::uint32_t slot = first_of_[gone.id]; slot != nobody;) {
    const Timer& timer = timers_[slot];
    const std::uint32_t next = timer.next;
    // Another life of that process may have some already.
    if (timer.to.pid() == gone) ended.push_back(remove_at(timer.place));
    slot = next;
  }
}

std::size_t Timers::size() const {
  const std::scoped_lock lock(mutex_);
  return heap_.size();
}

std::optional<Instant> Timers::fire(Instant now) {
  for (;;) {
    Timer due;
    std::uint64_t number = 0;
    {
      const std::scoped_lock lock(mutex_);
      announced_ = heap_.empty() ? Instant::max() : timers_[heap_.front()].deadline;
      if (heap_.empty()) return std::nullopt;
      if (announced_ > now) return announced_;
      const std::uint32_t slot = heap_.front();
      number = TimerId{slot, timers_[slot].generation}.number();
      due = remove_at(0);
    }
    if (!due.message) {
      MessagePtr over = make_signal(MessageKind::timeout, Pid());
      static_cast<Signal&>(*over).number = due.wait_number;
      node_.signal(nullptr, due.to.pid(), std::move(over));
      continue;
    }
    if (node_.wants(EventKind::timer_fire)) {
      node_.emit({.kind = EventKind::timer_fire,
                  .subject = node_.key_of(node_.resolve(due.to)),
                  .message = number});
    }
    node_.send_to(nullptr, due.to, due.message);
  }
}

void Timers::chain(std::uint32_t slot) {
  const std::uint32_t owner = timers_[slot].to.pid().id;
  if (owner >= first_of_.size()) first_of_.resize(owner + 1, nobody);
  const std::uint32_t first = std::exchange(first_of_[owner], slot);
  timers_[slot].next = first;
  if (first != nobody) timers_[first].before = slot;
}

void Timers::unchain(const Timer& timer) {
  if (timer.before != nobody) {
    timers_[timer.before].next = timer.next;
  } else {
    first_of_[timer.to.pid().id] = timer.next;
  }
  if (timer.next != nobody) timers_[timer.next].before = timer.before;
}

bool Timers::before(std::uint32_t left, std::uint32_t right) const {
  const Timer& a = timers_[left];
  const Timer& b = timers_[right];
  return a.deadline != b.deadline ? a.deadline < b.deadline : a.order < b.order;
}

void Timers::put(std::uint32_t place, std::uint32_t slot) {
  heap_[place] = slot;
  timers_[slot].place = place;
}

void Timers::sift_up(std::uint32_t place) {
  const std::uint32_t slot = heap_[place];
  while (place > 0) {
    const std::uint32_t parent = (place - 1) / 4;
    if (!before(slot, heap_[parent])) break;
    put(place, heap_[parent]);
    place = parent;
  }
  put(place, slot);
}

void Timers::sift_down(std::uint32_t place) {
  const std::uint32_t slot = heap_[place];
  const auto size = static_cast<std::uint32_t>(heap_.size());
  for (;;) {
    std::uint32_t least = place * 4 + 1;
    if (least >= size) break;
    const std::uint32_t end = least + 4 < size ? least + 4 : size;
    for (std::uint32_t child = least + 1; child < end; ++child) {
      if (before(heap_[child], heap_[least])) least = child;
    }
    if (!before(heap_[least], slot)) break;
    put(place, heap_[least]);
    place = least;
  }
  put(place, slot);
}

Timers::Timer Timers::remove_at(std::uint32_t place) {
  const std::uint32_t slot = heap_[place];
  const std::uint32_t moved = heap_.back();
  heap_.pop_back();
  if (moved != slot) {
    put(place, moved);
    sift_up(place);
    sift_down(timers_[moved].place);
  }
  if (timers_[slot].message && timers_[slot].to.by_pid()) unchain(timers_[slot]);
  const std::uint32_t next = timers_[slot].generation + 1;
  Timer removed = std::move(timers_[slot]);
  timers_[slot].generation = next == 0 ? 1 : next;
  free_.push_back(slot);
  return removed;
}

}  // namespace glasshouse::runtime

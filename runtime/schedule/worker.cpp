#include "runtime/schedule/worker.h"

#include <algorithm>

#include "runtime/node/node.h"

namespace glasshouse::runtime {

namespace {

// So many processes run, newest first, before the oldest has a turn; fewer while the last of the
// old ones would wait for longer than so many periods. One that used up its reductions counts for
// several.
constexpr std::uint32_t newest_in_a_row = 256;
constexpr std::uint32_t newest_at_least = 2;  // the second choice is the oldest's
constexpr std::uint64_t period_ticks = 10;
constexpr std::size_t periods_to_the_last = 10;
constexpr std::uint32_t yielded_counts = 8;
// While some of low priority wait, one of so many choices is theirs. OTP: RESCHEDULE_LOW.
constexpr std::uint32_t low_every = 8;
constexpr std::uint32_t injected_at_once = 64;
constexpr std::size_t stolen_at_once = 256;
// At least so many at each tick, and such a share of all: within a second all have aged.
constexpr std::int64_t aged_least = 8;
constexpr std::int64_t aged_share = 64;

// A sleeping thread is woken in some 40 us, so looking about for about as long loses little.
constexpr auto spin_time = std::chrono::microseconds(40);
constexpr int pauses_between_clocks = 64;

constexpr std::uint64_t turns_between_looks = 1024;
constexpr std::uint32_t patience_max = 1024;
constexpr auto poor_stint = std::chrono::microseconds(20);
constexpr auto rich_stint = std::chrono::microseconds(200);

thread_local Worker* of_this_thread = nullptr;

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

Worker::Worker(Crew& crew, std::size_t index)
    : crew_(crew), index_(index), in_a_row_(newest_in_a_row), look_at_(newest_in_a_row) {}

Worker* Worker::mine() {
  return of_this_thread;
}

void Worker::start() {
  thread_ = std::thread(&Worker::serve, this);
}

void Worker::serve() {
  of_this_thread = this;
  use_.emplace();
  begin_stint(false);
  for (;;) {
    if (is_replaced() && !stand_by()) return;
    if (turns() % turns_between_looks == 0 && is_in_doubt() && !stand_aside()) return;
    if (Process* const process = choose()) {
      run(*process);
    } else if (!wait_for_work()) {
      return;
    }
  }
}

void Worker::run(Process& process) {
  Node& node = process.node();
  // A node that leaves must not be entered. Sequentially consistent: either this load sees the
  // leaver, or Crew::wait_until_out sees that we were choosing.
  if (crew_.leaving.load(std::memory_order_seq_cst) != 0 && crew_.is_leaving(node)) return;
  name_.store(process.initial.index(), std::memory_order_relaxed);
  current_.store(&process, std::memory_order_release);
  const Node::Turn turn = node.run(process, crew_.options.reductions);
  current_.store(between(), std::memory_order_release);
  reductions_.store(reductions() + turn.reductions, std::memory_order_relaxed);
  if (turn.ran != Node::Ran::yielded) return;
  since_oldest_ += in_a_row_ * yielded_counts / newest_in_a_row;
  if (is_replaced() || process.priority != Priority::normal) {
    inject(process);
  } else if (queued() == 0 && !crew_.has_waiting()) {
    again_ = &process;
  } else {
    queue.push(process);
  }
}

Process* Worker::choose() {
  // Between being queued and being current a process is seen by nobody; this says that there may
  // be one. The pop below, or the store in `oldest`, is what orders it before the look at leavers.
  current_.store(between(), std::memory_order_relaxed);
  turns_.store(turns_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  if (crew_.has_urgent()) {
    current_.store(between(), std::memory_order_seq_cst);
    if (Process* const urgent = crew_.take_urgent()) {
      // To where an ending node looks: it may end while the urgent one runs.
      if (again_ != nullptr) queue.push(*std::exchange(again_, nullptr));
      return urgent;
    }
  }
  if (again_ != nullptr) {
    current_.store(between(), std::memory_order_seq_cst);
    return std::exchange(again_, nullptr);
  }
  if (crew_.tick.load(std::memory_order_relaxed) != tick_seen_) on_tick();
  if (++since_oldest_ >= look_at_) {
    if (Process* const one = one_in_turn()) return one;
  }
  Process* process = next.load(std::memory_order_relaxed) == nullptr ? nullptr : take_next();
  if (process == nullptr) process = deque.pop();
  if (process != nullptr) {
    if (queued() == 0) {
      surplus_ = 0;
    } else if (crew_.idle.load(std::memory_order_relaxed) != 0) {
      complain();
    }
    return process;
  }
  process = oldest();
  return process == nullptr && hunting_ ? steal() : process;
}

Process* Worker::oldest() {
  current_.store(between(), std::memory_order_seq_cst);
  if (const std::size_t waiting = crew_.injected.size(); waiting != 0) {
    // A share, so that the others find something too.
    const std::size_t share = waiting / crew_.options.workers + 1;
    const std::scoped_lock lock(crew_.moves);
    ProcessList taken = crew_.injected.take(std::min<std::size_t>(share, injected_at_once));
    queue.append(taken);
  }
  if (crew_.injected.size() != 0 && crew_.idle.load(std::memory_order_relaxed) != 0) {
    crew_.ask_for_help();
  }
  ++old_taken_;
  Process* const process = queue.pop();
  return process == nullptr ? crew_.lanes[Crew::low_lane].pop() : process;
}

// One of low priority, or the oldest, whichever is due; null if it is too early for both. While
// none of low priority wait, this is asked for the oldest only, and costs the choices between
// nothing.
Process* Worker::one_in_turn() {
  const bool low_waits = crew_.lanes[Crew::low_lane].size() != 0;
  Process* process = nullptr;
  if (low_waits && turns() - low_turn_ >= low_every) {
    low_turn_ = turns();
    current_.store(between(), std::memory_order_seq_cst);
    process = crew_.lanes[Crew::low_lane].pop();
  }
  if (process == nullptr && since_oldest_ >= in_a_row_) {
    since_oldest_ = 0;
    // Not when only some of low priority are left there: their turns are counted above.
    if (queue.size() != 0 || crew_.injected.size() != 0) process = oldest();
  }
  look_at_ = in_a_row_;
  if (low_waits) look_at_ = std::min(look_at_, since_oldest_ + low_every);
  return process;
}

// A turn of low priority may be due now. What other threads inject is seen at the next turn.
void Worker::inject(Process& process) {
  if (process.priority == Priority::low) look_at_ = 0;
  crew_.inject(process);
}

// At each tick of the monitor some of the oldest in the deque queue up, so that none waits for ever
// below a pair that wakes each other.
void Worker::on_tick() {
  tick_seen_ = crew_.tick.load(std::memory_order_relaxed);
  is_stuck.store(false, std::memory_order_relaxed);
  if (tick_seen_ - period_began_ >= period_ticks) divide_turns();
  const std::scoped_lock lock(crew_.moves);
  for (auto left = std::max(aged_least, deque.size() / aged_share); left > 0; --left) {
    Process* const process = deque.steal();
    if (process == nullptr) break;
    queue.push(*process);
  }
}

// Between the newest and the oldest. Locality is worth more than order, until somebody waits for
// long; a walk through a tree that took turns would hold all of the tree at once.
void Worker::divide_turns() {
  period_began_ = tick_seen_;
  const bool is_behind = queue.size() > periods_to_the_last * std::exchange(old_taken_, 0);
  in_a_row_ = is_behind ? std::max(in_a_row_ / 2, newest_at_least)
                        : std::min(in_a_row_ * 2, newest_in_a_row);
}

void Worker::push(Process& process) {
  if (is_replaced() || process.priority != Priority::normal) return inject(process);
  // Others only ever empty `next`, so an empty one stays empty.
  if (next.load(std::memory_order_relaxed) == nullptr) {
    return next.store(&process, std::memory_order_release);
  }
  Process* const older = next.exchange(&process, std::memory_order_acq_rel);
  if (older == nullptr) return;
  if (!deque.push(*older)) {
    make_room();
    deque.push(*older);
  }
  if (crew_.idle.load(std::memory_order_relaxed) != 0) complain();
}

// The older half goes to the queue.
void Worker::make_room() {
  ProcessList older;
  const std::scoped_lock lock(crew_.moves);
  while (older.size() < StealDeque::capacity / 2) {
    Process* const process = deque.steal();
    if (process == nullptr) break;
    older.push(*process);
  }
  queue.append(older);
}

// Others are idle and we have more than we can do. Waking one costs more than most processes run,
// so a surplus must last; how long is learnt from what woken workers found to do.
void Worker::complain() {
  if (++surplus_ < crew_.patience.load(std::memory_order_relaxed)) return;
  surplus_ = 0;
  crew_.ask_for_help();
}

Process* Worker::steal() {
  const std::size_t made = crew_.made();
  for (std::size_t step = 1; step < made; ++step) {
    Worker& victim = crew_.worker((index_ + step) % made);
    Process* const process = steal_from(victim);
    if (process == nullptr) continue;
    has_stolen_ = true;
    hunting_ = crew_.patience.load(std::memory_order_relaxed) <= 2;
    return process;
  }
  return nullptr;
}

// First from the queue: who used up its reductions will do so again, and is worth the way. Of the
// deque one: it may be large, and what it wakes will be with us.
Process* Worker::steal_from(Worker& victim) {
  if (const std::size_t queued = victim.queue.size(); queued != 0) {
    const std::scoped_lock lock(crew_.moves);
    ProcessList taken = victim.queue.take(std::min(queued / 2 + 1, stolen_at_once));
    Process* const first = taken.pop();
    queue.append(taken);
    if (first != nullptr) return first;
  }
  if (victim.deque.size() != 0) return victim.deque.steal();
  return victim.is_stuck.load(std::memory_order_relaxed) ? victim.take_next() : nullptr;
}

// -- waiting --------------------------------------------------------------------------------------

void Worker::begin_stint(bool was_called) {
  stint_began_ = std::chrono::steady_clock::now();
  hunting_ = true;
  came_to_help_ = was_called;
  has_stolen_ = false;
}

void Worker::end_stint() {
  if (!came_to_help_) return;
  const auto lasted = std::chrono::steady_clock::now() - stint_began_;
  const std::uint32_t patience = crew_.patience.load(std::memory_order_relaxed);
  if (!has_stolen_ || lasted < poor_stint) {
    crew_.patience.store(std::min(patience * 2, patience_max), std::memory_order_relaxed);
  } else if (lasted > rich_stint && patience > 1) {
    crew_.patience.store(patience / 2, std::memory_order_relaxed);
  }
}

// False: the crew stops.
bool Worker::wait_for_work() {
  current_.store(nullptr, std::memory_order_release);
  end_stint();
  crew_.idle.fetch_add(1, std::memory_order_relaxed);
  crew_.spinning.fetch_add(1, std::memory_order_relaxed);
  const bool found = spin();
  crew_.spinning.fetch_sub(1, std::memory_order_seq_cst);  // pairs with Crew::ask_for_help
  const bool goes_on = found || park();
  if (!found) trial_.begin(crew_.progress());
  crew_.idle.fetch_sub(1, std::memory_order_relaxed);
  begin_stint(crew_.help_wanted.exchange(false, std::memory_order_relaxed));
  return goes_on;
}

// Only looks at what is written when there is something: those who work are not disturbed.
bool Worker::spin() const {
  const auto end = std::chrono::steady_clock::now() + spin_time;
  do {
    for (int i = 0; i < pauses_between_clocks; ++i) {
      if (crew_.help_wanted.load(std::memory_order_relaxed)) return true;
      if (crew_.has_waiting()) return true;
      pause();
    }
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

bool Worker::park() {
  std::unique_lock lock(crew_.hub);
  if (crew_.stopping) return false;
  // Whoever injects takes the hub after that: one of us sees the other.
  if (crew_.has_waiting() || is_replaced()) return true;
  if (crew_.help_wanted.load(std::memory_order_seq_cst)) return true;
  called_ = false;
  crew_.parked.push_back(this);
  crew_.times_parked.fetch_add(1, std::memory_order_relaxed);
  call_.wait(lock, [this] { return called_ || crew_.stopping; });
  return !crew_.stopping;
}

// -- standing aside -------------------------------------------------------------------------------

// Somebody else works, so it may be that this one is only in the way.
bool Worker::is_in_doubt() {
  const HelpTrial::Progress now = crew_.progress();
  if (crew_.others_work(crew_.aside.load(std::memory_order_relaxed))) return trial_.is_due(now);
  trial_.begin(now);
  return false;
}

// False: the crew stops.
bool Worker::stand_aside() {
  if (!crew_.others_work(crew_.aside.fetch_add(1, std::memory_order_relaxed))) {
    crew_.aside.fetch_sub(1, std::memory_order_relaxed);  // another one was faster
    return true;
  }
  if (Process* const process = std::exchange(again_, nullptr)) queue.push(*process);
  is_stuck.store(true, std::memory_order_relaxed);  // all that is queued may be taken
  current_.store(nullptr, std::memory_order_release);
  trial_.stand_aside(crew_.progress());
  look_on();
  bool goes_on = true;
  if (trial_.stays_aside(crew_.progress(), crew_.has_queued())) {
    // For long. Before that it was not worth the way.
    crew_.rescue(*this);
    goes_on = stay_aside();
  }
  is_stuck.store(false, std::memory_order_relaxed);
  crew_.aside.fetch_sub(1, std::memory_order_relaxed);
  begin_stint(false);
  return goes_on;
}

// Without sleeping, for to be woken takes half as long as this. What is queued here stays, for
// whoever runs out of work meanwhile.
void Worker::look_on() {
  const auto end = std::chrono::steady_clock::now() + HelpTrial::glance;
  do {
    for (int i = 0; i < pauses_between_clocks; ++i)
      pause();
    if (queued() != 0 && crew_.idle.load(std::memory_order_relaxed) != 0) crew_.ask_for_help();
  } while (std::chrono::steady_clock::now() < end);
}

bool Worker::stay_aside() {
  std::unique_lock lock(crew_.hub);
  do {
    call_.wait_for(lock, HelpTrial::watch, [this] { return crew_.stopping; });
  } while (!crew_.stopping && trial_.stays_aside(crew_.progress(), crew_.has_queued()));
  return !crew_.stopping;
}

// What held this worker is over, and another one has its place. False: the crew stops.
bool Worker::stand_by() {
  crew_.rescue(*this);
  if (Process* const process = std::exchange(again_, nullptr)) crew_.inject(*process);
  current_.store(nullptr, std::memory_order_release);
  std::unique_lock lock(crew_.hub);
  called_ = false;
  crew_.spares.push_back(this);
  call_.wait(lock, [this] { return called_ || crew_.stopping; });
  replaced_.store(false, std::memory_order_relaxed);
  lock.unlock();
  begin_stint(false);
  return !crew_.stopping;
}

}  // namespace glasshouse::runtime

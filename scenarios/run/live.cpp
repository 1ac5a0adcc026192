#include "scenarios/run/live.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/schedule/system.h"

namespace glasshouse::scenarios {

using runtime::Error;
using Mode = LiveStatus::Mode;

namespace {

// Between two looks at the commands while the run goes on.
constexpr std::uint64_t steps_a_look = 2'000;
constexpr std::chrono::milliseconds pace_pause{4};

std::vector<std::pair<std::string, std::string>> cuts_of(sim::World& world) {
  std::vector<std::pair<std::string, std::string>> cuts;
  if (world.faults().active() == 0) return cuts;
  for (std::size_t i = 0; i < world.host_count(); ++i) {
    for (std::size_t j = i + 1; j < world.host_count(); ++j) {
      std::string host = world.host_name(static_cast<sim::HostId>(i));
      std::string other = world.host_name(static_cast<sim::HostId>(j));
      if (world.faults().cuts_between(host, other).empty()) continue;
      cuts.emplace_back(std::move(host), std::move(other));
    }
  }
  return cuts;
}

}  // namespace

// Everything of the run happens on `thread_`; the mutex guards what both sides see.
class Live::Worker {
 public:
  explicit Worker(RunOptions options) : trace_(options.trace) {
    thread_ =
        std::jthread([this, options = std::move(options)]() mutable { work(std::move(options)); });
  }
  ~Worker() {
    post([this] { leaving_ = true; });
    thread_.join();
  }

  // Why it did not start.
  std::optional<Error> wait_for_start() {
    std::unique_lock lock(mutex_);
    settled_.wait(lock, [this] { return started_; });
    return start_failure_;
  }

  void post(std::function<void()> command) {
    const std::lock_guard lock(mutex_);
    commands_.push_back(std::move(command));
    posted_.notify_one();
  }

  void settle() {
    std::unique_lock lock(mutex_);
    settled_.wait(lock,
                  [this] { return commands_.empty() && !busy_ && status_.mode != Mode::running; });
  }

  LiveStatus status() const {
    const std::lock_guard lock(mutex_);
    return status_;
  }
  const std::string& trace() const { return trace_; }

  // -- commands, on the worker's thread -----------------------------------------------------------

  void go(Instant goal, std::uint32_t speed_milli) {
    if (mode_ == Mode::ended) return;
    mode_ = Mode::running;
    goal_ = goal;
    speed_milli_ = speed_milli;
    pace_began_ = clock_.now();
    pace_from_ = run_->now();
  }
  void pause() {
    if (mode_ == Mode::running) rest();
  }
  void step(std::uint64_t steps) {
    if (mode_ == Mode::ended) return;
    run_->run_steps(steps);
    rest();
  }
  void act(const Action& action) {
    message_.clear();
    const auto done =
        mode_ == Mode::ended ? Result<void>(Error("the run has ended")) : run_->act(action);
    if (done) {
      ++actions_;
    } else {
      message_ = done.error().what;
    }
    if (mode_ == Mode::paused) rest();
  }
  void stop() { end(); }

 private:
  void work(RunOptions options) {
    auto created = Run::create(std::move(options));
    if (created) run_ = std::move(created).value();
    if (run_ != nullptr) rest();
    {
      const std::lock_guard lock(mutex_);
      started_ = true;
      if (!created) start_failure_ = created.error();
    }
    tell();  // wakes whoever waits for the start, too
    while (run_ != nullptr && !leaving_)
      serve();
    if (run_ != nullptr) end();
    if (run_ != nullptr) tell();
    run_.reset();
  }

  void serve() {
    std::function<void()> command;
    {
      std::unique_lock lock(mutex_);
      if (mode_ != Mode::running) {
        posted_.wait(lock, [this] { return !commands_.empty(); });
      } else if (commands_.empty() && is_ahead()) {
        posted_.wait_for(lock, pace_pause);
      }
      if (!commands_.empty()) {
        command = std::move(commands_.front());
        commands_.pop_front();
      }
      busy_ = true;
    }
    if (command) {
      command();
    } else if (mode_ == Mode::running) {
      go_on();
    }
    tell();
  }

  Instant paced() const {
    const Duration elapsed = clock_.now() - pace_began_;
    return pace_from_ + elapsed / 1'000 * static_cast<std::int64_t>(speed_milli_);
  }
  bool is_ahead() const { return speed_milli_ != 0 && paced() <= run_->now(); }

  void go_on() {
    const Instant until = speed_milli_ == 0 ? goal_ : std::min(goal_, paced());
    run_->run_steps(steps_a_look, until);
    if (run_->state() != RunState::going) {
      end();
    } else if (run_->now() >= goal_) {
      rest();
    }
  }

  // Paused: everything so far can be read from the trace.
  void rest() {
    if (run_->state() != RunState::going) return end();
    mode_ = Mode::paused;
    const auto flushed = run_->flush();
    if (!flushed) message_ = flushed.error().what;
  }

  void end() {
    if (mode_ == Mode::ended) return;
    mode_ = Mode::ended;
    const auto report = run_->finish();
    if (!report) {
      message_ = report.error().what;
    } else if (!report->recording_failure.empty()) {
      message_ = report->recording_failure;
    } else if (run_->state() == RunState::failed) {
      message_ = run_->failure().what;
    } else {
      message_ = report->scenario + " " + report->ended;
    }
  }

  void tell() {
    LiveStatus status;
    if (run_ != nullptr) {
      sim::World& world = run_->world();
      status.mode = mode_;
      status.state = run_->state();
      status.now = run_->now();
      status.end = run_->end();
      status.steps = run_->steps();
      status.events = run_->events();
      status.properties = run_->properties();
      for (std::size_t i = 0; i < world.host_count(); ++i) {
        status.hosts.push_back(world.host_name(static_cast<sim::HostId>(i)));
      }
      for (std::size_t i = 0; i < world.node_count(); ++i) {
        const auto node = static_cast<sim::NodeId>(i);
        status.nodes.push_back({.name = world.node_name(node),
                                .host = world.host_name(world.host_of(node)),
                                .up = world.is_up(node)});
      }
      status.cuts = cuts_of(world);
      status.actions = actions_;
      status.message = message_;
    }
    const std::lock_guard lock(mutex_);
    status_ = std::move(status);
    busy_ = false;
    settled_.notify_all();
  }

  const std::string trace_;
  mutable std::mutex mutex_;  // guards from here ...
  std::condition_variable posted_;
  std::condition_variable settled_;
  std::deque<std::function<void()>> commands_;
  LiveStatus status_;
  bool busy_ = true;
  bool started_ = false;
  std::optional<Error> start_failure_;  // ... to here
  std::unique_ptr<Run> run_;
  Mode mode_ = Mode::paused;
  Instant goal_;
  std::uint32_t speed_milli_ = 0;
  runtime::SystemClock clock_;  // of real time
  Instant pace_began_;
  Instant pace_from_;
  std::uint64_t actions_ = 0;
  std::string message_;
  bool leaving_ = false;
  std::jthread thread_;
};

Live::Live(std::unique_ptr<Worker> worker) : worker_(std::move(worker)) {}
Live::~Live() = default;

Result<std::unique_ptr<Live>> Live::start(RunOptions options) {
  CHECK(!options.trace.empty());
  auto worker = std::make_unique<Worker>(std::move(options));
  if (auto failure = worker->wait_for_start()) return std::move(*failure);
  std::unique_ptr<Live> live(new Live(std::move(worker)));
  live->settle();
  return live;
}

void Live::run(std::uint32_t speed_milli) {
  worker_->post([this, speed_milli] { worker_->go(Instant::max(), speed_milli); });
}
void Live::run_to_end() {
  run(0);
}
void Live::pause() {
  worker_->post([this] { worker_->pause(); });
}
void Live::step(std::uint64_t steps) {
  worker_->post([this, steps] { worker_->step(steps); });
}
void Live::run_until(Instant time) {
  worker_->post([this, time] { worker_->go(time, 0); });
}
void Live::act(Action action) {
  worker_->post([this, action = std::move(action)] { worker_->act(action); });
}
void Live::stop() {
  worker_->post([this] { worker_->stop(); });
}
LiveStatus Live::status() const {
  return worker_->status();
}
const std::string& Live::trace() const {
  return worker_->trace();
}
void Live::settle() {
  worker_->settle();
}

}  // namespace glasshouse::scenarios

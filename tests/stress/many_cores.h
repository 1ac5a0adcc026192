#pragma once
// A node on real threads, for tests.

#include <cstddef>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/process/self.h"
#include "runtime/schedule/system.h"
#include "runtime/term/print.h"
#include "tests/catch.h"

namespace glasshouse::stress {

using namespace runtime::literals;
using runtime::Atom;
using runtime::Behaviour;
using runtime::Duration;
using runtime::Pid;
using runtime::Self;
using runtime::Term;

// Keeps what it is told about some kinds of events.
class Witness final : public runtime::Tracer {
 public:
  explicit Witness(std::uint64_t kinds = 0) { want_kinds(kinds); }
  using Tracer::emit;
  void emit(const runtime::Event& event, std::string_view) override {
    const std::scoped_lock lock(mutex_);
    events_.push_back(event);
  }
  std::uint64_t new_message_id() override { return 1; }
  std::vector<runtime::Event> events() const {
    const std::scoped_lock lock(mutex_);
    return events_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<runtime::Event> events_;
};

inline runtime::MulticoreWorldOptions with_workers(std::size_t workers) {
  runtime::MulticoreWorldOptions options;
  options.executor.workers = workers;
  options.folder = std::filesystem::temp_directory_path().string();
  return options;
}

namespace detail {
inline Behaviour watch(Self self, Pid watched, std::promise<Term>* end) {
  self.monitor(watched);
  auto next = self.receive<runtime::Down>();
  runtime::Down down = co_await next;
  end->set_value(std::move(down.reason));
}
// Spawns and monitors in one step, so that no exit is too early to be seen.
template <auto Body, class... Args>
Behaviour follow(Self self, std::shared_ptr<std::promise<Term>> end, Args... args) {
  self.spawn_monitor<Body>(std::move(args)...);
  auto next = self.receive<runtime::Down>();
  runtime::Down down = co_await next;
  end->set_value(std::move(down.reason));
}
}  // namespace detail

class ManyCores {
 public:
  explicit ManyCores(std::size_t workers = 4, std::uint64_t kinds = 0)
      : ManyCores(with_workers(workers), kinds) {}
  explicit ManyCores(const runtime::MulticoreWorldOptions& options, std::uint64_t kinds = 0)
      : witness(kinds),
        world(options, witness),
        node(world.environment(), {.name = Atom("stress@localhost")}) {}

  Witness witness;
  runtime::MulticoreWorld world;
  runtime::Node node;

  // The exit reason of `pid`; noproc if it was gone before.
  Term end_of(Pid pid) {
    std::promise<Term> end;
    node.spawn<detail::watch>(pid, &end);
    return end.get_future().get();
  }
  // Spawns a process; the future gets its exit reason.
  template <auto Body, class... Args>
  std::future<Term> start(Args&&... args) {
    auto end = std::make_shared<std::promise<Term>>();
    std::future<Term> reason = end->get_future();
    node.spawn<detail::follow<Body, std::decay_t<Args>...>>(std::move(end),
                                                            std::forward<Args>(args)...);
    return reason;
  }
  static void expect_normal(std::future<Term> end) {
    const Term reason = end.get();
    INFO(runtime::to_string(reason));
    REQUIRE(reason == Term(runtime::atoms::normal));
  }
  template <auto Body, class... Args>
  void expect_normal_exit(Args&&... args) {
    expect_normal(start<Body>(std::forward<Args>(args)...));
  }
};

}  // namespace glasshouse::stress

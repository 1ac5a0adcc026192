#pragma once
// A node on real threads, for tests.

#include <cstddef>
#include <filesystem>
#include <future>
#include <mutex>
#include <string>
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
  template <auto Body, class... Args>
  void expect_normal_exit(Args&&... args) {
    const Term reason = end_of(node.spawn<Body>(std::forward<Args>(args)...));
    INFO(runtime::to_string(reason));
    const bool is_good =
        reason == Term(runtime::atoms::normal) || reason == Term(runtime::atoms::noproc);
    REQUIRE(is_good);
  }
};

}  // namespace glasshouse::stress

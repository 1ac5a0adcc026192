// traced: what a recording costs those who work. One worker passes a token between two processes,
// with so much work for each message that about a million pass in a second; the recorder has the
// other core, as it has on a machine that is not full.

#include <filesystem>
#include <future>
#include <memory>
#include <stdexcept>

#include <unistd.h>

#include "runtime/schedule/system.h"
#include "tests/bench/measure.h"
#include "tests/bench/rows.h"
#include "tracing/recorder.h"

namespace glasshouse::bench {

struct Token {
  std::uint64_t left = 0;
  std::uint64_t state = 0;
};

namespace {

Behaviour player(Self self, Pid other, std::uint64_t iterations, std::promise<void>* end) {
  for (;;) {
    auto next = self.receive<Token>();
    const Token token = co_await next;
    if (token.left == 0) break;
    self.send<Token>(other, token.left - 1, work(iterations, token.state));
  }
  end->set_value();
}

Behaviour serving_player(Self self, std::uint64_t messages, std::uint64_t iterations,
                         std::promise<void>* end) {
  const Pid other = self.spawn<player>(self.pid(), iterations, end);
  self.send<Token>(other, messages, std::uint64_t{1});
  for (;;) {
    auto next = self.receive<Token>();
    const Token token = co_await next;
    if (token.left == 0) break;
    self.send<Token>(other, token.left - 1, work(iterations, token.state));
  }
  end->set_value();
}

// Where a recording goes, gone with it.
class Recording {
 public:
  explicit Recording(std::string_view mode)
      : file_(std::filesystem::temp_directory_path() /
              ("glasshouse-bench-" + std::to_string(getpid()) + ".db")) {
    if (mode == "off") return;
    tracing::RecorderOptions options;
    options.path = file_.string();
    options.pressure = tracing::Pressure::monitoring;
    options.detail = mode == "text" ? runtime::Detail::text : runtime::Detail::none;
    if (mode == "default") {
      options.kinds = tracing::life_kinds;
    } else if (mode != "full" && mode != "text") {
      throw std::invalid_argument("'" + std::string(mode) +
                                  "' is none of off, default, full, text");
    }
    auto created = tracing::Recorder::create(std::move(options), {});
    if (!created) throw std::runtime_error(created.error().what);
    recorder_ = std::move(created).value();
  }
  ~Recording() {
    recorder_.reset();
    std::filesystem::remove(file_);
  }
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  runtime::Tracer& tracer() {
    return recorder_ ? *recorder_ : static_cast<runtime::Tracer&>(none_);
  }
  std::uint64_t dropped() const { return recorder_ ? recorder_->dropped() : 0; }

 private:
  std::filesystem::path file_;
  runtime::NullTracer none_;
  std::unique_ptr<tracing::Recorder> recorder_;
};

void traced(const Arguments& arguments) {
  const std::uint64_t messages = arguments.number(0);
  const std::uint64_t iterations = arguments.number(1);
  const std::string mode = arguments.text(2, "off");
  Recording recording(mode);
  runtime::MulticoreWorldOptions options;
  options.folder = std::filesystem::temp_directory_path().string();
  options.executor.workers = 1;
  runtime::MulticoreWorld world(options, recording.tracer());
  runtime::Node node(world.environment(), {.name = runtime::Atom("bench@localhost")});
  std::promise<void> end;
  const Time begin = now();
  node.spawn<serving_player>(messages, iterations, &end);
  end.get_future().wait();
  const auto took = now() - begin;
  print({.bench = "traced",
         .params = Fields().add("messages", messages).add("work", iterations).add("mode", mode),
         .took = took,
         .operations = messages,
         .more = Fields().add("events_dropped", recording.dropped())});
}

}  // namespace

std::vector<LoneRow> rows_of_tracing() {
  return {{"traced", "MESSAGES WORK [off|default|full|text]", &traced}};
}

}  // namespace glasshouse::bench

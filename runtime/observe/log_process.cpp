#include "runtime/observe/log_process.h"

#include <algorithm>
#include <string>
#include <utility>

#include "runtime/process/current.h"

namespace glasshouse::runtime {

namespace {

class QueueHandler final : public LogHandler {
 public:
  QueueHandler(Node& node, Pid writer, std::shared_ptr<LogQueue> queue)
      : node_(node), writer_(writer), queue_(std::move(queue)) {}

  void log(const LogEvent& event) override {
    const std::uint32_t waiting = queue_->waiting.fetch_add(1, std::memory_order_relaxed);
    const LogMode mode = log_mode(queue_->limits, waiting);
    if (mode == LogMode::drop) {
      queue_->waiting.fetch_sub(1, std::memory_order_relaxed);
      queue_->dropped.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    Process* const from = current_process();
    const bool is_ours = from != nullptr && &from->node() == &node_;
    MessagePtr message = make_message<LogEvent>(event);
    if (!node_.send(is_ours ? from : nullptr, writer_, message)) {
      queue_->waiting.fetch_sub(1, std::memory_order_relaxed);
      throw ExitException(Term(atoms::noproc));
    }
    if (mode == LogMode::sync && is_ours) from->end_turn();
  }

 private:
  Node& node_;
  Pid writer_;
  std::shared_ptr<LogQueue> queue_;
};

}  // namespace

LogWriter::LogWriter(Self self, std::shared_ptr<LogQueue> queue, std::unique_ptr<LogOutput> output,
                     LogFormatter formatter)
    : self_(self),
      queue_(std::move(queue)),
      output_(std::move(output)),
      formatter_(std::move(formatter)) {}

void LogWriter::handle(LogEvent event) {
  const std::uint32_t waiting = queue_->waiting.fetch_sub(1, std::memory_order_relaxed);
  if (waiting >= queue_->limits.flush_qlen) flush();
  if (!burst_.admit(queue_->limits, self_.now())) {
    ++over_burst_;
    return expect_end_of_burst();
  }
  write(event);
  const std::uint32_t left = queue_->waiting.load(std::memory_order_relaxed);
  if (left <= queue_->limits.drop_mode_qlen) tell_losses();
}

// Nothing more may come that could tell of the losses.
void LogWriter::expect_end_of_burst() {
  if (std::exchange(awaits_end_of_burst_, true)) return;
  const Duration left = burst_.end(queue_->limits) - self_.now();
  self_.send_after<LogBurstOver>(std::max(left, Duration::zero()), self_.pid());
}

void LogWriter::handle(LogBurstOver) {
  awaits_end_of_burst_ = false;
  tell_losses();
}

// OTP: the events that wait are discarded, and how many is said.
void LogWriter::flush() {
  std::uint32_t count = 0;
  self_.process().fetch();
  self_.process().drop_mail([&count](const Message& message) {
    const bool is_event = same_type(message.type, message_type<LogEvent>());
    count += is_event ? 1 : 0;
    return is_event;
  });
  queue_->waiting.fetch_sub(count, std::memory_order_relaxed);
  flushed_ += count;
}

void LogWriter::handle(LogSync) {
  tell_losses();
  output_->sync();
}

void LogWriter::write(const LogEvent& event) {
  output_->write(formatter_(event));
  ++written_;
}

void LogWriter::tell_losses() {
  std::uint64_t dropped = 0;
  // Most find nothing: a look, and no write.
  if (queue_->dropped.load(std::memory_order_relaxed) != 0) {
    dropped = queue_->dropped.exchange(0, std::memory_order_relaxed);
  }
  tell_loss(dropped, "dropped: too many waited");
  tell_loss(flushed_, "flushed: too many waited");
  tell_loss(over_burst_, "dropped: over the burst limit");
}

void LogWriter::tell_loss(std::uint64_t& count, std::string_view why) {
  if (count == 0) return;
  const std::int64_t time = self_.wall().nanoseconds() / 1000;
  write({.level = LogLevel::notice,
         .message = binary(std::to_string(count) + " log events were " + std::string(why)),
         .meta = map(Term("time"_atom), Term(time), Term("pid"_atom), Term(self_.pid()))});
  count = 0;
}

Term LogWriter::describe() const {
  return map(Term("written"_atom), Term(written_), Term("waiting"_atom),
             Term(queue_->waiting.load(std::memory_order_relaxed)));
}

LogProcess start_log_process(Node& node, LogProcessOptions options) {
  CHECK(options.output != nullptr);
  CHECK(options.overload.is_valid());
  auto queue = std::make_shared<LogQueue>();
  queue->limits = options.overload;
  const PidOf<LogWriter> pid = start_on<LogWriter>(
      node, options.name, queue, std::move(options.output), std::move(options.formatter));
  return {std::make_shared<QueueHandler>(node, pid.pid, std::move(queue)), pid};
}

}  // namespace glasshouse::runtime

#include "runtime/observe/system_monitor.h"

#include <utility>

#include "runtime/node/node.h"
#include "runtime/process/current.h"

namespace glasshouse::runtime {

bool SystemMonitor::lives(Pid pid) const {
  const Process* const process = node_.find(pid);
  return process != nullptr && process->is_open(pid.serial);
}

// REQUIRES: mutex_ is held.
std::optional<SystemMonitoring> SystemMonitor::set(std::optional<SystemMonitoring> monitoring) {
  const SystemMonitorOptions options = monitoring ? monitoring->options : SystemMonitorOptions{};
  const bool watched = enable_.load(std::memory_order_relaxed) != 0;
  long_schedule_.store(options.long_schedule.nanoseconds(), std::memory_order_relaxed);
  disable_.store(options.long_message_queue.disable, std::memory_order_relaxed);
  enable_.store(options.long_message_queue.enable, std::memory_order_relaxed);
  busy_stream_.store(options.busy_stream, std::memory_order_relaxed);
  const bool watches = options.long_message_queue.enable != 0;
  if (watches != watched) node_.processes().watch_mail(watches);
  return std::exchange(monitoring_, std::move(monitoring));
}

Result<std::optional<SystemMonitoring>> SystemMonitor::start(Pid monitor,
                                                             const SystemMonitorOptions& options) {
  const QueueBounds queue = options.long_message_queue;
  if (options.long_schedule < Duration::zero()) {
    return Error("long_schedule is less than zero", "badarg");
  }
  if (queue.disable >= queue.enable && queue != QueueBounds{}) {
    return Error("long_message_queue: disable must be below enable", "badarg");
  }
  const std::scoped_lock lock(mutex_);
  if (!lives(monitor)) return Error("there is no such process to tell", "badarg");
  const bool is_stop = options == SystemMonitorOptions{};
  auto former = set(is_stop ? std::nullopt : std::optional(SystemMonitoring{monitor, options}));
  if (queue.enable != 0) tell_of_long_mail(monitor, queue);
  return former;
}

// Whose mailbox is long already may have told a former monitor, and would not tell again.
void SystemMonitor::tell_of_long_mail(Pid monitor, QueueBounds bounds) {
  node_.processes().for_each_slot([&](const Process& process) {
    const LongMessageQueue news{
        .pid = process.pid(), .is_long = true, .length = process.mail_length()};
    if (!process.is_alive() || news.length < bounds.enable || news.pid == monitor) return;
    static_cast<void>(node_.deliver<LongMessageQueue>(monitor, news));
  });
}

std::optional<SystemMonitoring> SystemMonitor::stop() {
  const std::scoped_lock lock(mutex_);
  return set(std::nullopt);
}

// Nobody tells us that the monitoring process is gone: whoever looks finds that out, and an exit
// costs nothing.
std::optional<SystemMonitoring> SystemMonitor::current() {
  const std::scoped_lock lock(mutex_);
  if (monitoring_ && !lives(monitoring_->monitor)) set(std::nullopt);
  return monitoring_;
}

template <class M>
void SystemMonitor::send(const M& news) {
  const std::optional<SystemMonitoring> now = current();
  if (!now || now->monitor == news.pid) return;
  static_cast<void>(node_.deliver<M>(now->monitor, news));
}

void SystemMonitor::tell(const LongSchedule& news) {
  send(news);
}

void SystemMonitor::tell(const LongMessageQueue& news) {
  send(news);
}

void SystemMonitor::tell(BusyStream news) {
  if (!busy_stream_.load(std::memory_order_relaxed)) return;
  const Process* const sender = current_process();
  if (sender != nullptr && &sender->node() == &node_) news.pid = sender->pid();
  send(news);
}

// -- as OTP writes them ---------------------------------------------------------------------------

namespace {

Term monitor_term(Pid pid, std::string_view what, Term info) {
  return tuple(Term("monitor"_atom), Term(pid), Term(Atom(what)), std::move(info));
}

// The info of {monitor, Pid, What, Info}, and the pid.
Result<std::pair<Pid, Term>> monitor_parts(const Term& term, std::string_view what) {
  const bool fits = term.is_tuple() && term.size() == 4 &&
                    term.element(0).is_atom("monitor"_atom) && term.element(2).is_atom(Atom(what));
  if (!fits) return detail::expected("{monitor,Pid," + std::string(what) + ",Info}", term);
  auto pid = from_term<Pid>(term.element(1));
  if (!pid) return pid.error();
  return std::pair(*pid, term.element(3));
}

}  // namespace

Term Conversion<LongSchedule>::to_term(const LongSchedule& news) {
  const std::int64_t milliseconds = news.time / Duration::milliseconds(1);
  return monitor_term(
      news.pid, "long_schedule",
      list(tuple(Term(atoms::timeout), Term(milliseconds)), tuple(Term("in"_atom), Term(news.in))));
}

Result<LongSchedule> Conversion<LongSchedule>::from_term(const Term& term) {
  auto parts = monitor_parts(term, "long_schedule");
  if (!parts) return parts.error();
  using Info = std::vector<std::pair<Atom, Term>>;
  auto info = runtime::from_term<Info>(parts->second);
  if (!info) return info.error();
  LongSchedule news{.pid = parts->first, .time = {}, .in = {}};
  for (const auto& [key, value] : *info) {
    if (key == atoms::timeout) {
      news.time = Duration::milliseconds(value.as_integer().value_or(0));
    } else if (key == "in"_atom) {
      news.in = value.as_atom().value_or(Atom());
    }
  }
  return news;
}

Term Conversion<LongMessageQueue>::to_term(const LongMessageQueue& news) {
  return monitor_term(news.pid, "long_message_queue", Term(news.is_long));
}

Result<LongMessageQueue> Conversion<LongMessageQueue>::from_term(const Term& term) {
  auto parts = monitor_parts(term, "long_message_queue");
  if (!parts) return parts.error();
  auto is_long = runtime::from_term<bool>(parts->second);
  if (!is_long) return is_long.error();
  return LongMessageQueue{.pid = parts->first, .is_long = *is_long, .length = 0};
}

Term Conversion<BusyStream>::to_term(const BusyStream& news) {
  return monitor_term(news.pid, "busy_stream", Term(static_cast<std::int64_t>(news.socket.number)));
}

Result<BusyStream> Conversion<BusyStream>::from_term(const Term& term) {
  auto parts = monitor_parts(term, "busy_stream");
  if (!parts) return parts.error();
  auto number = runtime::from_term<std::uint64_t>(parts->second);
  if (!number) return number.error();
  return BusyStream{.pid = parts->first, .socket = Socket{*number}};
}

}  // namespace glasshouse::runtime

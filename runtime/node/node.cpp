#include "runtime/node/node.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "runtime/io/byte_streams.h"
#include "runtime/node/decisions.h"
#include "runtime/observe/crash_report.h"
#include "runtime/observe/logger.h"
#include "runtime/observe/metrics.h"
#include "runtime/observe/reports.h"
#include "runtime/observe/system_monitor.h"
#include "runtime/process/current.h"
#include "runtime/process/self.h"
#include "runtime/process/shown_field.h"
#include "runtime/table/persistent_term.h"
#include "runtime/table/tables.h"
#include "runtime/term/print.h"

namespace glasshouse::runtime {

namespace {

// With a tag whoever suspended it asynchronously is told by a message, too.
MessagePtr end_of_suspension(Pid suspended, const Term& tag) {
  MessagePtr over = make_signal(MessageKind::suspension_over, suspended);
  static_cast<Signal&>(*over).reason = tag;
  return over;
}

NodeOptions with_creation(NodeOptions options, Decisions& decide) {
  if (options.creation == 0) {
    const std::uint64_t last = std::numeric_limits<std::uint32_t>::max();
    options.creation =
        static_cast<std::uint32_t>(1 + decide.below(Choice::creation, options.trace_index, last));
  }
  return options;
}

}  // namespace

Node::Node(Environment environment, NodeOptions options)
    : environment_(environment),
      options_(with_creation(options, environment.decide)),
      logger_(std::make_unique<Logger>(*this)),
      persistent_terms_(std::make_unique<PersistentTerms>()),
      tables_(std::make_unique<Tables>(*this)),
      processes_(*this, options.processes_max, environment.executor.worker_count()),
      timers_(*this),
      metrics_(std::make_unique<Metrics>()),
      system_monitor_(std::make_unique<SystemMonitor>(*this)) {
  if (wants(EventKind::node_up)) {
    emit({.kind = EventKind::node_up, .name = options_.name, .argument = options_.creation});
  }
}

Node::~Node() {
  powered_.store(false, std::memory_order_relaxed);
  // First: who tells of a socket is no worker, and what it wakes must be seen by the executor.
  environment_.network.node_ends(*this);
  environment_.executor.detach(*this);
  processes_.for_each_slot([this](Process& process) { power_off(process); });
}

void Node::power_off(Process& process) {
  if (!process.body_) return;
  if (process.owns_io) environment_.network.owner_exited(*this, process.pid());
  process.body_.destroy();
  process.body_ = nullptr;
  Message* message = process.mailbox_.close();
  while (message != nullptr) {
    MessagePtr dropped(std::exchange(message, message->next));
  }
}

Process* Node::find(Pid pid) {
  if (pid.node != options_.name || pid.creation != options_.creation) return nullptr;
  return processes_.slot(pid.id);
}

ProcessKey Node::key_of(Pid pid) const {
  if (pid.is_null()) return {};
  return ProcessKey::of(options_.trace_index, pid);
}

void Node::emit(Event event, std::string_view text) {
  event.node = options_.trace_index;
  event.time = now();
  environment_.tracer.emit(event, text);
}

// A trace has many nodes: its pids say which.
std::string Node::text_for_trace(const Term& term) const {
  return to_string(term, {.node = options_.name, .node_number = options_.trace_index});
}

// The hash is told with the text and without, so that a digest does not depend on who listens.
void Node::emit(Event event, const Term& term) {
  const Detail detail = environment_.tracer.detail();
  if (detail != Detail::none) event.argument = static_cast<std::int64_t>(term.hash());
  if (detail == Detail::text) {
    emit(event, text_for_trace(term));
  } else {
    emit(event);
  }
}

void Node::trace_send(ProcessKey from, Pid to, Message& message) {
  Tracer& tracer = environment_.tracer;
  message.id = tracer.new_message_id();
  if (message.id == 0) return;
  Event event{.kind = EventKind::send,
              .name = message.type->name,
              .subject = from,
              .peer = key_of(to),
              .message = message.id};
  const Detail detail = tracer.detail();
  if (detail != Detail::none) {
    event.argument = static_cast<std::int64_t>(message.type->digest(message));
  }
  if (detail == Detail::text) {
    emit(event, text_for_trace(message.type->to_term(message)));
  } else {
    emit(event);
  }
}

void Node::tell_receive(Process& process, const Message& message) {
  if (message.id == 0 && wants(EventKind::send)) return;
  emit({.kind = EventKind::receive,
        .name = message.type->name,
        .subject = process.key(),
        .peer = message.sender,
        .message = message.id});
}

void Node::trace_wait(Process& process) {
  if (!wants(EventKind::wait)) return;
  emit({.kind = EventKind::wait,
        .name = process.wait_->what(),
        .subject = process.key(),
        .peer = key_of(process.wait_->whom()),
        .argument = static_cast<std::int64_t>(process.reductions.load(std::memory_order_relaxed))});
}

void Node::trace_suspension(Process& process) {
  if (!wants(EventKind::wait)) return;
  emit({.kind = EventKind::wait,
        .name = "suspended"_atom,
        .subject = process.key(),
        .argument = static_cast<std::int64_t>(process.reductions.load(std::memory_order_relaxed))});
}

bool Node::send(Process* from, Pid to, MessagePtr& message) {
  if (!powered_.load(std::memory_order_relaxed)) return false;
  if (from != nullptr) {
    --from->reductions_left;
    message->sender = from->key();
  }
  if (wants(EventKind::send)) trace_send(message->sender, to, *message);
  Process* const target = find(to);
  const std::uint64_t id = message->id;
  const Atom name = message->type->name;
  if (target != nullptr && target->push(message.get(), to.serial)) {
    // It is the receiver's now, and may be gone already.
    static_cast<void>(message.release());
    return true;
  }
  if (wants(EventKind::drop)) {
    emit({.kind = EventKind::drop,
          .name = "dead"_atom,
          .subject = from == nullptr ? ProcessKey() : from->key(),
          .peer = key_of(to),
          .message = id},
         name.text());
  }
  return false;
}

Pid Node::resolve(const To& to) {
  if (to.by_pid()) return to.pid();
  if (to.is_elsewhere(options_.name)) return {};
  if (to.by_name()) return registry_.find(to.name()).value_or(Pid());
  const Ref ref = to.alias();
  // A reference that a process made says which slot it lives in (Process::make_ref).
  const Pid maker{options_.name, static_cast<std::uint32_t>(ref.number >> 36), 0,
                  options_.creation};
  if (ref.node != maker.node || ref.creation != maker.creation) return {};
  const Process* process = find(maker);
  return process == nullptr ? Pid() : Pid{maker.node, maker.id, process->serial(), maker.creation};
}

void Node::send_to(Process* from, const To& to, MessagePtr& message) {
  const Pid pid = resolve(to);
  if (pid.is_null()) return;
  if (!to.by_alias()) {
    send(from, pid, message);
    return;
  }
  // Whether it still is an alias is known when it arrives.
  if (from != nullptr) message->sender = from->key();
  if (wants(EventKind::send)) trace_send(message->sender, pid, *message);
  MessagePtr envelope = make_signal(MessageKind::aliased, Pid());
  static_cast<Signal&>(*envelope).ref = to.alias();
  static_cast<Signal&>(*envelope).carried = std::move(message);
  signal(from, pid, std::move(envelope));
}

void Node::signal(Process* from, Pid to, MessagePtr signal) {
  if (!try_signal(from, to, signal)) refuse(*signal, to, Term(atoms::noproc));
}

bool Node::try_signal(Process* from, Pid to, MessagePtr& signal) {
  // Without power nobody is to hear of it either.
  if (!powered_.load(std::memory_order_relaxed)) {
    signal.reset();
    return true;
  }
  if (from != nullptr) {
    --from->reductions_left;
    signal->sender = from->key();
  }
  Process* const target = find(to);
  if (target == nullptr || !target->push(signal.get(), to.serial)) return false;
  static_cast<void>(signal.release());
  return true;
}

bool Node::end_monitor(Process& watcher, Ref ref) {
  const auto monitor = watcher.take_monitor(ref);
  watcher.end_alias_of_monitor(ref);
  if (!monitor) return false;
  if (wants(EventKind::demonitor)) {
    emit({.kind = EventKind::demonitor,
          .subject = watcher.key(),
          .peer = key_of(monitor->pid),
          .argument = static_cast<std::int64_t>(ref.number)});
  }
  stop_watching(watcher, monitor->pid, ref);
  return true;
}

void Node::stop_watching(Process& watcher, Pid watched, Ref ref) {
  MessagePtr demonitor = make_signal(MessageKind::demonitor, watcher.pid());
  static_cast<Signal&>(*demonitor).ref = ref;
  signal(&watcher, watched, std::move(demonitor));
}

void Node::acknowledge_unlink(Pid unlinked, const Signal& unlink) {
  MessagePtr answer = make_signal(MessageKind::unlinked, unlinked);
  static_cast<Signal&>(*answer).ref = unlink.ref;
  signal(nullptr, unlink.from, std::move(answer));
}

void Node::refuse(Message& message, Pid target, const Term& reason) {
  MessagePtr answer;
  Pid to;
  if (message.kind == MessageKind::call) {
    const CallFrom& from = static_cast<CallMessage&>(message).from;
    answer = make_signal(MessageKind::down, target);
    static_cast<Signal&>(*answer).ref = from.ref;
    to = from.pid;
  } else if (message.kind == MessageKind::monitor || message.kind == MessageKind::info ||
             message.kind == MessageKind::suspend) {
    const auto& asked = static_cast<Signal&>(message);
    const bool waits = asked.ref.number != 0;
    if (!waits) return signal(nullptr, asked.from, end_of_suspension(target, asked.reason));
    answer = make_signal(MessageKind::down, target);
    static_cast<Signal&>(*answer).ref = asked.ref;
    to = asked.from;
  } else if (message.kind == MessageKind::link) {
    answer = make_signal(MessageKind::exit_signal, target);
    static_cast<Signal&>(*answer).by_link = true;
    to = static_cast<Signal&>(message).from;
  } else if (message.kind == MessageKind::unlink) {
    return acknowledge_unlink(target, static_cast<Signal&>(message));
  } else {
    return;
  }
  static_cast<Signal&>(*answer).reason = reason;
  signal(nullptr, to, std::move(answer));
}

void Node::exit(Pid pid, Term reason) {
  MessagePtr message = make_signal(MessageKind::exit_signal, Pid());
  static_cast<Signal&>(*message).reason = std::move(reason);
  signal(nullptr, pid, std::move(message));
}

void Node::launch(Process& process, Process* parent, Behaviour body, const SpawnOptions& options) {
  process.body_ = body.release();
  process.resume_ = process.body_;
  show(process.initial, options.initial);
  process.priority = options.priority;
  if (options.mail_limit != nullptr) process.limit_mail(*options.mail_limit);
  if (options.starter.ref.number != 0) {
    process.relations().starter = options.starter;
    process.relations().hibernate_after = options.hibernate_after;
  }
  const Pid pid = process.pid();
  if (parent != nullptr) {
    show(process.parent, parent->pid());
    process.group_leader = parent->group_leader;
    if (options.link) {
      process.add_link(parent->pid());
      parent->add_link(pid);
    }
    if (options.monitor.number != 0) {
      process.relations().monitored_by.push_back({options.monitor, parent->pid(), Atom()});
      parent->relations().monitors.push_back({options.monitor, pid, Atom()});
    }
    --parent->reductions_left;
  }
  if (wants(EventKind::spawn)) {
    emit({.kind = EventKind::spawn,
          .name = options.initial,
          .subject = process.key(),
          .peer = parent == nullptr ? ProcessKey() : parent->key()});
    if (options.link) {
      emit({.kind = EventKind::link, .subject = parent->key(), .peer = process.key()});
    }
  }
  if (options.monitor.number != 0 && wants(EventKind::monitor)) {
    emit({.kind = EventKind::monitor,
          .subject = parent->key(),
          .peer = process.key(),
          .argument = static_cast<std::int64_t>(options.monitor.number)});
  }
  process.alive_.store(true, std::memory_order_release);  // pairs with list
  process.mailbox_.open();
  environment_.executor.schedule(process);
}

Node::Turn Node::run(Process& process, std::uint32_t reductions) {
  const CurrentProcess current(process);
  auto counted_at = static_cast<std::int32_t>(reductions);
  process.reductions_left = counted_at;
  const auto turn = [&](Ran ran) {
    return Turn{ran, reductions - static_cast<std::uint32_t>(counted_at)};
  };
  bool is_waiting = false;  // for sure: the wait was polled, and nothing came since
  for (;;) {
    if (process.fetch()) is_waiting = false;
    if (process.halted_ != 0 && process.is_halted()) {
      process.count_reductions(counted_at);
      if (!process.is_doomed()) {
        trace_suspension(process);
        if (process.mailbox_.park()) return turn(Ran::waiting);
        continue;
      }
      const Term reason = std::move(process.exit_reason_);
      finish(process, reason);
      return turn(Ran::exited);
    }
    if (process.wait_ == nullptr || (!is_waiting && process.wait_->poll(process))) {
      process.wait_ = nullptr;
      process.polled_late_ = false;
      process.resume_.resume();
      if (process.body_.done()) {
        process.count_reductions(counted_at);
        finish(process, reason_of_end(process));
        return turn(Ran::exited);
      }
      is_waiting = process.polled_late_;
      const bool is_halted = (process.halted_ & Process::halting_bits) != 0;
      if (process.reductions_left > 0 || is_halted || is_waiting || !process.wait_->poll(process)) {
        continue;
      }
      process.count_reductions(counted_at);
      return turn(Ran::yielded);
    }
    process.count_reductions(counted_at);
    trace_wait(process);
    if (process.mailbox_.park()) return turn(Ran::waiting);
  }
}

// A fatal exit signal that came in its last turn is why it ends, however its body came out of it.
Term Node::reason_of_end(Process& process) {
  if (process.is_doomed()) return std::move(process.exit_reason_);
  const std::exception_ptr failure = process.body_.promise().failure;
  if (!failure) return Term(atoms::normal);
  Term reason = exit_reason_of(failure);
  if (!is_orderly(reason)) report_crash(process, reason);
  return reason;
}

void Node::report_crash(Process& process, const Term& reason) {
  metrics_->count_crash();
  const bool is_logged = logger_->allows(LogLevel::error);
  if (!wants(EventKind::crash) && !is_logged) return;
  const bool is_told = environment_.tracer.detail() == Detail::text || is_logged;
  const std::exception_ptr& failure = process.body_.promise().failure;
  const Term report = is_told ? crash_report(process, reason, failure) : Term();
  if (is_logged) log_crash(*this, process, report);
  if (!wants(EventKind::crash)) return;
  // Not hashed: the stack in it depends on the compiler.
  const Event event{.kind = EventKind::crash, .name = process.initial, .subject = process.key()};
  if (environment_.tracer.detail() == Detail::text) {
    emit(event, text_for_trace(report));
  } else {
    emit(event);
  }
}

// The order is a law: the name is free, the mailbox closed, and then the sockets closed and the
// tables deleted or handed on, before anybody who waited hears of the exit. Who asks only now finds
// the mailbox closed and hears noproc, perhaps before the sockets and tables are gone.
void Node::finish(Process& process, const Term& reason) {
  process.server = nullptr;
  process.body_.destroy();
  process.body_ = nullptr;
  process.wait_ = nullptr;
  if (process.named_.load(std::memory_order_relaxed)) free_name(process);
  Message* unseen = process.mailbox_.close();
  // Somebody may have named it meanwhile; from now on nobody can. Pairs with Registry::add.
  if (process.named_.load(std::memory_order_seq_cst)) free_name(process);
  if (process.has_timers_.load(std::memory_order_seq_cst)) timers_.end_those_for(process.pid());
  // Who gives it a socket, or accepts one for it, sees from now on that it takes none.
  if (process.owns_io) environment_.network.owner_exited(*this, process.pid());
  if (wants(EventKind::exit)) {
    emit({.kind = EventKind::exit,
          .name = process.initial,
          .subject = process.key(),
          .message = process.reductions.load(std::memory_order_relaxed)},
         reason);
  }
  tables_->owner_exited(process.pid());
  const std::unique_ptr<Relations> left = std::move(process.relations_);
  if (left) leave_relations(process, *left, reason);
  tell_callers(process, reason);
  const Pid pid = process.pid();
  const auto refuse_late = [&](const MessagePtr& message) {
    // Perhaps for a former life of the slot: who linked that one must hear of that one.
    refuse(*message, {pid.node, pid.id, message->target_serial, pid.creation}, Term(atoms::noproc));
  };
  while (left && !left->late.empty())
    refuse_late(left->late.take_after(nullptr));
  while (unseen != nullptr)
    refuse_late(MessagePtr(std::exchange(unseen, unseen->next)));
  processes_.release(process);
}

void Node::free_name(Process& process) {
  process.named_.store(false, std::memory_order_relaxed);
  registry_.remove_of(process.pid());
}

void Node::leave_extras(Process& process, const Extras& extras) {
  for (const auto& suspended : extras.suspending) {
    signal(&process, suspended.pid, make_signal(MessageKind::resume, process.pid()));
  }
  for (const auto& suspender : extras.suspended_by) {
    signal(&process, suspender.pid, end_of_suspension(process.pid(), Term()));
  }
}

bool Node::register_name(Atom name, Pid pid) {
  Process* const process = find(pid);
  if (process == nullptr || !registry_.add(name, *process, pid)) return false;
  if (wants(EventKind::register_name)) {
    emit({.kind = EventKind::register_name, .name = name, .subject = key_of(pid)});
  }
  return true;
}

bool Node::unregister_name(Atom name) {
  const auto holder = registry_.find(name);
  if (!holder || !registry_.remove(name)) return false;
  if (wants(EventKind::unregister_name)) {
    emit({.kind = EventKind::unregister_name, .name = name, .subject = key_of(*holder)});
  }
  return true;
}

void Node::leave_relations(Process& process, const Relations& left, const Term& reason) {
  const Pid pid = process.pid();
  for (const Pid other : left.links) {
    MessagePtr exit = make_signal(MessageKind::exit_signal, pid);
    static_cast<Signal&>(*exit).by_link = true;
    static_cast<Signal&>(*exit).reason = reason;
    signal(&process, other, std::move(exit));
  }
  const auto tell = [&](Pid watcher, Ref ref) {
    MessagePtr down = make_signal(MessageKind::down, pid);
    static_cast<Signal&>(*down).ref = ref;
    static_cast<Signal&>(*down).reason = reason;
    signal(&process, watcher, std::move(down));
  };
  for (const auto& watcher : left.monitored_by)
    tell(watcher.pid, watcher.ref);
  for (const auto& watched : left.monitors) {
    MessagePtr demonitor = make_signal(MessageKind::demonitor, pid);
    static_cast<Signal&>(*demonitor).ref = watched.ref;
    signal(&process, watched.pid, std::move(demonitor));
  }
  for (const CallFrom& waiting : {left.starter, left.handling}) {
    if (waiting.ref.number != 0) tell(waiting.pid, waiting.ref);
  }
  if (left.extras) leave_extras(process, *left.extras);
}

void Node::tell_callers(Process& process, const Term& reason) {
  for (Message* message = process.mail.first(); message != nullptr; message = message->next) {
    refuse(*message, process.pid(), reason);
  }
  process.mail.clear();
}

void Node::fire_timers() {
  const auto next = timers_.fire(now());
  if (next) environment_.executor.wake_at(*this, *next);
}

std::vector<ProcessInfo> Node::list() const {
  std::vector<ProcessInfo> infos;
  std::map<Pid, Atom> names;
  for (const auto& [name, pid] : registry_.all())
    names.emplace(pid, name);
  processes_.for_each_slot([&](const Process& process) {
    const Pid pid = process.pid();
    if (!process.alive_.load(std::memory_order_acquire)) return;  // pairs with launch
    const Pid parent = look_at(process.parent);
    const Atom initial = look_at(process.initial);
    // It may have ended meanwhile, and another one may live there.
    if (!process.is_alive() || process.serial() != pid.serial) return;
    const auto name = names.find(pid);
    infos.push_back({.pid = pid,
                     .parent = parent,
                     .initial = initial,
                     .name = name == names.end() ? Atom() : name->second,
                     .mail_length = process.mail_length(),
                     .reductions = process.reductions.load(std::memory_order_relaxed)});
  });
  return infos;
}

std::vector<WaitInfo> Node::waits() const {
  std::vector<WaitInfo> infos;
  processes_.for_each_slot([&](const Process& process) {
    if (!process.is_alive() || process.wait_ == nullptr) return;
    infos.push_back(
        {.pid = process.pid(), .what = process.wait_->what(), .whom = process.wait_->whom()});
  });
  return infos;
}

}  // namespace glasshouse::runtime

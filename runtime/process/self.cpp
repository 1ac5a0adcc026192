#include "runtime/process/self.h"

#include <algorithm>

#include "runtime/observe/logger.h"
#include "runtime/term/print.h"

namespace glasshouse::runtime {

void Self::send_message(To to, MessagePtr message) const {
  if (to.by_pid()) {
    node().send(process_, to.pid(), message);
  } else {
    node().send_to(process_, to, message);
  }
}

void Self::answer(const CallFrom& to, MessagePtr reply) const {
  process_->forget_watcher(to.ref);
  node().send(process_, to.pid, reply);
}

void Self::link(Pid other) const {
  if (other == pid()) return;
  const auto* relations = process_->relations_if_any();
  if (relations != nullptr && relations->links.contains(other)) return;
  MessagePtr signal = make_signal(MessageKind::link, pid());
  process_->end_unlinking(other, Ref());
  process_->add_link(other);
  if (node().wants(EventKind::link)) {
    node().emit(
        {.kind = EventKind::link, .subject = process_->key(), .peer = node().key_of(other)});
  }
  if (node().try_signal(process_, other, signal)) return;
  if (process_->trap_exit) {
    // Comes as an exit signal along the link.
    node().refuse(*signal, other, Term(atoms::noproc));
    return;
  }
  process_->remove_link(other);
  throw ExitException(Term(atoms::noproc));
}

void Self::take_in_signals() const {
  process_->fetch();
  if (process_->is_doomed()) throw ExitException(process_->exit_reason());
}

void Self::unlink(Pid other) const {
  take_in_signals();
  if (!process_->remove_link(other)) return;
  if (node().wants(EventKind::unlink)) {
    node().emit(
        {.kind = EventKind::unlink, .subject = process_->key(), .peer = node().key_of(other)});
  }
  MessagePtr signal = make_signal(MessageKind::unlink, pid());
  const Ref ref = make_ref();
  static_cast<Signal&>(*signal).ref = ref;
  if (node().try_signal(process_, other, signal)) process_->begin_unlinking(other, ref);
}

Ref Self::monitor(To other, const MonitorOptions& options) const {
  const Ref ref = process_->make_ref();
  Pid target = other.pid();
  const bool is_elsewhere = other.is_elsewhere(node().name());
  if (is_elsewhere) {
    target = Pid();
  } else if (other.by_name()) {
    target = whereis(other.name()).value_or(Pid());
  }
  // OTP: monitoring oneself is inert, so no Down will need the tag.
  const bool is_own = target == pid();
  note_monitor(ref, is_own ? MonitorOptions{.alias = options.alias} : options);
  if (is_own) return ref;
  process_->relations().monitors.push_back({ref, target, other.name()});
  if (node().wants(EventKind::monitor)) {
    node().emit({.kind = EventKind::monitor,
                 .subject = process_->key(),
                 .peer = node().key_of(target),
                 .argument = static_cast<std::int64_t>(ref.number)});
  }
  MessagePtr signal = make_signal(MessageKind::monitor, pid());
  static_cast<Signal&>(*signal).ref = ref;
  if (is_elsewhere) {
    node().refuse(*signal, target, Term("noconnection"_atom));
  } else {
    node().signal(process_, target, std::move(signal));
  }
  return ref;
}

void Self::note_monitor(Ref ref, const MonitorOptions& options) const {
  if (!options.tag.is_undefined()) process_->extras().tags.emplace_back(ref, options.tag);
  if (options.alias != AliasMode::none) {
    process_->extras().aliases.push_back({ref, options.alias});
  }
}

bool Self::demonitor(Ref ref, Flush flush) const {
  take_in_signals();
  const bool was_active = node().end_monitor(*process_, ref);
  if (!was_active && flush == Flush::flush) {
    process_->drop_mail([&](const Message& message) {
      return same_type(message.type, message_type<Down>()) && body_of<Down>(message).ref == ref;
    });
  }
  return was_active;
}

Ref Self::alias(AliasMode mode) const {
  const bool is_of_a_monitor = mode == AliasMode::demonitor || mode == AliasMode::reply_demonitor;
  if (mode == AliasMode::none || is_of_a_monitor) throw ExitException(Term(atoms::badarg));
  const Ref ref = process_->make_ref();
  process_->extras().aliases.push_back({ref, mode});
  return ref;
}

void Self::exit(Pid other, Term reason) const {
  MessagePtr message = make_signal(MessageKind::exit_signal, pid());
  static_cast<Signal&>(*message).reason = std::move(reason);
  node().signal(process_, other, std::move(message));
  if (other != pid()) return;
  // To oneself it acts before the next line. OTP: erlang:exit/2.
  take_in_signals();
}

SpawnOptions Self::prepare(SpawnOptions options, const SpawnOpt& wanted, Ref ref) const {
  options.link = wanted.link;
  options.priority = wanted.priority;
  if (wanted.mail_limit.messages != 0) options.mail_limit = &wanted.mail_limit;
  if (wanted.monitor) {
    options.monitor = ref.is_null() ? make_ref() : ref;
    note_monitor(options.monitor, wanted.monitoring);
  }
  return options;
}

void Self::tell_spawned(const SpawnRequest& request, Ref ref, const Process* child) const {
  using enum SpawnReplies;
  const bool failed = child == nullptr;
  if (request.replies == never || request.replies == (failed ? success_only : error_only)) return;
  MessagePtr reply =
      failed ? make_message<SpawnReply>(ref, atoms::error, Term(atoms::system_limit),
                                        request.reply_tag)
             : make_message<SpawnReply>(ref, atoms::ok, Term(child->pid()), request.reply_tag);
  node().send(process_, pid(), reply);
}

void Self::set_group_leader(Pid leader, Pid other) const {
  if (other == pid()) return set_group_leader(leader);
  MessagePtr message = make_signal(MessageKind::group_leader, pid());
  static_cast<Signal&>(*message).reason = Term(leader);
  node().signal(process_, other, std::move(message));
}

namespace {

void check_askable(const Node& node, Pid whom) {
  if (whom.node != node.name()) throw ExitException(Term(atoms::badarg));
}

}  // namespace

AskInfoOf Self::process_info(Pid whom) const {
  check_askable(node(), whom);
  return AskInfoOf(*process_, whom, Term());
}

AskInfoOf Self::process_info(Pid whom, Atom item) const {
  check_askable(node(), whom);
  if (!is_info_item(item)) throw ExitException(Term(atoms::badarg));
  return AskInfoOf(*process_, whom, Term(item));
}

AskInfoOf Self::process_info(Pid whom, const std::vector<Atom>& items) const {
  check_askable(node(), whom);
  for (const Atom item : items) {
    if (!is_info_item(item)) throw ExitException(Term(atoms::badarg));
  }
  return AskInfoOf(*process_, whom, to_term(items));
}

// False: it is not to be suspended once more.
bool Self::count_suspension(Pid other, Suspend how) const {
  if (other == pid()) throw ExitException(Term(atoms::badarg));
  take_in_signals();  // that it is gone may have come
  if (how == Suspend::unless_suspending && process_->is_suspending(other)) return false;
  auto& suspending = process_->extras().suspending;
  const auto found = std::find_if(suspending.begin(), suspending.end(),
                                  [&](const auto& one) { return one.pid == other; });
  if (found == suspending.end()) {
    suspending.push_back({other, 1});
  } else {
    ++found->count;
  }
  return true;
}

SuspendWait Self::suspend_process(Pid other, Suspend how) const {
  return SuspendWait(*process_, other, count_suspension(other, how));
}

bool Self::suspend_process_async(Pid other, Suspend how, Term reply_tag) const {
  const bool counts = count_suspension(other, how);
  if (!counts && reply_tag.is_undefined()) return false;
  MessagePtr signal = make_signal(MessageKind::suspend, pid());
  static_cast<Signal&>(*signal).reason = reply_tag;
  static_cast<Signal&>(*signal).number = counts ? 0 : 1;
  if (node().try_signal(process_, other, signal)) return counts;
  if (counts) process_->forget_suspension(other);
  if (!reply_tag.is_undefined()) send<SuspendReply>(pid(), std::move(reply_tag), atoms::badarg);
  return counts;
}

void Self::resume_process(Pid other) const {
  take_in_signals();
  if (!process_->is_suspending(other)) throw ExitException(Term(atoms::badarg));
  process_->forget_suspension(other);
  MessagePtr message = make_signal(MessageKind::resume, pid());
  static_cast<Signal&>(*message).number = 1;
  node().signal(process_, other, std::move(message));
}

void Self::set_label(Term label) const {
  if (node().wants(EventKind::label)) {
    node().emit({.kind = EventKind::label, .subject = process_->key()}, label);
  }
  process_->relations().label = std::move(label);
}

Term Self::put(Term key, Term value) const {
  auto& dictionary = process_->relations().dictionary;
  for (auto& [existing, held] : dictionary) {
    if (existing == key) return std::exchange(held, std::move(value));
  }
  dictionary.emplace_back(std::move(key), std::move(value));
  return Term(atoms::undefined);
}

Term Self::get(const Term& key) const {
  if (const auto* relations = process_->relations_if_any()) {
    for (const auto& [existing, held] : relations->dictionary) {
      if (existing == key) return held;
    }
  }
  return Term(atoms::undefined);
}

TimerId Self::start_timer(Duration time, To to, MessagePtr message) const {
  const TimerId timer = node().timers().start(now() + time, to, std::move(message));
  if (timer && node().wants(EventKind::timer_start)) {
    node().emit({.kind = EventKind::timer_start,
                 .subject = process_->key(),
                 .peer = node().key_of(node().resolve(to)),
                 .message = timer.number(),
                 .argument = time.nanoseconds()});
  }
  return timer;
}

std::optional<Duration> Self::cancel_timer(TimerId timer) const {
  const auto left = node().timers().cancel(timer);
  if (left && node().wants(EventKind::timer_cancel)) {
    node().emit(
        {.kind = EventKind::timer_cancel, .subject = process_->key(), .message = timer.number()});
  }
  return left;
}

void Self::cancel_timer_async(TimerId timer, TimerInfo info) const {
  const auto left = cancel_timer(timer);
  if (info == TimerInfo::no) return;
  MessagePtr told = make_message<TimerCancelled>(timer, left);
  node().send(process_, pid(), told);
}

std::uint64_t Self::random() const {
  return node().environment().decide.draw(Choice::user, process_->key().value);
}

void Self::probe(Atom name, std::int64_t value) const {
  if (!node().wants(EventKind::probe)) return;
  node().emit(
      {.kind = EventKind::probe, .name = name, .subject = process_->key(), .argument = value});
}

void Self::log(Level level, std::string_view text, const char* file, int line) const {
  if (node().wants(EventKind::log)) {
    node().emit(
        {.kind = EventKind::log, .name = Atom(log_level_name(level)), .subject = process_->key()},
        text);
  }
  Logger& logger = node().logger();
  if (!logger.allows(level)) return;
  logger.log(process_, level, binary(text), {.file = file, .line = line, .meta = {}});
}

void Self::log(Level level, const Term& report, const char* file, int line) const {
  if (node().wants(EventKind::log)) {
    node().emit(
        {.kind = EventKind::log, .name = Atom(log_level_name(level)), .subject = process_->key()},
        std::string_view(to_string(report)));
  }
  Logger& logger = node().logger();
  if (!logger.allows(level)) return;
  logger.log(process_, level, report, {.file = file, .line = line, .meta = {}});
}

}  // namespace glasshouse::runtime

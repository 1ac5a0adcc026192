#include "runtime/process/self.h"

#include "runtime/observe/logger.h"
#include "runtime/term/print.h"

namespace glasshouse::runtime {

void Self::send_message(To to, MessagePtr message) const {
  Pid pid = to.pid();
  if (to.by_name()) {
    const auto found = whereis(to.name());
    if (!found || to.is_elsewhere(node().name())) return;
    pid = *found;
  }
  node().send(process_, pid, message);
}

void Self::answer(const CallFrom& to, MessagePtr reply) const {
  process_->forget_watcher(to.ref);
  node().send(process_, to.pid, reply);
}

void Self::link(Pid other) const {
  if (other == pid()) return;
  const auto* relations = process_->relations_if_any();
  if (relations != nullptr && relations->links.contains(other)) return;
  process_->add_link(other);
  if (node().wants(EventKind::link)) {
    node().emit(
        {.kind = EventKind::link, .subject = process_->key(), .peer = node().key_of(other)});
  }
  node().signal(process_, other, make_signal(MessageKind::link, pid()));
}

void Self::unlink(Pid other) const {
  process_->fetch();
  if (!process_->remove_link(other)) return;
  if (node().wants(EventKind::unlink)) {
    node().emit(
        {.kind = EventKind::unlink, .subject = process_->key(), .peer = node().key_of(other)});
  }
  node().signal(process_, other, make_signal(MessageKind::unlink, pid()));
}

Ref Self::monitor(To other) const {
  const Ref ref = process_->make_ref();
  Pid target = other.pid();
  if (other.by_name()) target = whereis(other.name()).value_or(Pid());
  // OTP: monitoring oneself is inert.
  if (target == pid()) return ref;
  process_->relations().monitors.push_back({ref, target, other.name()});
  if (node().wants(EventKind::monitor)) {
    node().emit({.kind = EventKind::monitor,
                 .subject = process_->key(),
                 .peer = node().key_of(target),
                 .argument = static_cast<std::int64_t>(ref.number)});
  }
  MessagePtr signal = make_signal(MessageKind::monitor, pid());
  static_cast<Signal&>(*signal).ref = ref;
  node().signal(process_, target, std::move(signal));
  return ref;
}

bool Self::demonitor(Ref ref, Flush flush) const {
  process_->fetch();
  auto& monitors = process_->relations().monitors;
  const auto* const found = monitors.find(ref);
  const bool was_active = found != nullptr;
  if (was_active) {
    const Pid target = found->pid;
    monitors.erase(ref);
    if (node().wants(EventKind::demonitor)) {
      node().emit({.kind = EventKind::demonitor,
                   .subject = process_->key(),
                   .peer = node().key_of(target),
                   .argument = static_cast<std::int64_t>(ref.number)});
    }
    MessagePtr signal = make_signal(MessageKind::demonitor, pid());
    static_cast<Signal&>(*signal).ref = ref;
    node().signal(process_, target, std::move(signal));
  } else if (flush == Flush::flush) {
    process_->drop_mail([&](const Message& message) {
      return same_type(message.type, message_type<Down>()) && body_of<Down>(message).ref == ref;
    });
  }
  return was_active;
}

void Self::exit(Pid other, Term reason) const {
  MessagePtr message = make_signal(MessageKind::exit_signal, pid());
  static_cast<Signal&>(*message).reason = std::move(reason);
  node().signal(process_, other, std::move(message));
}

bool Self::register_name(Atom name) const {
  Relations& relations = process_->relations();
  if (relations.has_name || !node().registry().add(name, pid())) return false;
  relations.has_name = true;
  relations.name = name;
  if (node().wants(EventKind::register_name)) {
    node().emit({.kind = EventKind::register_name, .name = name, .subject = process_->key()});
  }
  return true;
}

bool Self::unregister_name(Atom name) const {
  Relations& relations = process_->relations();
  if (!relations.has_name || relations.name != name) return false;
  relations.has_name = false;
  node().registry().remove(name);
  if (node().wants(EventKind::unregister_name)) {
    node().emit({.kind = EventKind::unregister_name, .name = name, .subject = process_->key()});
  }
  return true;
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

TimerId Self::start_timer(Duration time, Pid to, MessagePtr message) const {
  const TimerId timer = node().timers().start(now() + time, to, std::move(message));
  if (node().wants(EventKind::timer_start)) {
    node().emit({.kind = EventKind::timer_start,
                 .subject = process_->key(),
                 .peer = node().key_of(to),
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

// The signals that few processes ever get: aliases, questions, suspensions.

#include <algorithm>

#include "runtime/node/node.h"
#include "runtime/observe/system_monitor.h"
#include "runtime/process/info.h"
#include "runtime/process/self.h"

namespace glasshouse::runtime {

namespace {

template <class Suspensions>
auto find_suspension(Suspensions& among, Pid pid) {
  return std::find_if(among.begin(), among.end(), [&](const auto& one) { return one.pid == pid; });
}

}  // namespace

Extras& Process::extras() {
  auto& extras = relations().extras;
  if (!extras) extras = std::make_unique<Extras>();
  return *extras;
}

Atom Process::name() const {
  if (!named_.load(std::memory_order_relaxed)) return Atom();
  return node_->registry().name_of(pid());
}

void Process::act_rarely(Signal& signal) {
  switch (signal.kind) {
    case MessageKind::aliased:
      take_aliased(signal);
      break;
    case MessageKind::info:
      answer_info(signal);
      break;
    case MessageKind::suspend:
      be_suspended(signal);
      break;
    case MessageKind::resume:
      be_resumed(signal.from, signal.number);
      break;
    case MessageKind::suspension_over:
      if (Extras* own = extras_if_any()) {
        std::erase_if(own->suspending, [&](const auto& one) { return one.pid == signal.from; });
      }
      if (!signal.reason.is_undefined()) {
        append(make_message<SuspendReply>(signal.reason, "exited"_atom),
               node_->key_of(signal.from));
      }
      break;
    case MessageKind::unlinked:
      end_unlinking(signal.from, signal.ref);
      break;
    case MessageKind::group_leader:
      group_leader = from_term<Pid>(signal.reason).value();
      break;
    default:
      CHECK(false && "a message among the signals");
  }
}

// -- links ----------------------------------------------------------------------------------------

bool Process::is_unlinking(Pid other) const {
  const Extras* own = extras_if_any();
  return own != nullptr && std::any_of(own->unlinking.begin(), own->unlinking.end(),
                                       [&](const auto& one) { return one.pid == other; });
}

void Process::begin_unlinking(Pid other, Ref ref) {
  extras().unlinking.push_back({other, ref});
}

void Process::end_unlinking(Pid other, Ref ref) {
  Extras* own = extras_if_any();
  if (own == nullptr) return;
  std::erase_if(own->unlinking, [&](const auto& one) {
    return one.pid == other && (ref.number == 0 || one.ref == ref);
  });
}

// -- aliases --------------------------------------------------------------------------------------

bool Process::end_alias(Ref ref) {
  Extras* own = extras_if_any();
  return own != nullptr &&
         std::erase_if(own->aliases, [&](const auto& alias) { return alias.ref == ref; }) != 0;
}

void Process::end_alias_of_monitor(Ref ref) {
  Extras* own = extras_if_any();
  if (own == nullptr) return;
  std::erase_if(own->aliases, [&](const auto& alias) {
    return alias.ref == ref &&
           (alias.mode == AliasMode::demonitor || alias.mode == AliasMode::reply_demonitor);
  });
  std::erase_if(own->tags, [&](const auto& tag) { return tag.first == ref; });
}

std::optional<Relations::Monitor> Process::take_monitor(Ref ref) {
  if (!relations_) return std::nullopt;
  const Relations::Monitor* const found = relations_->monitors.find(ref);
  if (found == nullptr) return std::nullopt;
  const Relations::Monitor taken = *found;
  relations_->monitors.erase(ref);
  return taken;
}

void Process::take_aliased(Signal& signal) {
  MessagePtr message = std::move(signal.carried);
  Extras* own = extras_if_any();
  const auto is_it = [&](const auto& alias) { return alias.ref == signal.ref; };
  const Extras::Alias* alias = nullptr;
  if (own != nullptr) {
    const auto found = std::find_if(own->aliases.begin(), own->aliases.end(), is_it);
    if (found != own->aliases.end()) alias = &*found;
  }
  if (alias == nullptr) {
    if (node_->wants(EventKind::drop)) {
      node_->emit(
          {.kind = EventKind::drop, .name = "alias"_atom, .peer = key(), .message = message->id});
    }
    return;
  }
  if (alias->mode == AliasMode::reply) end_alias(signal.ref);
  if (alias->mode == AliasMode::reply_demonitor) node_->end_monitor(*this, signal.ref);
  mail.push_back(message.release());
  count_mail(1);
}

// -- questions ------------------------------------------------------------------------------------

void Process::answer_info(Signal& signal) {
  MessagePtr answer =
      make_reply<AskInfo>(signal.ref, info_about(*this, signal.reason, status_of(*this)));
  node_->send(this, signal.from, answer);
}

void Process::be_suspended(Signal& signal) {
  auto& by = extras().suspended_by;
  auto found = find_suspension(by, signal.from);
  const bool only_asks = signal.number != 0;
  if (!only_asks) {
    if (found == by.end()) found = by.insert(by.end(), {signal.from, 0});
    ++found->count;
    halted_ |= suspended_bit;
  }
  if (signal.ref.number != 0) {
    MessagePtr answer = make_reply<AskInfo>(signal.ref, Term(atoms::ok));
    node_->send(this, signal.from, answer);
  } else if (!signal.reason.is_undefined()) {
    const Atom state = found == by.end() ? "not_suspended"_atom : "suspended"_atom;
    MessagePtr told = make_message<SuspendReply>(signal.reason, state);
    node_->send(this, signal.from, told);
  }
}

void Process::be_resumed(Pid by, std::uint64_t count) {
  Extras* own = extras_if_any();
  if (own == nullptr) return;
  const auto found = find_suspension(own->suspended_by, by);
  if (found == own->suspended_by.end()) return;
  if (count == 0 || found->count <= count) {
    own->suspended_by.erase(found);
  } else {
    found->count -= static_cast<std::uint32_t>(count);
  }
  if (own->suspended_by.empty()) halted_ &= static_cast<std::uint8_t>(~suspended_bit);
}

bool Process::is_suspending(Pid other) const {
  Extras* own = extras_if_any();
  return own != nullptr && find_suspension(own->suspending, other) != own->suspending.end();
}

void Process::forget_suspension(Pid suspended) {
  Extras* own = extras_if_any();
  if (own == nullptr) return;
  const auto found = find_suspension(own->suspending, suspended);
  if (found != own->suspending.end() && --found->count == 0) own->suspending.erase(found);
}

// -- limits ---------------------------------------------------------------------------------------

void Process::limit_mail(const MailLimit& limit) {
  const bool is_limited = limit.messages != 0;
  if (is_limited) {
    mail_watch_.fetch_or(limited_bit, std::memory_order_relaxed);
  } else {
    mail_watch_.fetch_and(static_cast<std::uint8_t>(~limited_bit), std::memory_order_relaxed);
    if (extras_if_any() == nullptr) return;
  }
  extras().mail_limit = limit;
  extras().mail_limit_told = false;
  if (is_limited) check_mail_limit();
}

bool Process::is_halted() {
  if ((halted_ & long_mail_bit) != 0) check_long_mail();
  return (halted_ & halting_bits) != 0;
}

// One that was told of is told of again when it is short, and by the same monitor's bounds; when
// nobody asks any more, it forgets.
void Process::check_long_mail() {
  SystemMonitor& monitor = node_->system_monitor();
  const SystemMonitor::QueueBounds bounds = monitor.long_message_queue();
  const std::uint32_t length = mail_length();
  if ((halted_ & long_mail_bit) == 0) {
    if (bounds.enable == 0 || length < bounds.enable) return;
    halted_ |= long_mail_bit;
    monitor.tell(LongMessageQueue{.pid = pid(), .is_long = true, .length = length});
  } else if (bounds.enable == 0 || length <= bounds.disable) {
    halted_ &= static_cast<std::uint8_t>(~long_mail_bit);
    if (bounds.enable == 0) return;
    monitor.tell(LongMessageQueue{.pid = pid(), .is_long = false, .length = length});
  }
}

void Process::take_watched(Message* oldest) {
  const std::uint8_t watch = mail_watch_.load(std::memory_order_relaxed);
  const bool is_limited = (watch & limited_bit) != 0;
  const bool refuses = is_limited && extras().mail_limit.then == AtMailLimit::refuse;
  if (refuses && !is_doomed()) oldest = refuse_excess(oldest);
  take(oldest);
  if (is_limited) check_mail_limit();
  if ((watch & watched_bit) != 0) check_long_mail();
}

// What comes without a sender comes from the node: it was asked for, or is a signal in disguise.
Message* Process::refuse_excess(Message* oldest) {
  Extras& own = extras();
  const std::uint32_t length = mail_length();
  std::uint32_t room = own.mail_limit.messages - std::min(length, own.mail_limit.messages);
  const std::uint32_t serial = serial_.load(std::memory_order_relaxed);
  Message** place = &oldest;
  std::uint32_t refused = 0;
  while (Message* const message = *place) {
    const bool counts = message->kind <= MessageKind::call && message->target_serial == serial;
    if (counts && room == 0 && message->sender != ProcessKey()) {
      MessagePtr excess(message);
      *place = message->next;
      refuse_mail(*excess);
      ++refused;
      continue;
    }
    if (counts && room > 0) --room;
    place = &message->next;
  }
  own.mail_refused += refused;
  if (refused > 0) tell_mail_limit(own.mail_limit.messages + refused);
  return oldest;
}

void Process::refuse_mail(Message& message) {
  if (node_->wants(EventKind::drop)) {
    node_->emit(
        {.kind = EventKind::drop, .name = "overload"_atom, .peer = key(), .message = message.id},
        message.type->name.text());
  }
  node_->refuse(message, pid(), Term("overload"_atom));
}

void Process::check_mail_limit() {
  Extras& own = extras();
  const MailLimit& limit = own.mail_limit;
  const std::uint32_t length = mail_length();
  if (length < limit.messages / 2) own.mail_limit_told = false;
  if (length <= limit.messages || limit.then == AtMailLimit::refuse) return;
  tell_mail_limit(length);
  if (limit.then == AtMailLimit::kill) doom(Term(atoms::killed));
}

// Once each time the limit is passed.
void Process::tell_mail_limit(std::uint32_t length) {
  Extras& own = extras();
  if (own.mail_limit_told) return;
  own.mail_limit_told = true;
  const MailLimit limit = own.mail_limit;
  Self(*this).log(Self::Level::warning, std::to_string(length) +
                                            " messages wait, beyond the limit of " +
                                            std::to_string(limit.messages));
  if (limit.report_to == Atom()) return;
  MessagePtr report = make_message<MailLimitReached>(pid(), length, limit.messages);
  node_->send_to(this, limit.report_to, report);
}

void Process::give_back() {
  if (!relations_) return;
  Relations& own = *relations_;
  if (own.extras && own.extras->is_empty()) own.extras.reset();
  own.dictionary.shrink_to_fit();
  // What says that it may become a server; one that is needs no word of it.
  const bool was_started = server == nullptr && !own.starter.pid.is_null();
  const bool in_use = !own.links.empty() || !own.monitors.empty() || !own.monitored_by.empty() ||
                      !own.dictionary.empty() || own.starter.ref.number != 0 || was_started ||
                      own.handling.ref.number != 0 || !own.label.is_undefined() || own.crash ||
                      own.extras || !own.late.empty();
  if (!in_use) relations_.reset();
}

}  // namespace glasshouse::runtime

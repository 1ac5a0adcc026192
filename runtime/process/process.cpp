#include "runtime/process/process.h"

#include <string_view>
#include <utility>

#include "runtime/node/node.h"
#include "runtime/process/shown_field.h"

namespace glasshouse::runtime {

MessageQueue::~MessageQueue() {
  clear();
}

void MessageQueue::push_back(Message* message) {
  message->next = nullptr;
  if (last_ == nullptr) {
    first_ = message;
  } else {
    last_->next = message;
  }
  last_ = message;
}

void MessageQueue::append(Mailbox::Batch batch) {
  (last_ == nullptr ? first_ : last_->next) = batch.oldest;
  last_ = batch.newest;
}

MessagePtr MessageQueue::take_after(Message* before) {
  Message*& place = before == nullptr ? first_ : before->next;
  Message* taken = place;
  place = taken->next;
  // Of a long mailbox it is in no cache any more, and most often is taken next.
  __builtin_prefetch(place);
  if (last_ == taken) last_ = before;
  taken->next = nullptr;
  return MessagePtr(taken);
}

void MessageQueue::clear() {
  while (!empty())
    take_after(nullptr);
}

Process::~Process() = default;

Pid Process::pid() const {
  return {node_->name(), id_, serial_.load(std::memory_order_relaxed), node_->creation()};
}

bool Process::push(Message* message, std::uint32_t serial) {
  // Acquire: pairs with ProcessTable::reserve; another serial comes after the end of the former
  // life.
  if (serial_.load(std::memory_order_acquire) != serial) return false;
  message->target_serial = serial;
  switch (mailbox_.push(message)) {
    case Mailbox::Pushed::wake:
      node_->environment().executor.schedule(*this);
      return true;
    case Mailbox::Pushed::queued:
      return true;
    case Mailbox::Pushed::refused:
      return false;
  }
  return false;
}

Relations& Process::relations() {
  if (!relations_) relations_ = std::make_unique<Relations>();
  return *relations_;
}

// 28 bits of slot and 36 of a counter that goes on through all lives of the slot.
Ref Process::make_ref() {
  return {node_->name(), node_->creation(), std::uint64_t{id_} << 36 | ++refs_made_};
}

void Process::reset() {
  alive_.store(false, std::memory_order_relaxed);
  named_.store(false, std::memory_order_relaxed);
  has_timers_.store(false, std::memory_order_relaxed);
  priority = Priority::normal;
  call = nullptr;
  trap_exit = false;
  owns_io = false;
  show(initial, Atom());
  show(parent, Pid());
  group_leader = Pid();
  mail_taken.store(static_cast<std::uint32_t>(mail_arrived.load(std::memory_order_relaxed)),
                   std::memory_order_release);
  reductions.store(0, std::memory_order_relaxed);
  resume_ = nullptr;
  halted_ = 0;
  if ((mail_watch_.load(std::memory_order_relaxed) & limited_bit) != 0) limit_mail({});
  polled_late_ = false;
  exit_reason_ = Term();
}

bool Process::ready_now(Wait& wait) {
  fetch();
  if (halted_ != 0) {
    polled_late_ = false;
    return false;
  }
  polled_late_ = !wait.poll(*this);
  return !polled_late_ && reductions_left > 0;
}

bool Process::take_in() {
  const std::uint32_t serial = serial_.load(std::memory_order_relaxed);
  std::uint32_t arrived = 0;
  bool is_mail = halted_ == 0;  // all of it: nothing acts, nothing is for a former life
  const Mailbox::Batch batch = mailbox_.take_all([&](const Message& message) {
    ++arrived;
    is_mail = is_mail && message.kind <= MessageKind::call && message.target_serial == serial;
  });
  if (arrived == 0) return false;
  if (mail_watch_.load(std::memory_order_relaxed) != 0) {
    take_watched(batch.oldest);
  } else if (is_mail) {
    mail.append(batch);
    count_mail(arrived);
  } else {
    take(batch.oldest);
  }
  return true;
}

void Process::take(Message* message) {
  const std::uint32_t serial = serial_.load(std::memory_order_relaxed);
  std::uint32_t arrived = 0;
  while (message != nullptr) {
    Message* const following = message->next;
    if (message->target_serial != serial) {
      // Pushed for a former life between its check and ours.
      MessagePtr stray(message);
      node_->refuse(*stray, {node_->name(), id_, message->target_serial, node_->creation()},
                    Term(atoms::noproc));
    } else if (is_doomed()) {
      // Asked of a process that is gone; the answer waits until it is: Node::finish.
      relations().late.push_back(message);
    } else if (message->kind <= MessageKind::call) {
      mail.push_back(message);
      ++arrived;
    } else if (message->kind == MessageKind::reply) {
      take_reply(MessagePtr(message));
    } else {
      // Whoever asks counts what came before the question.
      count_mail(std::exchange(arrived, 0));
      MessagePtr signal(message);
      act(static_cast<Signal&>(*signal));
    }
    message = following;
  }
  count_mail(arrived);
}

void Process::act(Signal& signal) {
  switch (signal.kind) {
    case MessageKind::exit_signal:
      act_on_exit(signal);
      break;
    case MessageKind::link:
      if (!is_unlinking(signal.from)) add_link(signal.from);
      break;
    case MessageKind::unlink:
      remove_link(signal.from);
      node_->acknowledge_unlink(pid(), signal);
      break;
    case MessageKind::monitor:
      relations().monitored_by.push_back({signal.ref, signal.from, Atom()});
      break;
    case MessageKind::demonitor:
      forget_watcher(signal.ref);
      break;
    case MessageKind::down:
      take_down(signal);
      break;
    case MessageKind::timeout:
      note_timeout(static_cast<std::uint32_t>(signal.number));
      break;
    default:
      act_rarely(signal);
  }
}

// Of an earlier wait it may come late: it must not hide a newer one.
void Process::note_timeout(std::uint32_t number) {
  const bool is_newer = static_cast<std::int32_t>(number - timeout_seen_) > 0;
  if (is_newer) timeout_seen_ = number;
}

void Process::add_link(Pid other) {
  auto& links = relations().links;
  if (!links.contains(other)) links.push_back(other);
}

bool Process::remove_link(Pid other) {
  return relations_ && relations_->links.erase(other);
}

void Process::forget_watcher(Ref ref) {
  if (!relations_) return;
  if (relations_->handling.ref == ref) relations_->handling = {};
  relations_->monitored_by.erase(ref);
}

// OTP: Processes, "Receiving Exit Signals".
void Process::act_on_exit(Signal& signal) {
  // After an unlink nothing of that link acts any more.
  if (signal.by_link && !remove_link(signal.from)) return;
  const bool is_kill = !signal.by_link && signal.reason == Term(atoms::kill);
  const bool is_normal = signal.reason == Term(atoms::normal);
  std::string_view effect = "fatal";
  if (trap_exit && !is_kill) {
    effect = "trapped";
  } else if (is_normal && (signal.by_link || signal.from != pid())) {
    effect = "ignored";
  }
  if (node_->wants(EventKind::exit_signal)) {
    node_->emit({.kind = EventKind::exit_signal,
                 .name = Atom(effect),
                 .subject = key(),
                 .peer = node_->key_of(signal.from)});
  }
  if (effect == "trapped") {
    append(make_message<Exit>(signal.from, signal.reason), signal.sender);
  } else if (effect == "fatal") {
    doom(is_kill ? Term(atoms::killed) : signal.reason);
  }
}

void Process::append(MessagePtr message, ProcessKey sender) {
  message->sender = sender;
  if (node_->wants(EventKind::send)) node_->trace_send(sender, pid(), *message);
  mail.push_back(message.release());
  count_mail(1);
}

void Process::doom(Term reason) {
  if (is_doomed()) return;
  halted_ |= doomed_bit;
  exit_reason_ = std::move(reason);
}

void Process::take_reply(MessagePtr reply) {
  const Ref ref = static_cast<const ReplyMessage&>(*reply).ref;
  if (call == nullptr || call->ref != ref || call->done()) {
    if (close_request(*reply)) {
      mail.push_back(reply.release());
      count_mail(1);
      return;
    }
    if (node_->wants(EventKind::drop)) {
      node_->emit(
          {.kind = EventKind::drop, .name = "late"_atom, .peer = key(), .message = reply->id});
    }
    return;
  }
  node_->trace_receive(*this, *reply);
  call->answer = std::move(reply);
}

// A second answer to it is late then, as after OTP's one alias.
bool Process::close_request(const Message& reply) {
  if (!relations_) return false;
  const Ref ref = static_cast<const ReplyMessage&>(reply).ref;
  const Relations::Monitor* const monitor = relations_->monitors.find(ref);
  if (monitor == nullptr || !monitor->is_request) return false;
  const Pid asked = monitor->pid;
  relations_->monitors.erase(ref);
  // The one that was asked gave the request to another: what it kept of us is to go.
  if (reply.sender != node_->key_of(asked)) node_->stop_watching(*this, asked, ref);
  return true;
}

void Process::take_down(Signal& signal) {
  if (call != nullptr && call->ref == signal.ref) {
    if (call->done()) return;
    call->failed = true;
    call->failure = std::move(signal.reason);
    return;
  }
  // A monitor that was taken back meanwhile says nothing.
  const auto monitor = take_monitor(signal.ref);
  if (!monitor) return;
  Term tag;
  if (const Extras* own = extras_if_any()) {
    for (const auto& [ref, given] : own->tags) {
      if (ref == signal.ref) tag = given;
    }
    end_alias_of_monitor(signal.ref);
  }
  if (node_->wants(EventKind::down)) {
    node_->emit({.kind = EventKind::down,
                 .subject = key(),
                 .peer = node_->key_of(signal.from),
                 .message = signal.ref.number},
                signal.reason);
  }
  append(make_message<Down>(signal.ref, signal.from, std::move(signal.reason), monitor->name,
                            std::move(tag)),
         signal.sender);
}

}  // namespace glasshouse::runtime

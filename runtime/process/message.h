#pragma once
// What travels between processes: a typed value, moved once into one allocation with an intrusive
// header, or a signal. Both share one queue, so that what one process sends to another arrives in
// the order sent, whatever it is (OTP: "Signals and Message Passing").

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include "runtime/observe/event.h"
#include "runtime/process/pid.h"
#include "runtime/process/ref.h"
#include "runtime/term/convert.h"
#include "runtime/term/fields.h"
#include "runtime/term/term.h"

namespace glasshouse::runtime {

struct Message;

// One a message type and shared library. Two are the same type when their fingerprints are equal:
// identity is name and schema, never an address, so that two versions of one struct can be loaded.
struct MessageType {
  Atom name;
  std::uint64_t fingerprint;
  void (*destroy)(Message*);
  Term (*to_term)(const Message&);
  std::uint64_t (*digest)(const Message&);
};

enum class MessageKind : std::uint8_t {
  user,         // waits in the mailbox until a receive takes it
  call,         // a user message that also carries who asks and under which reference
  reply,        // to a call: goes to the caller's call slot, or nowhere if it is late
  exit_signal,  // the kinds from here on act when they are fetched
  link,
  unlink,
  monitor,
  demonitor,
  down,
  timeout,
  inspect,
};

// The header. The body follows in the same allocation (Boxed<M>, Signal).
struct Message {
  Message* next = nullptr;
  const MessageType* type = nullptr;  // null for signals
  std::uint64_t id = 0;               // identity in a trace; 0 when sends are not traced
  ProcessKey sender;
  std::uint32_t target_serial = 0;  // slots are used again: a message for a former life is dropped
  MessageKind kind = MessageKind::user;
  bool is_call() const { return kind == MessageKind::call; }
};

struct MessageDeleter {
  void operator()(Message* message) const;
};
// A message that nobody has queued yet, or that a receive took out.
using MessagePtr = std::unique_ptr<Message, MessageDeleter>;

// Where the answer to a call goes. OTP: From.
struct CallFrom {
  Pid pid;
  Ref ref;
};

template <class M>
struct Boxed : Message {
  template <class... Args>
  explicit Boxed(Args&&... args) : value{std::forward<Args>(args)...} {}
  M value;
};

template <class M>
struct BoxedCall : Message {
  template <class... Args>
  explicit BoxedCall(CallFrom sender_of_call, Args&&... args)
      : from(sender_of_call), value{std::forward<Args>(args)...} {}
  CallFrom from;
  M value;
};

// Where the body of a user message or call begins.
template <class M>
M& body_of(Message& message) {
  if (message.is_call()) return static_cast<BoxedCall<M>&>(message).value;
  return static_cast<Boxed<M>&>(message).value;
}
template <class M>
const M& body_of(const Message& message) {
  return body_of<M>(const_cast<Message&>(message));
}
// REQUIRES: message.is_call(). The place does not depend on M.
CallFrom call_from(const Message& message);

namespace detail {

template <class M>
void destroy_message(Message* message) {
  if (message->is_call()) {
    delete static_cast<BoxedCall<M>*>(message);
  } else {
    delete static_cast<Boxed<M>*>(message);
  }
}
template <class M>
Term message_term(const Message& message) {
  return to_term(body_of<M>(message));
}
template <class M>
std::uint64_t message_digest(const Message& message) {
  return digest_of(body_of<M>(message));
}

}  // namespace detail

template <Sendable M>
const MessageType& message_type() {
  static const MessageType type{Atom(type_name<M>()), schema_fingerprint<M>(),
                                &detail::destroy_message<M>, &detail::message_term<M>,
                                &detail::message_digest<M>};
  return type;
}

// The same type, though perhaps another library's record of it.
inline bool same_type(const MessageType* left, const MessageType& right) {
  return left == &right || (left != nullptr && left->fingerprint == right.fingerprint);
}

template <Sendable M, class... Args>
MessagePtr make_message(Args&&... args) {
  auto* boxed = new Boxed<M>(std::forward<Args>(args)...);
  boxed->type = &message_type<M>();
  return MessagePtr(boxed);
}

template <Sendable M, class... Args>
MessagePtr make_call(CallFrom from, Args&&... args) {
  auto* boxed = new BoxedCall<M>(from, std::forward<Args>(args)...);
  boxed->type = &message_type<M>();
  boxed->kind = MessageKind::call;
  return MessagePtr(boxed);
}

// The answer to a call, on its way to the caller's call slot.
struct ReplyMessage : Message {
  Ref ref;
  MessagePtr value;  // the reply as a message of its own type, or null for a reply of type void
};

// Everything that acts when it is fetched. One struct for all: they are rare, and small.
struct Signal : Message {
  Pid from;
  Ref ref;
  Term reason;
  bool by_link = false;        // exit_signal: sent along a link, not by exit/2
  std::uint64_t number = 0;    // timeout: which wait it is for
  void* request = nullptr;     // inspect
};

MessagePtr make_signal(MessageKind kind, Pid from);

// Read and written by processes that take part; these are ordinary messages.

// OTP: {'EXIT', From, Reason}, delivered to a process that traps exits.
struct Exit {
  Pid from;
  Term reason;
};
// OTP: {'DOWN', Ref, process, Pid, Reason}.
struct Down {
  Ref ref;
  Pid pid;
  Term reason;
};

}  // namespace glasshouse::runtime

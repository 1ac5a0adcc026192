#pragma once
// What travels between processes: a typed value, moved once into one allocation with an intrusive
// header, or a signal. Both share one queue, so that what one process sends to another arrives in
// the order sent, whatever it is (OTP: "Signals and Message Passing").

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include "runtime/base/pool.h"
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
  std::uint32_t bytes;  // of one message, without what its fields point to
};

enum class MessageKind : std::uint8_t {
  user,         // waits in the mailbox until a receive takes it
  call,         // a user message that also carries who asks and under which reference
  reply,        // to a call: goes to the caller's call slot, or nowhere if it is late
  exit_signal,  // the kinds from here on act when they are fetched
  link,
  unlink,
  unlinked,  // acknowledges an unlink
  monitor,
  demonitor,
  down,
  timeout,
  aliased,          // carries a user message to whoever has the alias
  info,             // asks for process_info
  suspend,          // asks to be suspended; without a reference nobody waits
  resume,           // takes some or all suspensions of one process back
  suspension_over,  // the one whom we suspended is gone
  group_leader,     // has another one from now on
};

// The header. The body follows in the same allocation (Boxed<M>, Signal).
struct Message : Pooled {
  Message* next = nullptr;
  const MessageType* type = nullptr;  // null for signals
  std::uint64_t id = 0;               // identity in a trace; 0 when sends are not traced
  ProcessKey sender;
  std::uint32_t target_serial = 0;  // slots are used again: a message for a former life is dropped
  MessageKind kind = MessageKind::user;
  bool is_cast = false;  // sent by Self::cast; to a gen_statem that is another event than a send
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

// A call: a message with the one who asks, and under which reference.
struct CallMessage : Message {
  CallFrom from;
};
template <class M>
struct BoxedCall : CallMessage {
  template <class... Args>
  explicit BoxedCall(CallFrom sender_of_call, Args&&... args) : value{std::forward<Args>(args)...} {
    from = sender_of_call;
  }
  M value;
};

// What a call to which nothing is answered answers.
struct Unit {};

// What is sent to be answered. Only a call may: an M that is sent or cast has nobody to answer.
template <class M>
concept IsCall = requires {
  typename M::Reply;
};

// The answer of M, when it is not void.
template <class M>
using ReplyOf = std::conditional_t<std::is_void_v<typename M::Reply>, Unit, typename M::Reply>;

struct ReplyMessage : Message {
  Ref ref;
};
template <class M>
struct BoxedReply : ReplyMessage {
  template <class... Args>
  explicit BoxedReply(Args&&... args) : value{std::forward<Args>(args)...} {}
  ReplyOf<M> value;
};

// The body of a user message or call.
template <class M>
M& body_of(Message& message) {
  if (message.is_call()) return static_cast<BoxedCall<M>&>(message).value;
  return static_cast<Boxed<M>&>(message).value;
}
template <class M>
const M& body_of(const Message& message) {
  return body_of<M>(const_cast<Message&>(message));
}

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
template <class M>
void destroy_reply(Message* message) {
  delete static_cast<BoxedReply<M>*>(message);
}
template <class M>
Term reply_term(const Message& message) {
  return to_term(static_cast<const BoxedReply<M>&>(message).value);
}
template <class M>
std::uint64_t reply_digest(const Message& message) {
  return digest_of(static_cast<const BoxedReply<M>&>(message).value);
}

}  // namespace detail

template <Sendable M>
const MessageType& message_type() {
  static const MessageType type{Atom(type_name<M>()),        schema_fingerprint<M>(),
                                &detail::destroy_message<M>, &detail::message_term<M>,
                                &detail::message_digest<M>,  sizeof(BoxedCall<M>)};
  return type;
}
template <Sendable M>
const MessageType& reply_type() {
  static const MessageType type{
      Atom(std::string(type_name<M>()) + "_reply"),
      hash_combine(schema_fingerprint<M>(), schema_fingerprint<ReplyOf<M>>()),
      &detail::destroy_reply<M>,
      &detail::reply_term<M>,
      &detail::reply_digest<M>,
      sizeof(BoxedReply<M>)};
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

template <Sendable M, class... Args>
MessagePtr make_reply(Ref ref, Args&&... args) {
  auto* boxed = new BoxedReply<M>(std::forward<Args>(args)...);
  boxed->type = &reply_type<M>();
  boxed->kind = MessageKind::reply;
  boxed->ref = ref;
  return MessagePtr(boxed);
}

// Everything that acts when it is fetched. One struct for all: they are rare, and small.
struct Signal : Message {
  Pid from;
  Ref ref;
  Term reason;
  bool by_link = false;  // exit_signal: sent along a link, not by exit/2
  // timeout: which wait it is for; resume: how many, 0 for all; suspend: 1 if it only asks
  std::uint64_t number = 0;
  MessagePtr carried;  // aliased
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
  Pid pid;  // null if nobody had the name
  Term reason;
  Atom name = {};  // of a monitor that was set by name, else undefined. OTP: {Name, Node}
  Term tag = {};   // of MonitorOptions, else undefined. OTP: in the place of 'DOWN'
};
// How a spawn_request ended. OTP: {spawn_reply, Ref, ok, Pid} or {spawn_reply, Ref, error, Reason}.
struct SpawnReply {
  Ref ref;
  Atom outcome;   // ok, error
  Term result;    // the pid, or why there is none
  Term tag = {};  // of SpawnRequest, else undefined. OTP: in the place of spawn_reply
};

// They read as OTP writes them.
template <>
struct Conversion<Exit> {
  static Term to_term(const Exit& exit) {
    return tuple(Term(atoms::exit_upper), Term(exit.from), exit.reason);
  }
  static Result<Exit> from_term(const Term& term);
};
template <>
struct Conversion<Down> {
  static Term to_term(const Down& down);
  static Result<Down> from_term(const Term& term);
};
template <>
struct Conversion<SpawnReply> {
  static Term to_term(const SpawnReply& reply);
  static Result<SpawnReply> from_term(const Term& term);
};

}  // namespace glasshouse::runtime

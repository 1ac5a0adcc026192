#pragma once
// A call in two halves: send_request now, its response later, several under way at once. And calls
// and casts to the servers of one name on many nodes.
//
//   const auto first = send_request<Get>(self, "store"_atom, 7);
//   const auto second = send_request<Get>(self, "cache"_atom, 7);
//   auto waiting = receive_response(self, first, 100_ms);
//   const CallResult<Get> result = co_await waiting;
//
// A request is a monitor: the response, or a Down under the same reference, comes to the mailbox
// once, and never after the request was given up. One process sends and receives; an id is a value.
// OTP: gen_server:send_request/2 and the functions beside it.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "runtime/process/self.h"

namespace glasshouse::runtime {

template <class M>
struct RequestId {
  Ref ref;
};

// A response that came to a server which takes it: void handle(Response response).
class Response {
 public:
  explicit Response(MessagePtr message) : message_(std::move(message)) {}
  Message& message() const { return *message_; }

 private:
  MessagePtr message_;
};

namespace detail {

// Sends `request`, a CallMessage under `ref`, a new reference of this process. Returns `ref`.
Ref open_request(Self self, To to, Ref ref, MessagePtr request);
// Nothing of it comes any more.
void give_up_request(Self self, Ref ref);
// Behind which message of the mailbox the answers to this request and to later ones are; null: one
// may be anywhere. So a response is found as fast in a long mailbox as in an empty one, unless
// something else was received since the request was sent.
Message* answers_begin_behind(Self self, Ref ref);
// One was taken from there.
void note_answered(Self self, Ref ref);
// Whether this is the response or the Down of that request.
bool is_response_to(const Message& message, Ref ref);

template <class M>
CallResult<M> result_of(Message& message) {
  if (message.kind == MessageKind::reply) {
    return {.value = std::move(static_cast<BoxedReply<M>&>(message).value), .failure = {}};
  }
  return {.value = std::nullopt, .failure = body_of<Down>(message).reason};
}

}  // namespace detail

// Never fails here: a server that is not there is found so by who waits for the response (noproc;
// {nodedown, Node} for a name on another node).
template <Sendable M, class... Args>
RequestId<M> send_request(Self self, To to, Args&&... args) {
  const Ref ref = self.make_ref();
  MessagePtr request = make_call<M>(CallFrom{self.pid(), ref}, std::forward<Args>(args)...);
  return {detail::open_request(self, to, ref, std::move(request))};
}

// What a message that was received says of this request: nothing if it is another's. For loops that
// receive any message, and for servers: Response, or a Down. OTP: check_response/2.
template <class M>
std::optional<CallResult<M>> check_response(RequestId<M> id, Message& message) {
  if (!detail::is_response_to(message, id.ref)) return std::nullopt;
  return detail::result_of<M>(message);
}
template <class M>
std::optional<CallResult<M>> check_response(RequestId<M> id, const Response& response) {
  return check_response(id, response.message());
}
template <class M>
std::optional<CallResult<M>> check_response(RequestId<M> id, const Down& down) {
  if (down.ref != id.ref) return std::nullopt;
  return CallResult<M>{.value = std::nullopt, .failure = down.reason};
}

enum class AfterTimeout : std::uint8_t { give_up, keep };

template <class M>
class ResponseWait final : public MailWait {
 public:
  ResponseWait(Self self, RequestId<M> id, Duration timeout, AfterTimeout after)
      : MailWait(self.process(), timeout), self_(self), id_(id), after_(after) {}
  // Where to begin is looked up now: since this was made others may have been received.
  bool await_ready() {
    start_behind(detail::answers_begin_behind(self_, id_.ref));
    return MailWait::await_ready();
  }
  // Without a response in time the failure is `timeout`.
  CallResult<M> await_resume() {
    if (taken_) {
      detail::note_answered(self_, id_.ref);
      return detail::result_of<M>(*taken_);
    }
    if (after_ == AfterTimeout::give_up) detail::give_up_request(self_, id_.ref);
    return {.value = std::nullopt, .failure = Term(atoms::timeout)};
  }

 private:
  bool matches(const Message& message) override { return detail::is_response_to(message, id_.ref); }
  Self self_;
  RequestId<M> id_;
  AfterTimeout after_;
};

// After the time-out the request is given up: a late response is dropped.
template <class M>
ResponseWait<M> receive_response(Self self, RequestId<M> id,
                                 Duration timeout = Duration::infinity()) {
  return ResponseWait<M>(self, id, timeout, AfterTimeout::give_up);
}
// After the time-out it stays, to be waited for again.
template <class M>
ResponseWait<M> wait_response(Self self, RequestId<M> id, Duration timeout = Duration::infinity()) {
  return ResponseWait<M>(self, id, timeout, AfterTimeout::keep);
}

// -- collections --------------------------------------------------------------------------------

// Requests under way, each with a label of the user's. OTP: reqids_new/0, reqids_add/3.
template <class M, class Label = Term>
class RequestIds {
 public:
  struct Labelled {
    RequestId<M> id;
    Label label;
  };
  void add(RequestId<M> id, Label label) { open_.push_back({id, std::move(label)}); }
  std::size_t size() const { return open_.size(); }
  bool empty() const { return open_.empty(); }
  const std::vector<Labelled>& list() const { return open_; }
  // The one that this message answers, taken out; nothing if it is of none.
  std::optional<Labelled> take(const Message& message) {
    for (auto each = open_.begin(); each != open_.end(); ++each) {
      if (!detail::is_response_to(message, each->id.ref)) continue;
      Labelled found = std::move(*each);
      open_.erase(each);
      return found;
    }
    return std::nullopt;
  }
  // REQUIRES: not empty.
  Ref oldest() const {
    const auto by_age = [](const Labelled& left, const Labelled& right) {
      return left.id.ref.number < right.id.ref.number;
    };
    return std::min_element(open_.begin(), open_.end(), by_age)->id.ref;
  }
  bool has(const Message& message) const {
    for (const Labelled& each : open_) {
      if (detail::is_response_to(message, each.id.ref)) return true;
    }
    return false;
  }
  void give_up(Self self) {
    for (const Labelled& each : open_)
      detail::give_up_request(self, each.id.ref);
    open_.clear();
  }

 private:
  std::vector<Labelled> open_;
};

template <class M, class Label>
struct LabelledResult {
  CallResult<M> result;
  Label label;
};

// The next response to any of the collection, in the order of arrival. Nothing if none came in
// time, or the collection was empty: then without waiting.
template <class M, class Label>
class ResponsesWait final : public MailWait {
 public:
  ResponsesWait(Self self, RequestIds<M, Label>& ids, Duration timeout, AfterTimeout after)
      : MailWait(self.process(), ids.empty() ? Duration::zero() : timeout),
        self_(self),
        ids_(ids),
        after_(after) {}
  bool await_ready() {
    if (!ids_.empty()) start_behind(detail::answers_begin_behind(self_, ids_.oldest()));
    return MailWait::await_ready();
  }
  std::optional<LabelledResult<M, Label>> await_resume() {
    if (!taken_) {
      if (after_ == AfterTimeout::give_up) ids_.give_up(self_);
      return std::nullopt;
    }
    auto found = ids_.take(*taken_);
    detail::note_answered(self_, found->id.ref);
    return LabelledResult<M, Label>{detail::result_of<M>(*taken_), std::move(found->label)};
  }

 private:
  bool matches(const Message& message) override { return ids_.has(message); }
  Self self_;
  RequestIds<M, Label>& ids_;
  AfterTimeout after_;
};

// The collection loses what was answered. receive: after the time-out all that is left is given up.
template <class M, class Label>
ResponsesWait<M, Label> receive_response(Self self, RequestIds<M, Label>& ids, Duration timeout) {
  return {self, ids, timeout, AfterTimeout::give_up};
}
template <class M, class Label>
ResponsesWait<M, Label> wait_response(Self self, RequestIds<M, Label>& ids, Duration timeout) {
  return {self, ids, timeout, AfterTimeout::keep};
}

// -- many nodes ---------------------------------------------------------------------------------

// OTP: {Replies, BadNodes}.
template <class M>
struct MultiCall {
  struct Answer {
    Atom node;
    ReplyOf<M> reply;
  };
  std::vector<Answer> replies;  // in the order of the nodes
  std::vector<Atom> bad_nodes;  // not reached, without that server, or too late
};

// Asks the server called `name` on each node, all at once, and waits for all or for the time-out.
// OTP: gen_server:multi_call/4.
template <Sendable M>
Task<MultiCall<M>> multi_call(Self self, std::vector<Atom> nodes, Atom name, Duration timeout,
                              M request) {
  const Instant deadline = self.now() + timeout;
  std::vector<RequestId<M>> ids;
  for (const Atom node : nodes)
    ids.push_back(send_request<M>(self, To(name, node), request));
  MultiCall<M> result;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    auto waiting = receive_response(self, ids[i], std::max(deadline - self.now(), Duration()));
    CallResult<M> answer = co_await waiting;
    if (answer) {
      result.replies.push_back({nodes[i], std::move(*answer.value)});
    } else {
      result.bad_nodes.push_back(nodes[i]);
    }
  }
  co_return result;
}

// Casts to the server called `name` on each node; whether it is there is not asked.
template <Sendable M, class... Args>
void abcast(Self self, const std::vector<Atom>& nodes, Atom name, const Args&... args) {
  for (const Atom node : nodes)
    self.cast<M>(To(name, node), args...);
}

}  // namespace glasshouse::runtime

#pragma once
// Pids that know what their process accepts, and destinations.

#include <concepts>
#include <type_traits>

#include "runtime/process/message.h"
#include "runtime/process/pid.h"
#include "runtime/term/atom.h"

namespace glasshouse::runtime {

// What a server declares: using Accepts = Messages<Get, Add>.
template <class... Ms>
struct Messages {};

namespace detail {
template <class M, class List>
struct Contains : std::false_type {};
template <class M, class... Ms>
struct Contains<M, Messages<Ms...>> : std::bool_constant<(std::same_as<M, Ms> || ...)> {};
}  // namespace detail

template <class S, class M>
concept accepts = detail::Contains<M, typename S::Accepts>::value;

// The pid of a server of type S. Sent and compared as a plain pid.
template <class S>
struct PidOf {
  Pid pid;
  operator Pid() const { return pid; }
  friend bool operator==(PidOf, PidOf) = default;
};

// On the wire and in traces it is the pid.
template <class S>
struct Conversion<PidOf<S>> {
  static Term to_term(const PidOf<S>& typed) { return typed.pid; }
  static Result<PidOf<S>> from_term(const Term& term) {
    auto pid = runtime::from_term<Pid>(term);
    if (!pid.ok()) return std::move(pid).error();
    return PidOf<S>{pid.value()};
  }
};

// A call that its handler keeps, to answer later with Self::reply.
template <class M>
struct Request {
  CallFrom from;
  M value;
};

// Where a message goes: a pid, or whoever has a name when it is sent.
class To {
 public:
  To(Pid pid) : pid_(pid) {}
  template <class S>
  To(PidOf<S> typed) : pid_(typed.pid) {}
  To(Atom name) : name_(name), by_name_(true) {}
  // Who has that name on that node. OTP: {Name, Node}.
  To(Atom name, Atom node) : name_(name), node_(node), by_name_(true), has_node_(true) {}

  bool by_name() const { return by_name_; }
  Atom name() const { return name_; }
  Pid pid() const { return pid_; }
  // As it was given. For exit reasons.
  Term term() const {
    if (has_node_) return tuple(Term(name_), Term(node_));
    return by_name_ ? Term(name_) : Term(pid_);
  }
  Atom node() const { return node_; }
  bool is_elsewhere(Atom here) const { return has_node_ && node_ != here; }

 private:
  Pid pid_;
  Atom name_;
  Atom node_;
  bool by_name_ = false;
  bool has_node_ = false;
};

}  // namespace glasshouse::runtime

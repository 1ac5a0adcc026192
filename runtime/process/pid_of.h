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

// Where a message goes: a pid, whoever has a name when it is sent, or the process that made an
// alias, if that is still one when the message arrives.
class To {
 public:
  To(Pid pid) : place_(pid) {}
  template <class S>
  To(PidOf<S> typed) : place_(typed.pid) {}
  To(Atom name) : place_{.node = name}, kind_(Kind::name) {}
  // Who has that name on that node. OTP: {Name, Node}.
  To(Atom name, Atom node) : place_{.node = name}, node_(node), kind_(Kind::name_and_node) {}
  To(const Ref& alias)
      : place_{.node = alias.node,
               .id = static_cast<std::uint32_t>(alias.number >> 32),
               .serial = static_cast<std::uint32_t>(alias.number),
               .creation = alias.creation},
        kind_(Kind::alias) {}

  bool by_pid() const { return kind_ == Kind::pid; }
  bool by_name() const { return kind_ == Kind::name || kind_ == Kind::name_and_node; }
  bool by_alias() const { return kind_ == Kind::alias; }
  Atom name() const { return by_name() ? place_.node : Atom(); }
  Pid pid() const { return by_pid() ? place_ : Pid(); }
  Ref alias() const {
    if (!by_alias()) return {};
    return {place_.node, place_.creation, std::uint64_t{place_.id} << 32 | place_.serial};
  }
  // As it was given. For exit reasons.
  Term term() const {
    if (kind_ == Kind::name_and_node) return tuple(Term(name()), Term(node_));
    if (by_alias()) return Term(alias());
    return by_name() ? Term(name()) : Term(place_);
  }
  // Of {Name, Node}.
  Atom node() const { return node_; }
  bool is_elsewhere(Atom here) const { return kind_ == Kind::name_and_node && node_ != here; }

 private:
  enum class Kind : std::uint8_t { pid, name, name_and_node, alias };

  Pid place_;  // of a name: node; of an alias: its parts
  Atom node_;
  Kind kind_ = Kind::pid;
};

}  // namespace glasshouse::runtime

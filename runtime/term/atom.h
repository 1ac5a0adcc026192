#pragma once

// An Atom is a name that costs one integer: equal names have equal indexes in one table of the
// whole program, which only grows. Reading is lock-free; adding a new name takes a lock. Any
// thread.
//
// An index depends on who was interned first, so it is never ordered by, hashed or shown.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "runtime/base/hash.h"

namespace glasshouse::runtime {

namespace detail {

// Known at compile time, so that comparing with them is comparing with a constant. The first is
// what an Atom is by default.
inline constexpr std::string_view predefined_atoms[] = {
    "undefined",
    "ok",
    "error",
    "true",
    "false",
    "normal",
    "kill",
    "killed",
    "noproc",
    "shutdown",
    "infinity",
    "timeout",
    "badarg",
    "noconnection",
    "EXIT",
    "DOWN",
    "process",
    "reply",
    "noreply",
    "stop",
    "ignore",
    "exit",
    "exception",
    "badmatch",
    "nocatch",
    "reason",
    "already_started",
    "max_intensity",
    "permanent",
    "transient",
    "temporary",
    "one_for_one",
    "one_for_all",
    "rest_for_one",
    "simple_one_for_one",
    "worker",
    "supervisor",
    "brutal_kill",
    "gen_server",
    "not_found",
    "restarting",
    "call",
    "cast",
    "info",
    "closed",
    "eaddrinuse",
    "econnrefused",
    "econnreset",
    "einval",
    "eio",
    "enoent",
    "enospc",
    "system_limit",
    "badarith",
    "normal_exit",
    "nil",
    "receive",
    "sleep",
    "yield",
    "blocking",
    "",
};
inline constexpr std::uint32_t predefined_atom_count =
    sizeof predefined_atoms / sizeof predefined_atoms[0];

// Its index, or predefined_atom_count if the text is not among them.
constexpr std::uint32_t predefined_atom_index(std::string_view text) noexcept {
  std::uint32_t index = 0;
  while (index < predefined_atom_count && predefined_atoms[index] != text)
    ++index;
  return index;
}

}  // namespace detail

class Atom {
 public:
  // How many different atoms there can be in one program.
  static constexpr std::uint32_t count_max = 1'048'576;
  // As in Erlang: 255 characters, of at most four bytes each.
  static constexpr std::size_t text_bytes_max = 1'020;

  // The atom `undefined`.
  constexpr Atom() noexcept = default;

  // The atom of that name (UTF-8), added if it is new. Throws std::length_error if the name is
  // longer than text_bytes_max or if the table is full: names from outside go through existing().
  explicit Atom(std::string_view text);

  // The atom of that name if somebody has interned it, without adding it.
  static std::optional<Atom> existing(std::string_view text) noexcept;

  // REQUIRES: the index was taken from an Atom of this run.
  static constexpr Atom from_index(std::uint32_t index) noexcept {
    Atom atom;
    atom.index_ = index;
    return atom;
  }

  // Valid as long as the program runs.
  std::string_view text() const noexcept;
  // Of the text: equal in every run. One load.
  std::uint64_t hash() const noexcept;
  constexpr std::uint32_t index() const noexcept { return index_; }

  friend constexpr bool operator==(Atom, Atom) noexcept = default;
  // By text, as Erlang orders atoms.
  friend std::strong_ordering operator<=>(Atom left, Atom right) noexcept {
    if (left.index_ == right.index_) return std::strong_ordering::equal;
    return left.text() <=> right.text();
  }

 private:
  std::uint32_t index_ = 0;
};

// How many atoms the program has interned so far.
std::uint32_t atom_count() noexcept;

namespace detail {

template <std::size_t Size>
struct AtomText {
  char characters[Size];
  consteval AtomText(const char (&text)[Size]) {
    for (std::size_t i = 0; i < Size; ++i)
      characters[i] = text[i];
  }
  constexpr std::string_view view() const noexcept { return {characters, Size - 1}; }
};

consteval Atom predefined_atom(std::string_view text) {
  const std::uint32_t index = predefined_atom_index(text);
  if (index == predefined_atom_count) throw "not among predefined_atoms";
  return Atom::from_index(index);
}

}  // namespace detail

inline namespace literals {

// "ok"_atom is interned once; the predefined ones are constants.
template <detail::AtomText Text>
inline Atom operator""_atom() {
  constexpr std::uint32_t index = detail::predefined_atom_index(Text.view());
  if constexpr (index < detail::predefined_atom_count) {
    return Atom::from_index(index);
  } else {
    static const Atom atom{Text.view()};
    return atom;
  }
}

}  // namespace literals

namespace atoms {

inline constexpr Atom undefined = detail::predefined_atom("undefined");
inline constexpr Atom ok = detail::predefined_atom("ok");
inline constexpr Atom error = detail::predefined_atom("error");
inline constexpr Atom true_ = detail::predefined_atom("true");
inline constexpr Atom false_ = detail::predefined_atom("false");
inline constexpr Atom normal = detail::predefined_atom("normal");
inline constexpr Atom kill = detail::predefined_atom("kill");
inline constexpr Atom killed = detail::predefined_atom("killed");
inline constexpr Atom noproc = detail::predefined_atom("noproc");
inline constexpr Atom noconnection = detail::predefined_atom("noconnection");
inline constexpr Atom shutdown = detail::predefined_atom("shutdown");
inline constexpr Atom infinity = detail::predefined_atom("infinity");
inline constexpr Atom timeout = detail::predefined_atom("timeout");
inline constexpr Atom badarg = detail::predefined_atom("badarg");
inline constexpr Atom badmatch = detail::predefined_atom("badmatch");
inline constexpr Atom nocatch = detail::predefined_atom("nocatch");
inline constexpr Atom exit_upper = detail::predefined_atom("EXIT");
inline constexpr Atom down_upper = detail::predefined_atom("DOWN");
inline constexpr Atom process = detail::predefined_atom("process");
inline constexpr Atom reply = detail::predefined_atom("reply");
inline constexpr Atom noreply = detail::predefined_atom("noreply");
inline constexpr Atom stop = detail::predefined_atom("stop");
inline constexpr Atom ignore = detail::predefined_atom("ignore");
inline constexpr Atom exit = detail::predefined_atom("exit");
inline constexpr Atom exception = detail::predefined_atom("exception");
inline constexpr Atom already_started = detail::predefined_atom("already_started");
inline constexpr Atom not_found = detail::predefined_atom("not_found");
inline constexpr Atom call = detail::predefined_atom("call");
inline constexpr Atom cast = detail::predefined_atom("cast");
inline constexpr Atom info = detail::predefined_atom("info");
inline constexpr Atom closed = detail::predefined_atom("closed");
inline constexpr Atom permanent = detail::predefined_atom("permanent");
inline constexpr Atom transient = detail::predefined_atom("transient");
inline constexpr Atom temporary = detail::predefined_atom("temporary");
inline constexpr Atom worker = detail::predefined_atom("worker");
inline constexpr Atom supervisor = detail::predefined_atom("supervisor");
inline constexpr Atom gen_server = detail::predefined_atom("gen_server");
inline constexpr Atom system_limit = detail::predefined_atom("system_limit");
inline constexpr Atom empty = detail::predefined_atom("");
inline constexpr Atom receive = detail::predefined_atom("receive");
inline constexpr Atom sleep = detail::predefined_atom("sleep");
inline constexpr Atom yield = detail::predefined_atom("yield");
inline constexpr Atom blocking = detail::predefined_atom("blocking");
inline constexpr Atom one_for_one = detail::predefined_atom("one_for_one");
inline constexpr Atom one_for_all = detail::predefined_atom("one_for_all");
inline constexpr Atom rest_for_one = detail::predefined_atom("rest_for_one");
inline constexpr Atom simple_one_for_one = detail::predefined_atom("simple_one_for_one");
inline constexpr Atom restarting = detail::predefined_atom("restarting");

}  // namespace atoms

}  // namespace glasshouse::runtime

template <>
struct std::hash<glasshouse::runtime::Atom> {
  std::size_t operator()(glasshouse::runtime::Atom atom) const noexcept { return atom.hash(); }
};

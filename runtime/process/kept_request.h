#pragma once
// What a caller keeps of its request, to name it if the call fails. A request is moved to the
// callee, so this is a copy, made with each call: nothing is allocated for it, and there is nothing
// to it but for requests that are large. Lives in the frame of the caller.
//
//   a copy is some bytes (trivially copyable, kept_bytes_max)   all of it
//   an aggregate                                                 {name, Field, ...}, abbreviated
//   anything else                                                its name
//
// A request that nobody took comes back, and is named in full anyway (call.h).
//
// Of the fields of an aggregate those stay as they are that are some bytes (brief_bytes_max) or a
// Term; of a text its beginning, <<"like th...">>; for whatever else stands '...'.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "runtime/process/message.h"
#include "runtime/term/convert.h"

namespace glasshouse::runtime::detail {

inline constexpr std::size_t kept_bytes_max = 32;
inline constexpr std::size_t brief_bytes_max = 24;

template <class T>
inline constexpr bool is_brief = std::is_trivially_copyable_v<T> && sizeof(T) <= brief_bytes_max;
template <>
inline constexpr bool is_brief<Term> = true;

// One field.
template <class T>
struct Abbreviated {
  explicit Abbreviated(const T&) {}
  Term term() const { return Term("..."_atom); }
};
template <class T>
  requires is_brief<T>
struct Abbreviated<T> {
  explicit Abbreviated(const T& all) : value(all) {}
  Term term() const { return to_term(value); }
  T value;
};

class AbbreviatedText {
 public:
  explicit AbbreviatedText(std::string_view all)
      : length_(static_cast<std::uint8_t>(std::min(all.size(), head_.size()))),
        is_cut_(all.size() > head_.size()) {
    std::copy_n(all.begin(), length_, head_.begin());
  }
  Term term() const;

 private:
  std::array<char, brief_bytes_max - 2> head_;
  std::uint8_t length_;
  bool is_cut_;
};
template <>
struct Abbreviated<std::string> : AbbreviatedText {
  explicit Abbreviated(const std::string& all) : AbbreviatedText(all) {}
};
template <>
struct Abbreviated<Binary> : AbbreviatedText {
  explicit Abbreviated(const Binary& all) : AbbreviatedText(all.view()) {}
};

template <class M>
auto abbreviated_fields(const M& request) {
  return visit_fields(request, []<class... Types>(const auto&... fields) {
    return std::tuple<Abbreviated<std::remove_cvref_t<Types>>...>(fields...);
  });
}

template <class M>
concept cheap_to_keep = std::is_trivially_copyable_v<M> && sizeof(M) <= kept_bytes_max;
template <class M>
concept kept_by_fields = !cheap_to_keep<M> && Record<M> && !HasConversion<M>;

template <class M>
struct KeptRequest {
  explicit KeptRequest(const Message&) {}
  Term term() const { return Term(message_type<M>().name); }
};
template <cheap_to_keep M>
struct KeptRequest<M> {
  explicit KeptRequest(const Message& request) : value(body_of<M>(request)) {}
  Term term() const { return to_term(value); }
  M value;
};
template <kept_by_fields M>
struct KeptRequest<M> {
  explicit KeptRequest(const Message& request) : fields(abbreviated_fields(body_of<M>(request))) {}
  Term term() const {
    return std::apply(
        [](const auto&... each) { return tuple(Term(message_type<M>().name), each.term()...); },
        fields);
  }
  decltype(abbreviated_fields(std::declval<const M&>())) fields;
};

}  // namespace glasshouse::runtime::detail

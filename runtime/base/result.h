#pragma once

// Result<T> is a value or the one clear sentence that says why there is none. It is for failures
// that are expected (peer gone, bad bytes, file missing) and must be looked at where they appear.
// Plain values; no threads involved.

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "runtime/base/check.h"

namespace glasshouse::runtime {

// `what` is a sentence for people. `code` is for programs, spelt as the Erlang atom would be
// ("eaddrinuse", "enoent"); it is empty where nobody is expected to branch on it.
struct Error {
  std::string what;
  std::string code;

  explicit Error(std::string sentence, std::string atom = std::string())
      : what(std::move(sentence)), code(std::move(atom)) {}

  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
class [[nodiscard]] Result {
 public:
  using Value = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  // REQUIRES: ok().
  T& value() & { return require_value(), *std::get_if<0>(&state_); }
  const T& value() const& { return require_value(), *std::get_if<0>(&state_); }
  T&& value() && { return require_value(), std::move(*std::get_if<0>(&state_)); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }

  T value_or(T other) && { return ok() ? std::move(*std::get_if<0>(&state_)) : std::move(other); }

  // REQUIRES: not ok().
  const Error& error() const& { return require_error(), *std::get_if<1>(&state_); }
  Error&& error() && { return require_error(), std::move(*std::get_if<1>(&state_)); }

 private:
  void require_value() const {
    if (!ok()) check_failed("result.ok()", __FILE__, __LINE__, std::get_if<1>(&state_)->what);
  }
  void require_error() const { CHECK(!ok()); }

  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using Value = void;

  Result() noexcept = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const noexcept { return !error_.has_value(); }
  explicit operator bool() const noexcept { return ok(); }

  // REQUIRES: ok().
  void value() const {
    if (error_) check_failed("result.ok()", __FILE__, __LINE__, error_->what);
  }
  // REQUIRES: not ok().
  const Error& error() const& {
    CHECK(error_.has_value());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace glasshouse::runtime

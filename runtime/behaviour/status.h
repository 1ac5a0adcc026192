#pragma once
// What is shown of a server, and how its class changes that: a state may be large, or hold a
// secret. Plain values and pure functions, used in the process of the server.
//
// OTP: format_status/1 of gen_server, gen_statem and gen_event, and its map.

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/term/print.h"
#include "runtime/term/term.h"

namespace glasshouse::runtime {

// What get_status and a crash report show. What does not belong to the one shown is undefined.
struct Status {
  Term state;    // of a gen_statem: {State, Data}
  Term message;  // in a crash report: the type of the one at work; of a gen_event's handler: itself
  Term reason;   // in a crash report
  Term log;      // in get_status: the events logged
  Term timeouts;   // in get_status of a gen_statem: [{Type, Content}]
  Term postponed;  // in get_status of a gen_statem: [{Type, Content}], the oldest first
};

namespace detail {

// As the object's format_status says, if it has one.
template <class S>
Status formatted_by(const S& object, Status status) {
  if constexpr (requires {
                  { object.format_status(status) } -> std::convertible_to<Status>;
                }) {
    return object.format_status(std::move(status));
  } else {
    return status;
  }
}

// OTP: a format_status that crashes shows so instead of the state, and nothing else happens.
template <class Format>
Status format_or_say(std::string_view module, const Status& plain, Format format) {
  try {
    return format(plain);
  } catch (...) {
    Status broken = plain;
    broken.state = binary(std::string(module) + ":format_status crashed");
    return broken;
  }
}

}  // namespace detail

}  // namespace glasshouse::runtime

#pragma once
// A system event as OTP's behaviours print it, behind "*DBG*": what sys:trace and sys:log(_, print)
// show. A pure function.

#include <string>

#include "runtime/term/term.h"

namespace glasshouse::runtime {

// `name`: the name or pid of the process. The behaviour is told from the shape of the event.
std::string system_event_text(const Term& name, const Term& event);

}  // namespace glasshouse::runtime

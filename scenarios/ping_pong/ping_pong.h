#pragma once
// The smallest application that has everything: a supervised server on one host, a client on
// another, and a question. For first steps and for tests of the scenario language.
//
//   pong_sup   one_for_one
//   └─ pong       listens, and sends back whatever arrives
//
// Threads: as Node::spawn.

#include "scenarios/application.h"

namespace glasshouse::scenarios {

// "pong" and "ping", and the family "ping": ping.answered().
void add_ping_pong(Applications& applications);

}  // namespace glasshouse::scenarios

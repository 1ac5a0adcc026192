#pragma once
// kv as scenarios see it: the applications "kv" and "kv_client", and the questions of the family
// "kv" about what the clients were told.

#include "scenarios/application.h"

namespace glasshouse::scenarios {

void add_kv(Applications& applications);

}  // namespace glasshouse::scenarios

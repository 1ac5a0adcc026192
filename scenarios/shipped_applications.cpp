#include "scenarios/application.h"
#include "scenarios/kv_applications.h"
#include "scenarios/ping_pong/ping_pong.h"

namespace glasshouse::scenarios {

const Applications& shipped_applications() {
  static const Applications applications = [] {
    Applications all;
    add_kv(all);
    add_ping_pong(all);
    return all;
  }();
  return applications;
}

}  // namespace glasshouse::scenarios

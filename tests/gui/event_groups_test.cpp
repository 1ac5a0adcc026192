#include "gui/model/event_groups.h"

#include "tests/catch.h"

namespace glasshouse::gui {
namespace {

TEST_CASE("every kind is in exactly one group", "[event_groups]") {
  std::uint64_t all = 0;
  for (EventGroup group : all_event_groups) {
    std::uint64_t kinds = kinds_of(group_bit(group));
    REQUIRE((all & kinds) == 0);
    REQUIRE(kinds != 0);
    all |= kinds;
  }
  REQUIRE(all == (std::uint64_t{1} << runtime::event_kind_count) - 1);
}

TEST_CASE("what people look for first is shown by default", "[event_groups]") {
  std::uint64_t kinds = kinds_of(default_event_groups);
  for (auto kind :
       {runtime::EventKind::send, runtime::EventKind::crash, runtime::EventKind::fault_begin}) {
    REQUIRE(((kinds >> static_cast<int>(kind)) & 1) == 1);
  }
  REQUIRE(((kinds >> static_cast<int>(runtime::EventKind::run)) & 1) == 0);
}

}  // namespace
}  // namespace glasshouse::gui

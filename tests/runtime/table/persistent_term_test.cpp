#include "runtime/table/persistent_term.h"

#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

struct Limits {
  std::int64_t users = 0;
};

namespace {

using namespace runtime::literals;

Behaviour puts_and_reads(Self self, Notes* notes) {
  const auto note = [&] {
    const auto* limits = find_persistent<Limits>(self, "limits"_atom);
    const auto info = self.node().persistent_terms().info();
    notes->push_back((limits ? std::to_string(limits->users) : "none") + " of " +
                     std::to_string(info.count) + " kept " + std::to_string(info.kept));
  };
  note();
  put_persistent(self, "limits"_atom, Limits{7});
  note();
  const Limits& seven = persistent<Limits>(self, "limits"_atom);
  put_persistent(self, "limits"_atom, Limits{7});
  notes->push_back(&seven == &persistent<Limits>(self, "limits"_atom) ? "shared" : "copied");
  put_persistent(self, "limits"_atom, Limits{8});
  note();
  notes->push_back("a reader still has " + std::to_string(seven.users));
  notes->push_back(erase_persistent(self, "limits"_atom) ? "erased" : "not there");
  notes->push_back(erase_persistent(self, "limits"_atom) ? "erased" : "not there");
  note();
  co_return;
}

TEST_CASE("persistent terms are shared, and replaced ones stay readable", "[persistent_term]") {
  Notes notes;
  OneNode node;
  node.spawn<&puts_and_reads>(&notes);
  node.run();
  REQUIRE(notes == Notes{"none of 0 kept 0", "7 of 1 kept 0", "shared", "8 of 1 kept 1",
                         "a reader still has 7", "erased", "not there", "none of 0 kept 2"});
}

Behaviour puts_many(Self self, Notes* notes) {
  for (int i = 0; i < 1'000; ++i)
    put_persistent(self, tuple("key"_atom, i), std::int64_t{i});
  std::int64_t sum = 0;
  for (int i = 0; i < 1'000; ++i)
    sum += persistent<std::int64_t>(self, tuple("key"_atom, i));
  notes->push_back(std::to_string(sum));
  notes->push_back(text(self.node().persistent_terms().all()[999].key));
  persistent<Limits>(self, tuple("key"_atom, 1));
  co_return;
}
Behaviour watches_many(Self self, Notes* notes) {
  self.spawn_monitor<&puts_many>(notes);
  auto next = self.receive<Down>();
  Down down = co_await next;
  notes->push_back(text(down.reason));
}

TEST_CASE("a persistent term of another type is badarg", "[persistent_term]") {
  Notes notes;
  OneNode node;
  node.spawn<&watches_many>(&notes);
  node.run();
  REQUIRE(notes == Notes{"499500", "{key,999}",
                         "{badarg,<<\"the persistent term {key,1} is of another type\">>}"});
}

}  // namespace
}  // namespace glasshouse::tests

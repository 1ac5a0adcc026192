// The snippets of docs/manual/sys.md, run.

#include "runtime/behaviour/gen_server.h"
#include "runtime/behaviour/special_process.h"
#include "tests/catch.h"
#include "tests/runtime/notes_of.h"

namespace glasshouse::tests::manual {

namespace {

// region tank
struct Fill {
  std::int64_t litres = 0;
};
struct Tank {  // an aggregate: its fields are its state
  using Accepts = Messages<Fill>;
  std::int64_t level = 0;
  std::int64_t level_max = 100;
  void handle(Fill fill) { level = std::min(level + fill.litres, level_max); }
};
// endregion

// region look
Behaviour mechanic(Self self, Pid tank, Notes* notes) {
  self.send<Fill>(tank, 30);
  Term state = co_await sys::get_state(self, tank);
  notes->push_back(to_string(state));  // #{level => 30,level_max => 100}

  co_await sys::suspend(self, tank);  // messages wait now
  self.send<Fill>(tank, 500);
  auto changing = sys::set_state(self, tank, map(Term("level_max"_atom), Term(200)));
  static_cast<void>(co_await changing);  // the level stays as it is
  co_await sys::resume(self, tank);

  state = co_await sys::get_state(self, tank);
  notes->push_back(to_string(state));  // #{level => 200,level_max => 200}
}
// endregion

// region debug
Behaviour listener(Self self, Pid tank, Notes* notes) {
  co_await sys::log(self, tank, 100);  // the last hundred events
  co_await sys::trace_to(self, tank, self.pid());
  self.send<Fill>(tank, 5);
  SystemEvent event = co_await self.receive<SystemEvent>();
  notes->push_back(to_string(event.event));  // {in,{fill,5}}

  DebugFunction watch = [](const Term& most, const Term& event_now, const Term&) {
    if (!event_now.is_tuple("noreply"_atom, 2)) return most;
    const Term* level = event_now.element(1).find(Term("level"_atom));
    return compare(*level, most) > 0 ? *level : most;
  };
  auto installing = sys::install(self, tank, "most"_atom, watch, Term(0));
  co_await installing;
  co_await sys::no_debug(self, tank);
}
// endregion

// region special
struct Beat {};
struct Beats {
  std::int64_t count = 0;
};

class Heart final : public SpecialProcess {
 public:
  explicit Heart(Self own) : SpecialProcess(own, "heart_beat"_atom) {}
  Term state() const override { return Term(beats); }
  void replace_state(const Term& wanted) override { beats = wanted.as_integer().value(); }
  std::int64_t beats = 0;
};

Behaviour heart(Self self, Pid listener) {
  Heart heart(self);
  proc_lib::init_ack(self);  // the starter goes on
  heart.set_timeout(1_s);
  while (heart.is_running()) {
    ServerWait next(heart);
    MessagePtr message = co_await next;
    if (!heart.begin(message)) continue;  // a system message, or the parent's exit
    if (!message || message_as<Beat>(*message)) self.send<Beats>(listener, ++heart.beats);
    heart.set_timeout(1_s);
    heart.end();
  }
  heart.finish();  // exits with the reason, unless it is normal
}
// endregion

// region special_use
Behaviour doctor(Self self, Notes* notes) {
  auto starting = proc_lib::start_link<&heart>(self, self.pid());
  auto started = co_await starting;
  Beats first = co_await self.receive<Beats>();
  notes->push_back(std::to_string(first.count));  // 1
  auto resetting = sys::set_state(self, started.pid, Term(70));
  static_cast<void>(co_await resetting);
  self.send<Beat>(started.pid);
  Beats next = co_await self.receive<Beats>();
  notes->push_back(std::to_string(next.count));  // 71
  auto stopping = stop(self, started.pid);
  co_await stopping;
}
// endregion

template <auto Body>
Behaviour with_a_tank(Self self, Notes* notes) {
  const auto tank = co_await start<Tank>(self);
  const auto user = self.spawn_monitor<Body>(tank.pid.pid, notes);
  const Down down = co_await self.receive<Down>();
  if (down.ref == user.ref) notes->push_back(to_string(down.reason));
}

}  // namespace

TEST_CASE("the manual's mechanic changes a tank that is halted", "[manual]") {
  if (!field_names_known) {
    WARN("skipped: this compiler does not tell the names of fields");
    return;
  }
  REQUIRE(notes_of<with_a_tank<&mechanic>>() ==
          Notes{"#{level => 30,level_max => 100}", "#{level => 200,level_max => 200}", "normal"});
}

TEST_CASE("the manual's listener sees what a tank takes in", "[manual]") {
  REQUIRE(notes_of<with_a_tank<&listener>>() == Notes{"{in,{fill,5}}", "normal"});
}

TEST_CASE("the manual's heart is a special process", "[manual]") {
  REQUIRE(notes_of<doctor>() == Notes{"1", "71"});
}

}  // namespace glasshouse::tests::manual

// Applications in one simulated node: phases, parts, environments, and how all of it ends.

#include "runtime/application/application.h"

#include "runtime/application/application_controller.h"
#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

namespace {

class Worker {
 public:
  using Accepts = Messages<>;
  Worker(Self self, std::string name, Notes* notes) : name_(std::move(name)), notes_(notes) {
    self.trap_exit(true);
    self.register_name(Atom(name_));
    notes_->push_back("+" + name_);
  }
  void terminate(Term) { notes_->push_back("-" + name_); }

 private:
  std::string name_;
  Notes* notes_;
};

Task<Term> notes_phase(Notes* notes, std::string name, Atom phase, Term arguments) {
  notes->push_back(name + ":" + std::string(phase.text()) + " " + text(arguments));
  if (arguments == Term("fails"_atom)) {
    co_return tuple(Term(atoms::error), Term("no"_atom));
  }
  co_return Term(atoms::ok);
}

// One worker of the same name below a supervisor.
ApplicationSpec app(const std::string& name, Notes* notes, std::vector<Atom> needs = {}) {
  SupervisorSpec top{.limit = {.intensity = 0}};
  top.children.push_back({.id = "worker"_atom, .start = child<Worker>(name, notes)});
  ApplicationSpec spec{.name = Atom(name), .applications = std::move(needs)};
  spec.mod = supervised(Atom(name), std::move(top));
  spec.mod.start_phase = [notes, name](Self, Atom phase, Term, Term arguments) {
    return notes_phase(notes, name, phase, std::move(arguments));
  };
  return spec;
}

// What a test does once the applications are loaded.
using Act = Task<void> (*)(Self self, Notes* notes);

Behaviour director(Self self, std::vector<ApplicationSpec> specs, Configuration configuration,
                   Act act, Notes* notes) {
  self.trap_exit(true);
  auto starting = start_application_controller(self, std::move(configuration));
  const auto controller = co_await starting;
  for (ApplicationSpec& spec : specs) {
    auto loading = load_application(self, std::move(spec));
    const Term loaded = co_await loading;
    if (loaded != Term(atoms::ok)) notes->push_back(text(loaded));
  }
  auto acting = act(self, notes);
  co_await acting;
  self.exit(controller.pid, Term(atoms::shutdown));
  const Exit exit = co_await self.receive<Exit>();
  notes->push_back("end " + text(exit.reason));
}

Notes play(Notes& notes, std::vector<ApplicationSpec> specs, Act act,
           Configuration configuration = {}) {
  OneNode one;
  one.spawn<&director>(std::move(specs), std::move(configuration), act, &notes);
  one.run();
  REQUIRE(one.node().process_count() == 0);
  return notes;
}

Task<void> ensure_a(Self self, Notes* notes) {
  auto starting = ensure_all_started(self, "a"_atom);
  const Term answer = co_await starting;
  notes->push_back(text(answer));
}

Task<void> start_a(Self self, Notes* notes) {
  auto starting = start_application(self, "a"_atom);
  const Term answer = co_await starting;
  notes->push_back(text(answer));
}

}  // namespace

TEST_CASE("what runs is stopped in reverse when the controller ends", "[application]") {
  Notes notes;
  REQUIRE(
      play(notes, {app("c", &notes), app("b", &notes, {"c"_atom}), app("a", &notes, {"b"_atom})},
           &ensure_a) == Notes{"+c", "+b", "+a", "{ok,[c,b,a]}", "-a", "-b", "-c", "end shutdown"});
}

TEST_CASE("an application does not start before what it needs", "[application]") {
  Notes notes;
  REQUIRE(play(notes, {app("a", &notes, {"b"_atom}), app("b", &notes)}, &start_a) ==
          Notes{"{error,{not_started,b}}", "end shutdown"});
}

TEST_CASE("what was started for an application that does not start is stopped again",
          "[application]") {
  Notes notes;
  ApplicationSpec failing = app("a", &notes, {"c"_atom, "b"_atom});
  failing.mod.start_phase = nullptr;
  failing.start_phases = {{"go"_atom, nil()}};
  REQUIRE(play(notes, {app("b", &notes), app("c", &notes), failing}, &ensure_a) ==
          Notes{"+c", "+b", "+a", "-a", "-b", "-c",
                "{error,{a,{undef,{a,start_phase,[go,normal,[]]}}}}", "end shutdown"});
}

TEST_CASE("phases run in order, here and then in what is included", "[application]") {
  Notes notes;
  ApplicationSpec whole = app("a", &notes);
  whole.included_applications = {"part"_atom};
  whole.start_phases = {{"init"_atom, Term(1)}, {"go"_atom, Term(2)}};
  ApplicationSpec part = app("part", &notes);
  part.start_phases = {{"go"_atom, Term(3)}, {"other"_atom, Term(4)}};
  REQUIRE(play(notes, {whole, part}, &start_a) ==
          Notes{"+a", "a:init 1", "a:go 2", "part:go 3", "ok", "-a", "end shutdown"});
  notes.clear();
  REQUIRE(play(notes, {whole}, &start_a) == Notes{"{error,{not_loaded,part}}", "end shutdown"});
}

TEST_CASE("a phase that fails is the error of the start, and stops the tree", "[application]") {
  Notes notes;
  ApplicationSpec spec = app("a", &notes);
  spec.start_phases = {{"go"_atom, Term("fails"_atom)}, {"never"_atom, nil()}};
  REQUIRE(play(notes, {spec}, &start_a) == Notes{"+a", "a:go fails", "-a",
                                                 "{error,{no,{a,start_phase,[go,normal,fails]}}}",
                                                 "end shutdown"});
}

namespace {

// Takes its time to stop, and needs `b` until it has.
class NeedsB {
 public:
  using Accepts = Messages<>;
  NeedsB(Self self, Notes* notes) : self_(self), notes_(notes) {
    self_.trap_exit(true);
    self_.register_name("needs_b"_atom);
  }
  Task<void> terminate(Term) {
    co_await self_.sleep(50_ms);
    notes_->push_back(self_.whereis("b"_atom) ? "b is there" : "b is gone");
  }

 private:
  Self self_;
  Notes* notes_;
};

Task<void> ensure_a_twice(Self self, Notes* notes) {
  for (int i = 0; i < 2; ++i) {
    auto ensuring = ensure_a(self, notes);
    co_await ensuring;
  }
}

}  // namespace

TEST_CASE("a failed start is answered when nothing of it is left", "[application]") {
  Notes notes;
  SupervisorSpec top;
  top.children.push_back({.id = "worker"_atom, .start = child<NeedsB>(&notes)});
  ApplicationSpec failing{.name = "a"_atom, .applications = {"b"_atom}};
  failing.mod = supervised("a"_atom, std::move(top));
  failing.start_phases = {{"go"_atom, nil()}};
  const std::string error = "{error,{a,{undef,{a,start_phase,[go,normal,[]]}}}}";
  REQUIRE(play(notes, {app("b", &notes), failing}, &ensure_a_twice) ==
          Notes{"+b", "b is there", "-b", error, "+b", "b is there", "-b", error, "end shutdown"});
}

TEST_CASE("an application may run for a limited time", "[application]") {
  Notes notes;
  ApplicationSpec spec = app("a", &notes);
  spec.max_time = 10_ms;
  const Act waits = [](Self self, Notes* told) -> Task<void> {
    auto starting = start_application(self, "a"_atom);
    static_cast<void>(co_await starting);
    co_await self.sleep(20_ms);
    auto asking = which_applications(self);
    const auto rows = co_await asking;
    told->push_back(std::to_string(rows.size()) + " running");
  };
  REQUIRE(play(notes, {spec}, waits) == Notes{"+a", "-a", "0 running", "end shutdown"});
}

TEST_CASE("the environment is the specification's, the configuration's, and what is set",
          "[application]") {
  Notes notes;
  ApplicationSpec spec = app("a", &notes);
  spec.env = {{"x"_atom, Term(1)}, {"y"_atom, Term(2)}};
  Configuration configuration;
  configuration["a"_atom]["y"_atom] = Term(20);
  configuration["later"_atom]["z"_atom] = Term(3);
  const Act asks = [](Self self, Notes* told) -> Task<void> {
    auto before = get_all_env(self, "a"_atom);
    const Term was = co_await before;
    told->push_back(text(was));
    auto setting = set_env(self, "a"_atom, "x"_atom, Term(10));
    co_await setting;
    auto unsetting = unset_env(self, "a"_atom, "y"_atom);
    co_await unsetting;
    auto after = get_all_env(self, "a"_atom);
    const Term is = co_await after;
    told->push_back(text(is));
    auto getting = get_env(self, "a"_atom, "nothing"_atom);
    const std::optional<Term> none = co_await getting;
    told->push_back(none ? "some" : "undefined");
    ApplicationSpec later{.name = "later"_atom};
    auto loading = load_application(self, later);
    static_cast<void>(co_await loading);
    auto configured = get_env(self, "later"_atom, "z"_atom);
    const std::optional<Term> z = co_await configured;
    told->push_back(text(z.value_or(Term())));
  };
  REQUIRE(play(notes, {spec}, asks, configuration) ==
          Notes{"#{x => 1,y => 20}", "#{x => 10}", "undefined", "3", "end shutdown"});
}

// The environment of `late`.
Task<void> note_env(Self self, Notes* notes) {
  auto asking = get_all_env(self, "late"_atom);
  const Term env = co_await asking;
  notes->push_back(text(env));
}

Task<void> load_late(Self self, Notes* notes) {
  ApplicationSpec late{.name = "late"_atom};
  late.env = {{"x"_atom, Term("spec"_atom)}, {"y"_atom, Term("spec"_atom)}};
  auto loading = load_application(self, late);
  static_cast<void>(co_await loading);
  auto noting = note_env(self, notes);
  co_await noting;
}

Task<void> set_late(Self self, Atom key, Atom value, SetEnv how = SetEnv::plainly) {
  auto setting = set_env(self, "late"_atom, key, Term(value), how);
  co_await setting;
}

// What OTP 25 says to the same.
TEST_CASE("what is set before the specification comes gives way to it unless it is persistent",
          "[application]") {
  Notes notes;
  const Act acts = [](Self self, Notes* told) -> Task<void> {
    co_await set_late(self, "x"_atom, "early"_atom);
    co_await set_late(self, "z"_atom, "early"_atom);
    co_await set_late(self, "y"_atom, "early"_atom, SetEnv::persistent);
    auto getting = get_env(self, "late"_atom, "x"_atom);
    const std::optional<Term> x = co_await getting;
    told->push_back(text(x.value_or(Term())));
    co_await note_env(self, told);
    co_await load_late(self, told);
    co_await set_late(self, "x"_atom, "now"_atom, SetEnv::persistent);
    auto unsetting = unset_env(self, "late"_atom, "y"_atom, SetEnv::persistent);
    co_await unsetting;
    co_await note_env(self, told);
    auto unloading = self.call<UnloadApplication>("application_controller"_atom, "late"_atom);
    static_cast<void>(co_await unloading);
    co_await note_env(self, told);
    co_await load_late(self, told);
  };
  REQUIRE(play(notes, {}, acts) == Notes{"early", "#{x => early,y => early,z => early}",
                                         "#{x => spec,y => early,z => early}",
                                         "#{x => now,z => early}", "#{}", "#{x => now,y => spec}",
                                         "end shutdown"});
}

TEST_CASE("to ensure that an application is started is fine if it runs", "[application]") {
  Notes notes;
  const Act acts = [](Self self, Notes* told) -> Task<void> {
    for (const Atom name : {"a"_atom, "a"_atom, "nobody"_atom}) {
      auto starting = ensure_started(self, name);
      const Term answer = co_await starting;
      told->push_back(text(answer));
    }
  };
  REQUIRE(play(notes, {app("a", &notes)}, acts) ==
          Notes{"+a", "ok", "ok", "{error,{not_loaded,nobody}}", "-a", "end shutdown"});
}

TEST_CASE("a library runs without a process, and is unloaded when it is stopped", "[application]") {
  Notes notes;
  const Act acts = [](Self self, Notes* told) -> Task<void> {
    for (int i = 0; i < 2; ++i) {
      auto starting = start_application(self, "lib"_atom);
      const Term answer = co_await starting;
      told->push_back(text(answer));
    }
    auto stopping = stop_application(self, "lib"_atom);
    static_cast<void>(co_await stopping);
    for (int i = 0; i < 2; ++i) {
      auto unloading = unload_application(self, "lib"_atom);
      const Term answer = co_await unloading;
      told->push_back(text(answer));
    }
    auto starting = start_application(self, "lib"_atom);
    const Term answer = co_await starting;
    told->push_back(text(answer));
  };
  REQUIRE(play(notes, {{.name = "lib"_atom}}, acts) ==
          Notes{"ok", "{error,{already_started,lib}}", "ok", "{error,{not_loaded,lib}}",
                "{error,{not_loaded,lib}}", "end shutdown"});
}

// A process of the application that is in no tree, and does not end when it is asked to.
Behaviour stray(Self self) {
  self.trap_exit(true);
  self.register_name("stray"_atom);
  for (;;)
    static_cast<void>(co_await self.receive<Exit>());
}

Task<void> start_and_stop_a(Self self, Notes* notes) {
  auto starting = start_a(self, notes);
  co_await starting;
  const Pid outside = *self.whereis("stray"_atom);
  auto of_stray = get_application(self, outside);
  notes->push_back("stray is of " + std::string((co_await of_stray).text()));
  auto of_director = get_application(self, self.pid());
  notes->push_back("director is of " + std::string((co_await of_director).text()));
  auto stopping = stop_application(self, "a"_atom);
  notes->push_back(text(co_await stopping));
  notes->push_back(self.whereis("stray"_atom) ? "stray lives" : "stray is gone");
  auto of_nobody = get_application(self, outside);
  notes->push_back("nobody is of " + std::string((co_await of_nobody).text()));
}

TEST_CASE("what an application leaves beside its tree is killed after its stop", "[application]") {
  Notes notes;
  ApplicationSpec spec = app("a", &notes);
  spec.mod.start = [top = spec.mod.start](Self self, Term type, Term arguments) {
    self.spawn<&stray>();
    return top(self, std::move(type), std::move(arguments));
  };
  spec.mod.stop = [&notes](Self self, Term) {
    notes.push_back(self.whereis("stray"_atom) ? "stop sees stray" : "stop sees nobody");
  };
  REQUIRE(play(notes, {spec}, &start_and_stop_a) ==
          Notes{"+a", "ok", "stray is of a", "director is of undefined", "-a", "stop sees stray",
                "ok", "stray is gone", "nobody is of undefined", "end shutdown"});
}

Task<ApplicationStart> waits_for_ever(Self self, Term, Term) {
  self.spawn<&stray>();
  self.spawn_link<&stray>();
  auto never = self.receive_if<Exit>([](const Exit&) { return false; });
  co_await never;
  co_return ApplicationStart();
}
Behaviour starts_a(Self self, Notes* notes) {
  auto starting = start_a(self, notes);
  co_await starting;
}

TEST_CASE("a start that never comes back does not keep the controller", "[application]") {
  Notes notes;
  ApplicationSpec spec = app("a", &notes, {"b"_atom});
  spec.mod.start = &waits_for_ever;
  const Act acts = [](Self self, Notes* told) -> Task<void> {
    auto ensuring = start_application(self, "b"_atom);
    static_cast<void>(co_await ensuring);
    self.spawn<&starts_a>(told);
    co_await self.sleep(1_s);
    auto stopping = stop_application(self, "a"_atom);
    const Term answer = co_await stopping;
    told->push_back(text(answer));
  };
  REQUIRE(play(notes, {app("b", &notes), spec}, acts) ==
          Notes{"+b", "{error,{not_started,a}}", "-b", "end shutdown"});
}

Task<void> nothing(Self, Notes*) {
  co_return;
}

TEST_CASE("two applications cannot include the same one", "[application]") {
  Notes notes;
  const ApplicationSpec x{.name = "x"_atom, .included_applications = {"part"_atom}};
  const ApplicationSpec y{.name = "y"_atom, .included_applications = {"part"_atom}};
  const ApplicationSpec z{.name = "z"_atom, .included_applications = {"q"_atom, "q"_atom}};
  REQUIRE(play(notes, {x, y, z}, &nothing) ==
          Notes{"{error,{duplicate_include,[{{part,x},{part,y}}]}}",
                "{error,{duplicate_include,[{{q,z},{q,z}}]}}", "end shutdown"});
}

TEST_CASE("a permanent application that ends takes the others and the node with it",
          "[application]") {
  Notes notes;
  std::string why;
  OneNode one;
  ApplicationNode node{
      .applications = {app("b", &notes), app("a", &notes, {"b"_atom}), app("last", &notes)},
      .start = {"a"_atom, "last"_atom}};
  start_applications_on(one.node(), std::move(node),
                        [&](const Term& reason) { why = text(reason); });
  one.world().run_until(Instant() + 1_s);
  REQUIRE(notes == Notes{"+b", "+a", "+last"});
  one.node().exit(*one.node().registry().find("a"_atom), Term(atoms::kill));
  one.run();
  REQUIRE(notes == Notes{"+b", "+a", "+last", "-last", "-b"});
  REQUIRE(why == "{application_terminated,a,shutdown}");
  REQUIRE(one.node().process_count() == 0);
}

TEST_CASE("a node that is told to end stops its applications in order", "[application]") {
  Notes notes;
  std::string why;
  OneNode one;
  ApplicationNode node{.applications = {app("b", &notes), app("a", &notes, {"b"_atom})},
                       .start = {"a"_atom}};
  const Pid boot = start_applications_on(one.node(), std::move(node),
                                         [&](const Term& reason) { why = text(reason); });
  one.world().run_until(Instant() + 1_s);
  one.node().exit(boot, Term(atoms::shutdown));
  one.run();
  REQUIRE(notes == Notes{"+b", "+a", "-a", "-b"});
  REQUIRE(why == "shutdown");
}

}  // namespace glasshouse::tests

// Applications: starting, stopping, belonging to one. APP-013 (failover and takeover) waits for
// distribution.

#include "runtime/application/application.h"

#include "runtime/application/application_controller.h"
#include "tests/conformance/supervised.h"

namespace glasshouse::conformance {

namespace {

Task<ApplicationStart> start_tree(Self self, SupervisorSpec spec, Term state) {
  auto starting = start_supervisor(self, std::move(spec));
  const auto top = co_await starting;
  ApplicationStart answer;
  answer.pid = top.pid;
  answer.state = state;
  answer.error = top.error;
  co_return answer;
}

// An application that is such a tree, and notes its callbacks.
ApplicationSpec app(const std::string& name, Verdict* verdict, SupervisorSpec tree = {},
                    Term state = nil()) {
  ApplicationSpec spec{.name = Atom(name), .description = "of " + name, .version = "1"};
  spec.mod.name = "ap"_atom;
  spec.mod.arguments = Term("a"_atom);
  spec.mod.start = [tree = std::move(tree), state](Self self, Term, Term) {
    return start_tree(self, tree, state);
  };
  spec.mod.prep_stop = [verdict](Self, Term held) {
    verdict->note("prep_stop(" + to_string(held) + ")");
    return tuple(Term("prepared"_atom), held);
  };
  spec.mod.stop = [verdict](Self, Term held) { verdict->note("stop(" + to_string(held) + ")"); };
  return spec;
}

Task<Pid> controller(Self self) {
  auto starting = start_application_controller(self, Configuration());
  const auto started = co_await starting;
  co_return started.pid;
}

Task<Term> load(Self self, ApplicationSpec spec) {
  auto loading = load_application(self, std::move(spec));
  co_return co_await loading;
}

Task<std::string> running(Self self) {
  auto asking = which_applications(self);
  const auto rows = co_await asking;
  std::string names;
  for (const ApplicationRow& row : rows)
    names += (names.empty() ? "" : " ") + std::string(row.name.text());
  co_return names;
}

// -- APP-002 --------------------------------------------------------------------------------------

Task<ApplicationStart> says_why(Self, Term, Term) {
  ApplicationStart answer;
  answer.error = Term("why"_atom);
  co_return answer;
}
Task<ApplicationStart> says_nothing(Self, Term, Term) {
  co_return ApplicationStart();
}
Task<ApplicationStart> crashes(Self self, Term, Term) {
  self.exit(Term("e"_atom));
  co_return ApplicationStart();
}

Behaviour results_of_start(Self self, Verdict* verdict) {
  auto booting = controller(self);
  co_await booting;
  SupervisorSpec failing = tree_of(0, verdict);
  failing.children.push_back(idler("c"_atom));
  failing.children[0].start = start_that_says(atoms::error, Term("r"_atom));
  std::vector<ApplicationSpec> specs = {app("plain", verdict), app("stated", verdict, {}, Term(1)),
                                        app("why", verdict),   app("nothing", verdict),
                                        app("crash", verdict), app("tree", verdict, failing)};
  specs[2].mod.start = &says_why;
  specs[3].mod.start = &says_nothing;
  specs[4].mod.start = &crashes;
  const std::string_view expected[] = {
      "ok",
      "ok",
      "{error,{why,{ap,start,[normal,a]}}}",
      "{error,{bad_return,{{ap,start,[normal,a]},undefined}}}",
      "{error,{bad_return,{{ap,start,[normal,a]},{'EXIT',e}}}}",
      "{error,{{shutdown,{failed_to_start_child,c,r}},{ap,start,[normal,a]}}}",
  };
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const Atom name = specs[i].name;
    auto loading = load(self, specs[i]);
    static_cast<void>(co_await loading);
    auto starting = start_application(self, name);
    const Term answer = co_await starting;
    verdict->equal(answer, expected[i]);
  }
  auto asking = running(self);
  const std::string names = co_await asking;
  verdict->equal(names, "stated plain");
}

// -- APP-003 to APP-005 ---------------------------------------------------------------------------

Behaviour stop_sequence(Self self, Verdict* verdict) {
  auto booting = controller(self);
  co_await booting;
  auto loading = load(self, app("a1", verdict, tree_of(2, verdict), Term("st"_atom)));
  static_cast<void>(co_await loading);
  auto starting = start_application(self, "a1"_atom);
  static_cast<void>(co_await starting);
  auto stopping = stop_application(self, "a1"_atom);
  const Term answer = co_await stopping;
  verdict->equal(answer, "ok");
  verdict->equal(verdict->take_notes(), "+c1 +c2 prep_stop(st) -c2 -c1 stop({prepared,st})");
  auto again = stop_application(self, "a1"_atom);
  const Term stopped = co_await again;
  verdict->equal(stopped, "{error,{not_started,a1}}");
}

// An application whose only child is `c1`, and ends with it: with shutdown, or normally.
SupervisorSpec ending_tree(Verdict* verdict) {
  SupervisorSpec spec{.limit = {.intensity = 0}, .auto_shutdown = AutoShutdown::any_significant};
  spec.children.push_back(announcer("c1", verdict, Restart::temporary));
  spec.children[0].significant = true;
  return spec;
}

Behaviour temporary_is_reported(Self self, Verdict* verdict) {
  auto booting = controller(self);
  co_await booting;
  auto first = load(self, app("a1", verdict, ending_tree(verdict)));
  static_cast<void>(co_await first);
  auto second = load(self, app("a2", verdict));
  static_cast<void>(co_await second);
  for (const Atom name : {"a1"_atom, "a2"_atom}) {
    auto starting = start_application(self, name);
    static_cast<void>(co_await starting);
  }
  auto crashing = crash(self, "c1"_atom);
  static_cast<void>(co_await crashing);
  std::string names;
  for (int i = 0; i < 100 && names != "a2"; ++i) {
    co_await self.sleep(1_ms);
    auto asking = running(self);
    names = co_await asking;
  }
  verdict->equal(names, "a2");
  verdict->equal(verdict->take_notes(), "+c1 !c1 prep_stop([]) stop({prepared,[]})");
}

// The top of the application ends with `reason`: it is no supervisor, but c1 itself.
Task<ApplicationStart> start_c1(Self self, Verdict* verdict) {
  auto starting = start_link<Announcer>(self, std::string("c1"), verdict, Duration::zero());
  const auto started = co_await starting;
  ApplicationStart answer;
  answer.pid = started.pid;
  co_return answer;
}

struct Ending {
  ApplicationType type;
  Atom reason;
  bool ends_the_node;
};

Behaviour ends_one(Self self, Verdict* verdict, Ending ending, Pid main) {
  self.trap_exit(true);
  auto booting = controller(self);
  const Pid pid = co_await booting;
  ApplicationSpec spec = app("a1", verdict);
  spec.mod.start = [verdict](Self master, Term, Term) { return start_c1(master, verdict); };
  auto loading = load(self, spec);
  static_cast<void>(co_await loading);
  auto starting = start_application(self, "a1"_atom, ending.type);
  static_cast<void>(co_await starting);
  auto crashing = crash(self, "c1"_atom, Term(ending.reason));
  static_cast<void>(co_await crashing);
  if (ending.ends_the_node) {
    const Exit exit = co_await self.receive<Exit>();
    const Term expected =
        tuple(Term("application_terminated"_atom), Term("a1"_atom), Term(ending.reason));
    verdict->holds(exit.from == pid && exit.reason == expected, "the controller ends the node");
  } else {
    const auto exit = co_await self.receive<Exit>(20_ms);
    verdict->holds(!exit.has_value(), "the node goes on");
    auto asking = running(self);
    const std::string names = co_await asking;
    verdict->equal(names, "");
    auto stopping = end(self, pid, Term(atoms::shutdown));
    static_cast<void>(co_await stopping);
  }
  self.send<Crash>(main, Term());
}

Behaviour permanent_and_transient(Self self, Verdict* verdict) {
  const Ending endings[] = {
      {ApplicationType::permanent, atoms::shutdown, true},
      {ApplicationType::transient, atoms::shutdown, true},
      {ApplicationType::transient, atoms::normal, false},
      {ApplicationType::permanent, atoms::normal, true},
      {ApplicationType::temporary, "abnormal"_atom, false},
  };
  for (const Ending& ending : endings) {
    self.spawn<&ends_one>(verdict, ending, self.pid());
    co_await self.receive<Crash>();
  }
  auto booting = controller(self);
  co_await booting;
  auto loading = load(self, app("a1", verdict));
  static_cast<void>(co_await loading);
  auto starting = start_application(self, "a1"_atom, ApplicationType::permanent);
  static_cast<void>(co_await starting);
  auto stopping = stop_application(self, "a1"_atom);
  const Term answer = co_await stopping;
  verdict->equal(answer, "ok");
  auto asking = running(self);
  const std::string names = co_await asking;
  verdict->equal(names, "");
}

// -- APP-007, APP-009, APP-012 --------------------------------------------------------------------

Behaviour optional_ones(Self self, Verdict* verdict) {
  auto booting = controller(self);
  co_await booting;
  ApplicationSpec with = app("app_o", verdict);
  with.applications = {"app_p"_atom, "no_such_app"_atom};
  with.optional_applications = with.applications;
  auto first = load(self, with);
  static_cast<void>(co_await first);
  auto second = load(self, app("app_p", verdict));
  static_cast<void>(co_await second);
  auto all = ensure_all_started(self, "app_o"_atom);
  const Term started = co_await all;
  verdict->equal(started, "{ok,[app_p,app_o]}");
  for (const Atom name : {"app_o"_atom, "app_p"_atom}) {
    auto stopping = stop_application(self, name);
    static_cast<void>(co_await stopping);
  }
  auto alone = start_application(self, "app_o"_atom);
  const Term answer = co_await alone;
  verdict->equal(answer, "ok");
  auto asking = running(self);
  const std::string names = co_await asking;
  verdict->equal(names, "app_o");
}

struct Belongs {
  Atom application;
  Term value;
};

Behaviour plain_process(Self self, Pid main) {
  auto asking = get_application(self);
  const Atom application = co_await asking;
  auto getting = get_env(self, "key"_atom);
  const std::optional<Term> value = co_await getting;
  self.send<Belongs>(main, application, value.value_or(Term()));
}
Behaviour parent_of_plain(Self self, Pid main) {
  self.spawn<&plain_process>(main);
  co_await self.receive<Exit>();
}

Behaviour membership(Self self, Verdict* verdict) {
  auto booting = controller(self);
  co_await booting;
  SupervisorSpec tree;
  tree.children.push_back(
      {.id = "parent"_atom, .start = child_process<&parent_of_plain>(self.pid())});
  ApplicationSpec spec = app("app_g", verdict, tree);
  spec.env["key"_atom] = Term("of_app_g"_atom);
  auto loading = load(self, spec);
  static_cast<void>(co_await loading);
  auto starting = start_application(self, "app_g"_atom);
  static_cast<void>(co_await starting);
  const Belongs belongs = co_await self.receive<Belongs>();
  verdict->equal(belongs.application.text(), "app_g");
  verdict->equal(belongs.value, "of_app_g");
  auto asking = get_application(self);
  const Atom outside = co_await asking;
  verdict->holds(outside == Atom(), "undefined outside");
  auto getting = get_env(self, "key"_atom);
  const std::optional<Term> none = co_await getting;
  verdict->holds(!none, "and no environment");
}

Task<ApplicationStart> starts_slowly(Self self, Verdict* verdict) {
  verdict->note("start");
  co_await self.sleep(60_ms);
  auto tree = start_tree(self, SupervisorSpec(), nil());
  co_return co_await tree;
}
Behaviour starts_l(Self self, Pid main) {
  auto starting = start_application(self, "app_l"_atom);
  Term answer = co_await starting;
  self.send<Crash>(main, std::move(answer));
}

Behaviour load_and_start_twice(Self self, Verdict* verdict) {
  auto booting = controller(self);
  co_await booting;
  ApplicationSpec spec = app("app_l", verdict);
  spec.mod.start = [verdict](Self master, Term, Term) { return starts_slowly(master, verdict); };
  auto loading = load(self, spec);
  static_cast<void>(co_await loading);
  auto again = load(self, spec);
  const Term loaded = co_await again;
  verdict->equal(loaded, "{error,{already_loaded,app_l}}");
  self.spawn<&starts_l>(self.pid());
  self.spawn<&starts_l>(self.pid());
  for (int i = 0; i < 2; ++i) {
    const Crash told = co_await self.receive<Crash>();
    verdict->equal(told.reason, "ok");
  }
  verdict->equal(verdict->take_notes(), "start");
  auto unloading = unload_application(self, "app_l"_atom);
  const Term refused = co_await unloading;
  verdict->equal(refused, "{error,{running,app_l}}");
  auto second = load(self, app("newer", verdict));
  static_cast<void>(co_await second);
  auto starting = start_application(self, "newer"_atom);
  static_cast<void>(co_await starting);
  auto asking = which_applications(self);
  const auto rows = co_await asking;
  verdict->holds(rows.size() == 2 && rows[0].name == "newer"_atom && rows[1].version == "1" &&
                     rows[1].description == "of app_l",
                 "newest first, with description and version");
}

}  // namespace

CONFORMANCE("APP-002", "the results of the start callback are told as they are", results_of_start)
CONFORMANCE("APP-003", "prep_stop, the tree, stop: in this order", stop_sequence)
CONFORMANCE("APP-004", "the end of a temporary application is only reported", temporary_is_reported)
CONFORMANCE("APP-005", "permanent and transient applications end the node", permanent_and_transient)
CONFORMANCE("APP-007", "optional applications are started where they are", optional_ones)
CONFORMANCE("APP-009", "membership follows the group leader", membership)
CONFORMANCE("APP-012", "an application is loaded once and started once", load_and_start_twice)

}  // namespace glasshouse::conformance

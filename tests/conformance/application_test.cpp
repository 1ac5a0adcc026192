// Applications: starting, stopping, belonging to one. APP-013 (failover and takeover) waits for
// distribution.

#include "runtime/application/application.h"

#include "runtime/application/application_controller.h"
#include "tests/conformance/logged.h"
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

// Until so much runs, for the news of an end take their time.
Task<void> until_running(Self self, Verdict* verdict, std::string_view names) {
  std::string found = "not asked";
  for (int i = 0; i < 10'000 && found != names; ++i) {
    co_await self.sleep(1_ms);
    auto asking = running(self);
    found = co_await asking;
  }
  verdict->equal(found, names);
}

// What was reported of the ends of applications.
std::string ends_of(const LogCollector& log) {
  std::string all;
  for (const LogEvent& event : log.labelled("{application_controller,exit}")) {
    all += all.empty() ? "" : " ";
    all += std::string(log_level_name(event.level)) + ":" +
           to_string(field(event.message, "report"_atom));
  }
  return all;
}

// The top is killed, so it stops nobody: its child learns of it by its link.
Behaviour temporary_is_reported(Self self, Verdict* verdict) {
  const auto log = log_everything(self);
  auto booting = controller(self);
  const Pid controller = co_await booting;
  SupervisorSpec tree = tree_of(1, verdict);
  tree.name = "top"_atom;
  auto first = load(self, app("a1", verdict, std::move(tree)));
  static_cast<void>(co_await first);
  auto second = load(self, app("a2", verdict));
  static_cast<void>(co_await second);
  for (const Atom name : {"a1"_atom, "a2"_atom}) {
    auto starting = start_application(self, name);
    static_cast<void>(co_await starting);
  }
  const Pid child = *self.whereis("c1"_atom);
  auto killing = end(self, *self.whereis("top"_atom), Term(atoms::kill));
  static_cast<void>(co_await killing);
  auto waiting = until_running(self, verdict, "a2");
  co_await waiting;
  auto alive = self.is_process_alive(controller);
  verdict->holds(co_await alive, "the node goes on");
  verdict->equal(ends_of(*log), "notice:[{application,a1},{exited,killed},{type,temporary}]");
  auto gone_too = gone(self, child);
  static_cast<void>(co_await gone_too);
  const std::string notes = verdict->take_notes();
  const auto said = [&](std::string_view what) { return notes.find(what) != std::string::npos; };
  verdict->holds(said("+c1") && said("prep_stop([]) ") && said("stop({prepared,[]})"),
                 "prep_stop and stop are called, though nobody stopped it");
}

Behaviour starts_and_ends_are_reported(Self self, Verdict* verdict) {
  const auto log = log_everything(self);
  auto booting = controller(self);
  co_await booting;
  ApplicationSpec failing = app("failing", verdict);
  failing.mod.start = &says_why;
  const std::vector<ApplicationSpec> specs = {app("a1", verdict), failing,
                                              ApplicationSpec{.name = "lib"_atom}};
  for (const ApplicationSpec& spec : specs) {
    auto loading = load(self, spec);
    static_cast<void>(co_await loading);
    auto starting = start_application(self, spec.name);
    static_cast<void>(co_await starting);
  }
  std::string started;
  for (const LogEvent& event : log->labelled("{application_controller,progress}")) {
    verdict->holds(event.level == LogLevel::info, "progress is info");
    verdict->equal(event.about("domain"_atom), "[otp,sasl]");
    started += to_string(field(event.message, "report"_atom)) + " ";
  }
  const std::string here = "{started_at," + to_string(Term(self.node().name())) + "}] ";
  verdict->equal(started, "[{application,a1}," + here + "[{application,lib}," + here);
  for (const Atom name : {"lib"_atom, "a1"_atom}) {
    auto stopping = stop_application(self, name);
    static_cast<void>(co_await stopping);
  }
  verdict->equal(ends_of(*log),
                 "notice:[{application,failing},{exited,{why,{ap,start,[normal,a]}}},"
                 "{type,temporary}] "
                 "notice:[{application,lib},{exited,stopped},{type,temporary}] "
                 "notice:[{application,a1},{exited,stopped},{type,temporary}]");
}

// The application's top: a supervisor, which ends for its own reasons with shutdown, or c1 itself,
// which ends with whatever reason.
Task<ApplicationStart> start_c1(Self self, Verdict* verdict) {
  auto starting = start_link<Announcer>(self, std::string("c1"), verdict, Duration::zero());
  const auto started = co_await starting;
  ApplicationStart answer;
  answer.pid = started.pid;
  co_return answer;
}
// It ends with its only child.
SupervisorSpec ending_tree(Verdict* verdict) {
  SupervisorSpec spec{.limit = {.intensity = 0}, .auto_shutdown = AutoShutdown::any_significant};
  spec.children.push_back(announcer("c1", verdict, Restart::temporary));
  spec.children[0].significant = true;
  return spec;
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
  ApplicationSpec spec = app("a1", verdict, ending_tree(verdict));
  if (ending.reason != atoms::shutdown) {
    spec.mod.start = [verdict](Self master, Term, Term) { return start_c1(master, verdict); };
  }
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
    auto waiting = until_running(self, verdict, "");
    co_await waiting;
    const auto exit = co_await self.receive<Exit>(20_ms);
    verdict->holds(!exit.has_value(), "the node goes on");
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
  const Pid controller = co_await booting;
  auto loading = load(self, app("a1", verdict, tree_of(1, verdict)));
  static_cast<void>(co_await loading);
  auto starting = start_application(self, "a1"_atom, ApplicationType::permanent);
  static_cast<void>(co_await starting);
  self.monitor(controller);
  auto stopping = stop_application(self, "a1"_atom);
  const Term answer = co_await stopping;
  verdict->equal(answer, "ok");
  auto asking = running(self);
  const std::string names = co_await asking;
  verdict->equal(names, "");
  const auto down = co_await self.receive<Down>(20_ms);
  verdict->holds(!down, "the node goes on");
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
  Pid pid;
  Atom application;
  Term value;
};

Behaviour plain_process(Self self, Pid main) {
  auto asking = get_application(self);
  const Atom application = co_await asking;
  auto getting = get_env(self, "key"_atom);
  const std::optional<Term> value = co_await getting;
  self.send<Belongs>(main, self.pid(), application, value.value_or(Term()));
  co_await self.receive<Exit>();
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
  auto of_q = get_application(self, belongs.pid);
  const Atom q = co_await of_q;
  verdict->equal(q.text(), "app_g");
  auto asking = get_application(self);
  const Atom outside = co_await asking;
  verdict->holds(outside == Atom(), "undefined outside");
  auto of_outsider = get_application(self, self.pid());
  const Atom outsider = co_await of_outsider;
  verdict->holds(outsider == Atom(), "undefined for a process outside");
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
CONFORMANCE("APP-004", "starts and ends of applications are reported", starts_and_ends_are_reported)
CONFORMANCE("APP-005", "permanent and transient applications end the node", permanent_and_transient)
CONFORMANCE("APP-007", "optional applications are started where they are", optional_ones)
CONFORMANCE("APP-009", "membership follows the group leader", membership)
CONFORMANCE("APP-012", "an application is loaded once and started once", load_and_start_twice)

}  // namespace glasshouse::conformance

// Children that are started, stopped, deleted and restarted by hand, and how they are stopped.

#include "tests/conformance/supervised.h"

namespace glasshouse::conformance {

namespace {

Behaviour start_child_returns(Self self, Verdict* verdict) {
  self.trap_exit(true);
  auto starting = start_supervisor(self, tree_of(2, verdict));
  const auto sup = co_await starting;
  auto stopping = terminate_child(self, sup.pid, "c2"_atom);
  co_await stopping;

  auto adding = start_child(self, sup.pid, announcer("c3", verdict));
  const ChildAnswer fresh = co_await adding;
  verdict->holds(fresh.ok() && fresh.pid == self.whereis("c3"_atom), "{ok,Pid}");
  ChildSpec informed = idler("c4"_atom);
  informed.start = &start_with_info;
  auto informing = start_child(self, sup.pid, informed);
  const ChildAnswer info = co_await informing;
  verdict->holds(info.term() == tuple(Term(atoms::ok), Term(info.pid), Term(atoms::info)),
                 "{ok,Pid,info}");
  auto twice = start_child(self, sup.pid, announcer("c1", verdict));
  const ChildAnswer running = co_await twice;
  verdict->holds(running.error == tuple(Term(atoms::already_started),
                                        Term(self.whereis("c1"_atom).value_or(Pid()))),
                 "{error,{already_started,PidOfC1}}");
  auto present = start_child(self, sup.pid, announcer("c2", verdict));
  const ChildAnswer stopped = co_await present;
  verdict->equal(stopped.term(), "{error,already_present}");

  ChildSpec failing = idler("c5"_atom);
  failing.start = start_that_says(atoms::error, Term("why"_atom));
  auto trying = start_child(self, sup.pid, failing);
  const ChildAnswer failed = co_await trying;
  verdict->equal(failed.term(),
                 "{error,{why,{child,undefined,c5,permanent,false,5000,worker,[]}}}");
  failing.start = start_that_says("garbage"_atom, Term("garbage"_atom));
  auto again = start_child(self, sup.pid, failing);
  const ChildAnswer garbage = co_await again;
  verdict->equal(garbage.term(),
                 "{error,{garbage,{child,undefined,c5,permanent,false,5000,worker,[]}}}");
  failing.start = nullptr;
  auto faulty = start_child(self, sup.pid, failing);
  const ChildAnswer refused = co_await faulty;
  verdict->equal(refused.term(), "{error,missing_start}");
  auto looking = picture(self, sup.pid);
  const std::string children = co_await looking;
  verdict->equal(children, "c1 c2(down) c3 c4");
}

Behaviour asks_nobody(Self self) {
  auto adding = start_child(self, "nobody"_atom, idler("c"_atom));
  co_await adding;
}

Behaviour start_child_of_nobody(Self self, Verdict* verdict) {
  const auto watched = self.spawn_monitor<&asks_nobody>();
  const Down down = co_await self.receive<Down>();
  verdict->holds(down.ref == watched.ref, "the caller ends");
  verdict->equal(down.reason.element(0), "noproc");
  verdict->equal(down.reason.element(1).element(0), "gen_server");
  verdict->equal(down.reason.element(1).element(1), "call");
  verdict->equal(down.reason.element(1).element(2).as_list().front(), "nobody");
}

Behaviour terminate_child_keeps_the_specification(Self self, Verdict* verdict) {
  self.trap_exit(true);
  SupervisorSpec spec = tree_of(1, verdict, Strategy::one_for_one, 0);
  spec.children.push_back(announcer("c2", verdict, Restart::temporary));
  spec.children.push_back(announcer("c3", verdict));
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  verdict->take_notes();
  for (int i = 0; i < 2; ++i) {
    auto stopping = terminate_child(self, sup.pid, "c1"_atom);
    const ChildAnswer answer = co_await stopping;
    verdict->holds(answer.ok(), "ok, and ok again");
  }
  auto temporary = terminate_child(self, sup.pid, "c2"_atom);
  const ChildAnswer dropped = co_await temporary;
  verdict->holds(dropped.ok(), "ok");
  auto unknown = terminate_child(self, sup.pid, "nope"_atom);
  const ChildAnswer nope = co_await unknown;
  verdict->equal(nope.term(), "{error,not_found}");
  auto by_pid = terminate_child(self, sup.pid, self.whereis("c3"_atom).value_or(Pid()));
  const ChildAnswer pid = co_await by_pid;
  verdict->equal(pid.term(), "{error,not_found}");
  verdict->equal(verdict->take_notes(), "-c1 -c2");
  auto looking = picture(self, sup.pid);
  const std::string children = co_await looking;
  verdict->equal(children, "c1(down) c3");
}

Behaviour delete_and_restart_return(Self self, Verdict* verdict) {
  auto starting = start_supervisor(self, tree_of(1, verdict));
  const auto sup = co_await starting;
  for (const Atom id : {"c1"_atom, "nope"_atom}) {
    auto deleting = delete_child(self, sup.pid, id);
    const ChildAnswer deleted = co_await deleting;
    auto restarting = restart_child(self, sup.pid, id);
    const ChildAnswer restarted = co_await restarting;
    const std::string expected = id == "nope"_atom ? "{error,not_found}" : "{error,running}";
    verdict->equal(deleted.term(), expected);
    verdict->equal(restarted.term(), expected);
  }
  const Pid first = self.whereis("c1"_atom).value_or(Pid());
  auto stop_once = terminate_child(self, sup.pid, "c1"_atom);
  co_await stop_once;
  auto start_again = restart_child(self, sup.pid, "c1"_atom);
  const ChildAnswer restarted = co_await start_again;
  verdict->holds(restarted.ok() && restarted.pid != first, "{ok,NewPid}");
  auto stop_twice = terminate_child(self, sup.pid, "c1"_atom);
  co_await stop_twice;
  auto deleting = delete_child(self, sup.pid, "c1"_atom);
  const ChildAnswer deleted = co_await deleting;
  verdict->holds(deleted.ok(), "ok");
  auto lost = restart_child(self, sup.pid, "c1"_atom);
  const ChildAnswer none = co_await lost;
  verdict->equal(none.term(), "{error,not_found}");
}

Behaviour restart_child_passes_on(Self self, Verdict* verdict) {
  SupervisorSpec spec;
  spec.children.push_back(idler("informed"_atom));
  spec.children.back().start = &start_with_info;
  Counted counted;
  counted.failing = 1;
  spec.children.push_back(idler("failing"_atom));
  spec.children.back().start = counted;
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  for (const Atom id : {"informed"_atom, "failing"_atom}) {
    auto stopping = terminate_child(self, sup.pid, id);
    co_await stopping;
  }
  auto first = restart_child(self, sup.pid, "informed"_atom);
  const ChildAnswer informed = co_await first;
  verdict->equal(informed.info, "info");
  auto second = restart_child(self, sup.pid, "failing"_atom);
  const ChildAnswer failed = co_await second;
  verdict->equal(failed.term(), "{error,no}");
  auto looking = picture(self, sup.pid);
  const std::string children = co_await looking;
  verdict->equal(children, "informed failing(down)");
}

Behaviour simple_takes_arguments(Self self, Verdict* verdict) {
  SupervisorSpec spec{.strategy = Strategy::simple_one_for_one};
  spec.children.push_back({.id = "pattern"_atom, .start = nullptr, .modules = {"m"_atom}});
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  for (const char* name : {"b1", "b2"}) {
    auto adding = start_child(self, sup.pid, announcer(name, verdict));
    const ChildAnswer answer = co_await adding;
    verdict->holds(answer.pid == self.whereis(Atom(name)), "started with its own arguments");
  }
  ChildSpec other;
  other.start = &start_with_info;
  auto informing = start_child(self, sup.pid, other);
  const ChildAnswer info = co_await informing;
  verdict->equal(info.info, "info");
  other.start = start_that_says(atoms::error, Term("why"_atom));
  auto failing = start_child(self, sup.pid, other);
  const ChildAnswer failed = co_await failing;
  verdict->equal(failed.term(), "{error,why}");
  auto asking = get_childspec(self, sup.pid, info.pid);
  const ChildSpecAnswer found = co_await asking;
  verdict->holds(found.ok() && found.child.spec->id == "pattern"_atom, "get_childspec by pid");
  auto missing = get_childspec(self, sup.pid, self.pid());
  const ChildSpecAnswer none = co_await missing;
  verdict->holds(!none.ok(), "not_found");
  auto counting = count_children(self, sup.pid);
  const ChildCount count = co_await counting;
  verdict->holds(count.specs == 1 && count.active == 3 && count.workers == 3, "specs is 1");
  auto looking = picture(self, sup.pid);
  const std::string children = co_await looking;
  verdict->equal(children, "undefined undefined undefined");
  auto by_id = terminate_child(self, sup.pid, "pattern"_atom);
  const ChildAnswer refused = co_await by_id;
  verdict->equal(refused.term(), "{error,simple_one_for_one}");
  auto by_pid = terminate_child(self, sup.pid, info.pid);
  const ChildAnswer stopped = co_await by_pid;
  verdict->holds(stopped.ok(), "terminate_child by pid");
}

}  // namespace

CONFORMANCE("SUP-010", "start_child returns what came of the start", start_child_returns)
CONFORMANCE("SUP-010", "start_child of no supervisor ends the caller with noproc",
            start_child_of_nobody)
CONFORMANCE("SUP-012", "terminate_child stops a child and keeps its specification",
            terminate_child_keeps_the_specification)
CONFORMANCE("SUP-013", "delete_child and restart_child want a stopped child",
            delete_and_restart_return)
CONFORMANCE("SUP-013", "restart_child returns what came of the start", restart_child_passes_on)
CONFORMANCE("SUP-040", "simple_one_for_one starts each child with arguments of its own",
            simple_takes_arguments)

}  // namespace glasshouse::conformance

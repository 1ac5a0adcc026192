#include "runtime/application/application_master.h"

#include <utility>
#include <vector>

namespace glasshouse::runtime {

namespace {

Term call_term(const ApplicationModule& mod, std::string_view function, Term arguments) {
  return tuple(Term(mod.name), Term(Atom(function)), std::move(arguments));
}
Term error_of(Term reason) {
  return tuple(Term(atoms::error), std::move(reason));
}

// What came of the start: the application, and ok or the error to be told.
struct Outcome {
  ApplicationStart started;
  Term answer;
};

Task<Outcome> start_it(Self self, SharedApplication application) {
  const ApplicationModule& mod = application->mod;
  const Term type(atoms::normal);
  Outcome outcome;
  const Term call = call_term(mod, "start", list(type, mod.arguments));
  std::exception_ptr failure;
  try {
    auto starting = mod.start(self, type, mod.arguments);
    outcome.started = co_await starting;
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    const Term exit = tuple(Term(atoms::exit_upper), exit_reason_of(failure));
    outcome.answer = error_of(tuple(Term("bad_return"_atom), tuple(call, exit)));
  } else if (!outcome.started.pid.is_null()) {
    outcome.answer = Term(atoms::ok);
  } else if (outcome.started.error.is_undefined()) {
    outcome.answer = error_of(tuple(Term("bad_return"_atom), tuple(call, Term())));
  } else {
    outcome.answer = error_of(tuple(outcome.started.error, call));
  }
  co_return outcome;
}

Task<Term> run_phase(Self self, SharedApplication application, Atom phase, Term arguments) {
  const ApplicationModule& mod = application->mod;
  const Term type(atoms::normal);
  const Term call = call_term(mod, "start_phase", list(Term(phase), type, arguments));
  if (!mod.start_phase) co_return error_of(tuple(Term("undef"_atom), call));
  std::exception_ptr failure;
  Term answer;
  try {
    auto running = mod.start_phase(self, phase, type, arguments);
    answer = co_await running;
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    const Term exit = tuple(Term(atoms::exit_upper), exit_reason_of(failure));
    co_return error_of(tuple(Term("bad_return"_atom), tuple(call, exit)));
  }
  if (answer.is_tuple(atoms::error, 2)) co_return error_of(tuple(answer.element(1), call));
  co_return Term(atoms::ok);
}

// Each phase: here, then in what is included and has it.
Task<Term> run_phases(Self self, SharedApplication application,
                      std::vector<SharedApplication> included) {
  included.insert(included.begin(), application);
  for (const auto& named : application->start_phases) {
    for (const SharedApplication& part : included) {
      for (const auto& phase : part->start_phases) {
        if (phase.first != named.first) continue;
        auto running = run_phase(self, part, phase.first, phase.second);
        const Term answer = co_await running;
        if (answer != Term(atoms::ok)) co_return answer;
      }
    }
  }
  co_return Term(atoms::ok);
}

Term prepare_to_stop(Self self, const ApplicationModule& mod, const Term& state) {
  if (!mod.prep_stop) return state;
  try {
    return mod.prep_stop(self, state);
  } catch (...) {
    return state;  // OTP: prep_stop that fails is as if there were none
  }
}

void has_stopped(Self self, const ApplicationModule& mod, const Term& state) {
  if (!mod.stop) return;
  try {
    mod.stop(self, state);
  } catch (...) {
    self.log(Self::Level::error, "the stop of an application threw");
  }
}

Task<void> stop_tree(Self self, Pid top) {
  self.exit(top, Term(atoms::shutdown));
  auto next = self.receive_if<Exit>([top](const Exit& exit) { return exit.from == top; });
  co_await next;
}

std::vector<Pid> all_but(Self self) {
  std::vector<Pid> pids;
  self.node().processes().for_each_slot([&](const Process& process) {
    if (process.is_alive() && process.pid() != self.pid()) pids.push_back(process.pid());
  });
  return pids;
}

// Until the top of the tree ends, or it is told to stop; the reason to exit with.
Task<Term> watch(Self self, Pid controller, Pid top, bool* has_ended) {
  for (;;) {
    auto next = self.receive<StopOrder, Exit>();
    const auto news = co_await next;
    const Exit* const exit = std::get_if<Exit>(&news);
    if (exit == nullptr) co_return Term(atoms::shutdown);
    if (exit->from == controller) co_return exit->reason;
    if (exit->from == top) {
      *has_ended = true;
      co_return exit->reason;
    }
  }
}

// Also where a start phase failed.
Task<void> take_down(Self self, const ApplicationModule& mod, const ApplicationStart& started,
                     bool has_ended) {
  const Term state = prepare_to_stop(self, mod, started.state);
  if (!has_ended) {
    auto stopping = stop_tree(self, started.pid);
    co_await stopping;
  }
  has_stopped(self, mod, state);
}

}  // namespace

Task<void> kill_led(Self self, Pid leader) {
  for (bool again = true; again;) {
    again = false;
    const std::vector<Pid> others = all_but(self);
    for (const Pid each : others) {
      auto asking = self.process_info(each, "group_leader"_atom);
      const Term answer = co_await asking;
      if (answer.is_undefined() || answer.element(1) != Term(leader)) continue;
      self.exit(each, Term(atoms::kill));
      again = true;
    }
  }
}

Behaviour application_master(Self self, Pid controller, SharedApplication application,
                             std::vector<SharedApplication> included) {
  self.trap_exit(true);
  self.set_group_leader(self.pid());
  const ApplicationModule& mod = application->mod;
  auto starting = start_it(self, application);
  const Outcome outcome = co_await starting;
  const Pid top = outcome.started.pid;
  Term answer = outcome.answer;
  if (!top.is_null()) {
    auto phases = run_phases(self, application, std::move(included));
    answer = co_await phases;
  }
  const bool is_up = answer == Term(atoms::ok);
  bool has_ended = false;
  Term reason(atoms::normal);
  if (is_up) {
    self.send<ApplicationUp>(controller, application->name, answer);
    if (!application->max_time.is_infinite()) {
      self.send_after<StopOrder>(application->max_time, self.pid());
    }
    auto watching = watch(self, controller, top, &has_ended);
    reason = co_await watching;
  }
  if (!top.is_null()) {
    auto taking = take_down(self, mod, outcome.started, has_ended);
    co_await taking;
  }
  auto killing = kill_led(self, self.pid());
  co_await killing;
  // Not before: who is told of the error may stop what the tree needs, or start it again.
  if (!is_up) self.send<ApplicationUp>(controller, application->name, answer);
  self.exit(reason);
}

}  // namespace glasshouse::runtime

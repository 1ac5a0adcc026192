#include "runtime/application/application.h"

#include <utility>

#include "runtime/application/application_controller.h"

namespace glasshouse::runtime {

namespace {

Atom controller() {
  return "application_controller"_atom;
}

Task<ApplicationStart> start_top(Self self, SupervisorSpec top) {
  auto starting = start_supervisor(self, std::move(top));
  const auto started = co_await starting;
  ApplicationStart answer;
  answer.pid = started.pid;
  answer.error = started.error;
  co_return answer;
}

}  // namespace

ApplicationModule supervised(Atom name, SupervisorSpec top) {
  ApplicationModule mod;
  mod.name = name;
  mod.start = [top = std::move(top)](Self self, const Term&, const Term&) {
    return start_top(self, top);
  };
  return mod;
}

Atom application_type_name(ApplicationType type) {
  static constexpr Atom names[] = {atoms::permanent, atoms::transient, atoms::temporary};
  return names[static_cast<int>(type)];
}

ServerStart<ApplicationController> start_application_controller(Self self,
                                                                Configuration configuration) {
  return start_link_as<ApplicationController>(self, controller(), std::move(configuration));
}

Call<LoadApplication> load_application(Self self, ApplicationSpec spec) {
  ApplicationOffer offer{std::make_shared<const ApplicationSpec>(std::move(spec))};
  return self.call_within<LoadApplication>(Duration::infinity(), controller(), std::move(offer));
}
Call<UnloadApplication> unload_application(Self self, Atom name) {
  return self.call_within<UnloadApplication>(Duration::infinity(), controller(), name);
}
Call<StartApplication> start_application(Self self, Atom name, ApplicationType type) {
  return self.call_within<StartApplication>(Duration::infinity(), controller(), name, type);
}
Call<StopApplication> stop_application(Self self, Atom name) {
  return self.call_within<StopApplication>(Duration::infinity(), controller(), name);
}
Call<WhichApplications> which_applications(Self self) {
  return self.call_within<WhichApplications>(Duration::infinity(), controller());
}
Call<LoadedApplications> loaded_applications(Self self) {
  return self.call_within<LoadedApplications>(Duration::infinity(), controller());
}
Call<ApplicationLedBy> get_application(Self self) {
  return self.call_within<ApplicationLedBy>(Duration::infinity(), controller(),
                                            self.group_leader());
}
Task<Atom> get_application(Self self, Pid process) {
  auto asking = self.process_info(process, "group_leader"_atom);
  const Term answer = co_await asking;
  if (answer.is_undefined()) co_return Atom();
  const Pid leader = answer.element(1).as_pid().value_or(Pid());
  auto looking = self.call_within<ApplicationLedBy>(Duration::infinity(), controller(), leader);
  co_return co_await looking;
}
Call<GetApplicationEnv> get_env(Self self, Atom name, Atom key) {
  return self.call_within<GetApplicationEnv>(Duration::infinity(), controller(), name, key, Pid());
}
Call<GetApplicationEnv> get_env(Self self, Atom key) {
  return self.call_within<GetApplicationEnv>(Duration::infinity(), controller(), Atom(), key,
                                             self.group_leader());
}
Call<GetAllApplicationEnv> get_all_env(Self self, Atom name) {
  return self.call_within<GetAllApplicationEnv>(Duration::infinity(), controller(), name);
}
Call<SetApplicationEnv> set_env(Self self, Atom name, Atom key, Term value, SetEnv how) {
  return self.call_within<SetApplicationEnv>(Duration::infinity(), controller(), name, key,
                                             std::optional<Term>(std::move(value)), how);
}
Call<SetApplicationEnv> unset_env(Self self, Atom name, Atom key, SetEnv how) {
  return self.call_within<SetApplicationEnv>(Duration::infinity(), controller(), name, key,
                                             std::optional<Term>(), how);
}

Call<GetApplicationKey> get_key(Self self, Atom name, Atom key) {
  return self.call_within<GetApplicationKey>(Duration::infinity(), controller(), name, key, Pid());
}
Call<GetApplicationKey> get_key(Self self, Atom key) {
  return self.call_within<GetApplicationKey>(Duration::infinity(), controller(), Atom(), key,
                                             self.group_leader());
}
Call<GetAllApplicationKeys> get_all_key(Self self, Atom name) {
  return self.call_within<GetAllApplicationKeys>(Duration::infinity(), controller(), name, Pid());
}
Call<GetAllApplicationKeys> get_all_key(Self self) {
  return self.call_within<GetAllApplicationKeys>(Duration::infinity(), controller(), Atom(),
                                                 self.group_leader());
}
Call<ChangeConfiguration> change_configuration(Self self, Configuration configuration) {
  return self.call_within<ChangeConfiguration>(
      Duration::infinity(), controller(),
      std::make_shared<const Configuration>(std::move(configuration)));
}

Task<Term> ensure_started(Self self, Atom name, ApplicationType type) {
  const Term runs = tuple(Term(atoms::error), tuple(Term(atoms::already_started), Term(name)));
  auto starting = start_application(self, name, type);
  Term answer = co_await starting;
  co_return answer == runs ? Term(atoms::ok) : answer;
}

Task<Term> ensure_all_started(Self self, Atom name, ApplicationType type) {
  auto asking = self.call_within<ApplicationOrder>(Duration::infinity(), controller(), name);
  const Term order = co_await asking;
  if (order.is_tuple(atoms::error, 2)) co_return order;
  std::vector<Term> started;
  for (const Term& next : order.element(1).as_list()) {
    const Atom application = next.as_atom().value_or(Atom());
    auto starting = start_application(self, application, type);
    const Term answer = co_await starting;
    if (answer == Term(atoms::ok)) {
      started.push_back(next);
    } else if (!answer.element(1).is_tuple(atoms::already_started, 2)) {
      for (auto earlier = started.rbegin(); earlier != started.rend(); ++earlier) {
        auto stopping = stop_application(self, earlier->as_atom().value_or(Atom()));
        static_cast<void>(co_await stopping);  // an application that is down already is as good
      }
      co_return tuple(Term(atoms::error), tuple(next, answer.element(1)));
    }
  }
  co_return tuple(Term(atoms::ok), list_of(std::move(started)));
}

namespace {

// Loads and starts; ok, or the error.
Task<Term> bring_up(Self self, ApplicationNode what) {
  for (ApplicationSpec& spec : what.applications) {
    auto loading = load_application(self, std::move(spec));
    const Term loaded = co_await loading;
    if (loaded != Term(atoms::ok)) co_return loaded;
  }
  for (const Atom name : what.start) {
    auto starting = ensure_all_started(self, name, what.type);
    const Term started = co_await starting;
    if (started.is_tuple(atoms::error, 2)) co_return started;
  }
  co_return Term(atoms::ok);
}

// What was given goes over what there is. ok, or why not.
Task<Term> configure(Self self, ApplicationNode& what) {
  if (what.sources.files.empty() && what.sources.words.empty()) co_return Term(atoms::ok);
  auto loading = load_configuration(self, what.sources, what.applications);
  Result<Configuration> given = co_await loading;
  if (!given) {
    co_return tuple(Term("bad_configuration"_atom), binary(given.error().what));
  }
  for (auto& [name, entries] : *given) {
    for (auto& [key, value] : entries)
      what.configuration[name].insert_or_assign(key, std::move(value));
  }
  co_return Term(atoms::ok);
}

// OTP: init. Lives as long as the controller, which it takes with it.
Behaviour application_boot(Self self, ApplicationNode what,
                           std::function<void(const Term& reason)> on_end) {
  self.trap_exit(true);
  auto configuring = configure(self, what);
  const Term configured = co_await configuring;
  if (configured != Term(atoms::ok)) {
    if (on_end) on_end(configured);
    co_return;
  }
  auto starting = start_application_controller(self, what.configuration);
  const auto applications = co_await starting;
  Term reason = applications.error;
  if (applications) {
    auto bringing = bring_up(self, std::move(what));
    reason = co_await bringing;
    if (reason != Term(atoms::ok)) self.exit(applications.pid, Term(atoms::shutdown));
    const Pid pid = applications.pid;
    auto next = self.receive_if<Exit>(
        [pid](const Exit& exit) { return exit.from == pid || exit.from.is_null(); });
    std::optional<Exit> exit = co_await next;
    if (exit->from.is_null()) {  // told from outside
      self.exit(pid, exit->reason);
      auto last = self.receive_if<Exit>([pid](const Exit& gone) { return gone.from == pid; });
      co_await last;
    }
    if (reason == Term(atoms::ok)) reason = std::move(exit->reason);
  }
  if (on_end) on_end(reason);
}

}  // namespace

Pid start_applications_on(Node& node, ApplicationNode what,
                          std::function<void(const Term& reason)> on_end) {
  return node.spawn<&application_boot>(std::move(what), std::move(on_end));
}

}  // namespace glasshouse::runtime

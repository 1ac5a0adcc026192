#include "runtime/application/application_controller.h"

#include <algorithm>
#include <utility>

#include "runtime/application/application_keys.h"
#include "runtime/application/start_order.h"
#include "runtime/observe/reports.h"

namespace glasshouse::runtime {

namespace {

Term error_of(Term reason) {
  return tuple(Term(atoms::error), std::move(reason));
}
Term error_of(std::string_view what, Atom name) {
  return error_of(tuple(Term(Atom(what)), Term(name)));
}

ApplicationRow row_of(const ApplicationSpec& spec) {
  return {spec.name, spec.description, spec.version};
}

void log_end(const Process& controller, Atom name, const Term& reason, ApplicationType type) {
  log_application_exit(controller, name, reason, application_type_name(type));
}

}  // namespace

ApplicationController::ApplicationController(Self self, Configuration configuration)
    : self_(self), configuration_(std::move(configuration)) {
  self_.trap_exit(true);
}

const ApplicationController::Loaded* ApplicationController::find_loaded(Atom name) const {
  const auto found = std::find_if(loaded_.begin(), loaded_.end(),
                                  [&](const Loaded& loaded) { return loaded.name == name; });
  return found == loaded_.end() ? nullptr : &*found;
}

const ApplicationController::Loaded* ApplicationController::find_loaded(Atom name,
                                                                        Pid leader) const {
  return find_loaded(name == Atom() ? handle(ApplicationLedBy{leader}) : name);
}

const ApplicationController::Running* ApplicationController::find_running(Atom name) const {
  const auto found = std::find_if(running_.begin(), running_.end(),
                                  [&](const Running& running) { return running.name == name; });
  return found == running_.end() ? nullptr : &*found;
}

ApplicationController::Running* ApplicationController::find_running(Atom name) {
  return const_cast<Running*>(std::as_const(*this).find_running(name));
}

bool ApplicationController::is_up(Atom name) const {
  const Running* const running = find_running(name);
  return running != nullptr && running->is_up;
}

// -- loading --------------------------------------------------------------------------------------

// A part belongs to one application: its processes are in the tree of that one.
std::optional<Term> ApplicationController::included_twice(const ApplicationSpec& spec) const {
  const auto error = [&](Atom part, Atom other) {
    return error_of(
        tuple(Term("duplicate_include"_atom),
              list(tuple(tuple(Term(part), Term(other)), tuple(Term(part), Term(spec.name))))));
  };
  const auto& parts = spec.included_applications;
  for (auto part = parts.begin(); part != parts.end(); ++part) {
    if (std::find(parts.begin(), part, *part) != part) return error(*part, spec.name);
    for (const Loaded& loaded : loaded_) {
      const auto& theirs = loaded.spec->included_applications;
      if (std::find(theirs.begin(), theirs.end(), *part) != theirs.end()) {
        return error(*part, loaded.name);
      }
    }
  }
  return std::nullopt;
}

Term ApplicationController::handle(LoadApplication request) {
  const ApplicationSpec& spec = *request.offer.spec;
  if (find_loaded(spec.name) != nullptr) return error_of("already_loaded", spec.name);
  if (auto error = included_twice(spec)) return std::move(*error);
  std::map<Atom, Term> env = configured_env(spec);
  if (auto early = set_early_.extract(spec.name)) env.merge(early.mapped());
  loaded_.push_back({spec.name, request.offer.spec, std::move(env)});
  return Term(atoms::ok);
}

// The specification's, and what is configured over it.
std::map<Atom, Term> ApplicationController::configured_env(const ApplicationSpec& spec) const {
  std::map<Atom, Term> env = spec.env;
  if (const auto configured = configuration_.find(spec.name); configured != configuration_.end()) {
    for (const auto& [key, value] : configured->second)
      env.insert_or_assign(key, value);
  }
  return env;
}

Term ApplicationController::handle(UnloadApplication request) {
  if (find_running(request.name) != nullptr) return error_of("running", request.name);
  const Loaded* const loaded = find_loaded(request.name);
  if (loaded == nullptr) return error_of("not_loaded", request.name);
  loaded_.erase(loaded_.begin() + (loaded - loaded_.data()));
  return Term(atoms::ok);
}

// -- starting -------------------------------------------------------------------------------------

// Why it cannot start now; `ok` if it can.
Term ApplicationController::obstacle(const ApplicationSpec& spec) const {
  for (const Atom need : spec.applications) {
    const auto& optional = spec.optional_applications;
    const bool is_optional = std::find(optional.begin(), optional.end(), need) != optional.end();
    if (!is_up(need) && !is_optional) return error_of("not_started", need);
  }
  for (const Atom part : spec.included_applications) {
    if (find_loaded(part) == nullptr) return error_of("not_loaded", part);
  }
  return Term(atoms::ok);
}

std::vector<SharedApplication> ApplicationController::included_in(
    const ApplicationSpec& spec) const {
  std::vector<SharedApplication> parts;
  for (const Atom part : spec.included_applications)
    parts.push_back(find_loaded(part)->spec);
  return parts;
}

void ApplicationController::handle(Request<StartApplication> request) {
  const Atom name = request.value.name;
  const Loaded* const loaded = find_loaded(name);
  if (loaded == nullptr) return self_.reply(request, error_of("not_loaded", name));
  if (Running* const running = find_running(name)) {
    if (running->is_up) return self_.reply(request, error_of("already_started", name));
    // OTP: whoever comes second gets what comes of the first.
    running->starters.push_back(std::move(request));
    return;
  }
  const Term good = obstacle(*loaded->spec);
  if (good != Term(atoms::ok)) return self_.reply(request, good);
  Running starting;
  starting.name = name;
  starting.type = request.value.type;
  if (loaded->spec->mod.start) {
    starting.master = self_.spawn_link<&application_master>(self_.pid(), loaded->spec,
                                                            included_in(*loaded->spec));
    starting.starters.push_back(std::move(request));
  } else {
    starting.is_up = true;
    log_application_started(self_.process(), name);
    self_.reply(request, Term(atoms::ok));
  }
  running_.push_back(std::move(starting));
}

void ApplicationController::handle(ApplicationUp up) {
  Running* const running = find_running(up.name);
  if (running == nullptr) return;
  for (const auto& starter : std::exchange(running->starters, {}))
    self_.reply(starter, up.answer);
  if (up.answer == Term(atoms::ok)) {
    running->is_up = true;
    log_application_started(self_.process(), up.name);
  } else {
    log_end(self_.process(), up.name, up.answer.element(1), running->type);
    forget(up.name);
  }
}

// -- stopping -------------------------------------------------------------------------------------

void ApplicationController::forget(Atom name) {
  std::erase_if(running_, [&](const Running& running) { return running.name == name; });
}

void ApplicationController::handle(Request<StopApplication> request) {
  const Atom name = request.value.name;
  Running* const running = find_running(name);
  // OTP: what still starts is not started.
  if (running == nullptr || !running->is_up) {
    return self_.reply(request, error_of("not_started", name));
  }
  if (running->master.is_null()) {
    log_end(self_.process(), name, Term("stopped"_atom), running->type);
    forget(name);
    return self_.reply(request, Term(atoms::ok));
  }
  if (running->stoppers.empty()) self_.send<StopOrder>(running->master);
  running->stoppers.push_back(std::move(request));
}

void ApplicationController::handle(Exit exit) {
  const auto found = std::find_if(running_.begin(), running_.end(), [&](const Running& running) {
    return running.master == exit.from && !running.master.is_null();
  });
  if (found == running_.end()) return;
  Running ended = std::move(*found);
  running_.erase(found);
  has_ended(std::move(ended), exit.reason);
}

void ApplicationController::has_ended(Running ended, const Term& reason) {
  for (const auto& starter : ended.starters)
    self_.reply(starter, error_of(reason));
  for (const auto& stopper : ended.stoppers)
    self_.reply(stopper, Term(atoms::ok));
  const bool is_asked_for = !ended.stoppers.empty();
  log_end(self_.process(), ended.name, is_asked_for ? Term("stopped"_atom) : reason, ended.type);
  const bool is_fatal = ended.type == ApplicationType::permanent ||
                        (ended.type == ApplicationType::transient && reason != Term(atoms::normal));
  if (!is_asked_for && ended.is_up && is_fatal) {
    self_.stop(tuple(Term("application_terminated"_atom), Term(ended.name), reason));
  }
}

// All that run, latest started first, each when the one before it is gone. What still starts may
// wait for ever in its callback, so it is killed, and with it all that belongs to it.
Task<void> ApplicationController::terminate(Term) {
  while (!running_.empty()) {
    const Pid master = running_.back().master;
    const bool is_up = running_.back().is_up;
    running_.pop_back();
    if (master.is_null()) continue;
    const Ref ref = self_.monitor(master);
    if (is_up) {
      self_.send<StopOrder>(master);
    } else {
      self_.exit(master, Term(atoms::kill));
    }
    auto next = self_.receive_if<Down>([ref](const Down& down) { return down.ref == ref; });
    co_await next;
    if (is_up) continue;
    auto killing = kill_led(self_, master);
    co_await killing;
  }
}

// -- questions ------------------------------------------------------------------------------------

std::vector<ApplicationRow> ApplicationController::handle(WhichApplications) const {
  std::vector<ApplicationRow> rows;
  for (auto running = running_.rbegin(); running != running_.rend(); ++running) {
    if (running->is_up) rows.push_back(row_of(*find_loaded(running->name)->spec));
  }
  return rows;
}

std::vector<ApplicationRow> ApplicationController::handle(LoadedApplications) const {
  std::vector<ApplicationRow> rows;
  for (const Loaded& loaded : loaded_)
    rows.push_back(row_of(*loaded.spec));
  return rows;
}

Term ApplicationController::handle(ApplicationOrder request) const {
  NeedsOf needs;
  for (const Loaded& loaded : loaded_) {
    needs.emplace(loaded.name,
                  ApplicationNeeds{loaded.spec->applications, loaded.spec->optional_applications});
  }
  const auto order = start_order(needs, request.name);
  if (!order) {
    return error_of(tuple(Term(request.name),
                          tuple(Term(Atom(order.error().code)), binary(order.error().what))));
  }
  return tuple(Term(atoms::ok), list_of(std::vector<Term>(order->begin(), order->end())));
}

Atom ApplicationController::handle(ApplicationLedBy request) const {
  for (const Running& running : running_) {
    if (!running.master.is_null() && running.master == request.leader) return running.name;
  }
  return {};
}

const std::map<Atom, Term>* ApplicationController::find_env(Atom name, Pid leader) const {
  if (const Loaded* const loaded = find_loaded(name, leader)) return &loaded->env;
  const auto early = set_early_.find(name);
  return early == set_early_.end() ? nullptr : &early->second;
}

std::optional<Term> ApplicationController::handle(GetApplicationEnv request) const {
  const auto* const env = find_env(request.name, request.leader);
  if (env == nullptr) return std::nullopt;
  const auto found = env->find(request.key);
  return found == env->end() ? std::nullopt : std::optional(found->second);
}

Term ApplicationController::handle(GetAllApplicationEnv request) const {
  const auto* const env = find_env(request.name, Pid());
  return environment_term(env == nullptr ? std::map<Atom, Term>() : *env);
}

void ApplicationController::handle(SetApplicationEnv request) {
  const auto change = [&request](std::map<Atom, Term>& env) {
    if (request.value) {
      env.insert_or_assign(request.key, *request.value);
    } else {
      env.erase(request.key);
    }
  };
  const Loaded* const loaded = find_loaded(request.name);
  change(loaded == nullptr ? set_early_[request.name]
                           : loaded_[static_cast<std::size_t>(loaded - loaded_.data())].env);
  if (request.how == SetEnv::persistent) change(configuration_[request.name]);
}

std::optional<Term> ApplicationController::handle(GetApplicationKey request) const {
  const Loaded* const loaded = find_loaded(request.name, request.leader);
  if (loaded == nullptr) return std::nullopt;
  return application_key(*loaded->spec, loaded->env, request.key);
}

Term ApplicationController::handle(GetAllApplicationKeys request) const {
  const Loaded* const loaded = find_loaded(request.name, request.leader);
  return loaded == nullptr ? Term() : application_keys(*loaded->spec, loaded->env);
}

// -- another configuration ------------------------------------------------------------------------

namespace {

// What the application said of it: ok, or the reason against it.
Term told_of_change(Self self, const ApplicationSpec& spec, const EnvironmentChange& change) {
  if (change.is_none || !spec.mod.config_change) return Term(atoms::ok);
  try {
    const Term said = spec.mod.config_change(self, change.changed, change.added, change.removed);
    return said.is_tuple(atoms::error, 2) ? said.element(1) : said;
  } catch (...) {
    return tuple(Term(atoms::exit_upper), exit_reason_of(std::current_exception()));
  }
}

}  // namespace

// All environments are new before the first is told.
Term ApplicationController::handle(ChangeConfiguration request) {
  configuration_ = *request.configuration;
  std::map<Atom, EnvironmentChange> changes;
  for (Loaded& loaded : loaded_) {
    std::map<Atom, Term> before = std::exchange(loaded.env, configured_env(*loaded.spec));
    changes.emplace(loaded.name, environment_change(before, loaded.env));
  }
  std::vector<Term> errors;
  for (const Running& running : running_) {
    if (!running.is_up) continue;
    const SharedApplication spec = find_loaded(running.name)->spec;
    const Term said = told_of_change(self_, *spec, changes.at(running.name));
    if (said != Term(atoms::ok)) errors.push_back(tuple(Term(running.name), said));
  }
  if (errors.empty()) return Term(atoms::ok);
  return error_of(list_of(std::move(errors)));
}

Term ApplicationController::describe() const {
  std::vector<Term> names;
  for (const Running& running : running_)
    names.emplace_back(running.name);
  return map(Term("running"_atom), list_of(std::move(names)), Term("loaded"_atom),
             Term(static_cast<std::int64_t>(loaded_.size())));
}

}  // namespace glasshouse::runtime

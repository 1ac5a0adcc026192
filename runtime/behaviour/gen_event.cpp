#include "runtime/behaviour/gen_event.h"

#include <algorithm>
#include <string>

#include "runtime/behaviour/gen_event_manager.h"
#include "runtime/behaviour/sys.h"
#include "runtime/node/node.h"
#include "runtime/observe/reports.h"
#include "runtime/term/print.h"

namespace glasshouse::runtime {

using gen_event::detail::ManagerAnswer;
using gen_event::detail::ManagerRequest;
using gen_event::detail::Notify;

namespace {

Error only_sent(std::string_view what) {
  return Error(std::string(what) + " is not made from a term");
}

Term content_of(const MessagePtr& content) {
  return content ? content->type->to_term(*content) : Term();
}

// As OTP's, but that what a handler is made from is no term.
Term term_of(const ManagerRequest& request) {
  switch (request.what) {
    case ManagerRequest::What::add: {
      const Atom name(request.supervised ? "add_sup_handler" : "add_handler");
      return tuple(Term(name), request.spec.id.term());
    }
    case ManagerRequest::What::remove:
      return tuple(Term("delete_handler"_atom), request.id.term(), request.args);
    case ManagerRequest::What::swap: {
      const Atom name(request.supervised ? "swap_sup_handler" : "swap_handler");
      return tuple(Term(name), request.id.term(), request.args, request.spec.id.term());
    }
    case ManagerRequest::What::which:
      return Term("which_handlers"_atom);
    case ManagerRequest::What::call:
      return tuple(Term(atoms::call), request.id.term(), content_of(request.content));
    case ManagerRequest::What::sync_notify:
      return tuple(Term("sync_notify"_atom), content_of(request.content));
  }
  return Term();
}

}  // namespace

// How they look in a trace.
template <>
struct Conversion<Notify> {
  static Term to_term(const Notify& notify) {
    return tuple(Term(Atom("notify")), content_of(notify.event));
  }
  static Result<Notify> from_term(const Term&) { return only_sent("an event"); }
};
template <>
struct Conversion<ManagerAnswer> {
  static Term to_term(const ManagerAnswer& answer) {
    return answer.value ? content_of(answer.value) : answer.term;
  }
  static Result<ManagerAnswer> from_term(const Term&) { return only_sent("an answer"); }
};
template <>
struct Conversion<ManagerRequest> {
  static Term to_term(const ManagerRequest& request) { return term_of(request); }
  static Result<ManagerRequest> from_term(const Term&) { return only_sent("a request"); }
};
Term Conversion<gen_event::HandlerExit>::to_term(const gen_event::HandlerExit& exit) {
  return tuple(Term(Atom("gen_event_EXIT")), exit.handler.term(), exit.reason);
}
Result<gen_event::HandlerExit> Conversion<gen_event::HandlerExit>::from_term(const Term&) {
  return only_sent("an exit");
}

}  // namespace glasshouse::runtime

namespace glasshouse::runtime::gen_event {

Term HandlerId::term() const {
  return id == Term(false) ? Term(module) : tuple(Term(module), id);
}

namespace {

StartFunction start_function(ManagerOptions options, bool link, Ref monitor) {
  return [options = std::move(options), link, monitor](Process& parent, CallFrom starter) {
    const SpawnOptions spawning{.initial = "gen_event"_atom,
                                .link = link,
                                .monitor = monitor,
                                .starter = starter,
                                .hibernate_after = options.hibernate_after};
    return spawn_process<&manage>(parent.node(), &parent, spawning, options.name, options.handlers);
  };
}

ManagerOptions named(Atom name) {
  ManagerOptions options;
  options.name = name;
  return options;
}

}  // namespace

StartFunction child(ManagerOptions options) {
  return start_function(std::move(options), true, {});
}

StartFunction child(Atom name) {
  return child(named(name));
}

StartFunction child(Atom name, std::vector<Spec> handlers) {
  ManagerOptions options = named(name);
  options.handlers = std::move(handlers);
  return child(std::move(options));
}

Pid start_on(Node& node, Atom name, std::vector<Spec> handlers) {
  const SpawnOptions options{.initial = "gen_event"_atom};
  return spawn_process<&manage>(node, nullptr, options, name, std::move(handlers));
}

StartWait start_link(Self self, Atom name) {
  return start_link(self, named(name));
}

StartWait start_link(Self self, ManagerOptions options) {
  return StartWait(self.process(), child(std::move(options)));
}

StartWait start(Self self, Atom name) {
  return start(self, named(name));
}

StartWait start(Self self, ManagerOptions options) {
  return StartWait(self.process(), start_function(std::move(options), false, {}));
}

Task<MonitoredStart> start_monitor(Self self, Atom name) {
  const Ref monitor = self.make_ref();
  StartWait starting(self.process(), start_function(named(name), false, monitor));
  Started started = co_await starting;
  if (!started) self.demonitor(monitor);
  co_return MonitoredStart{std::move(started), monitor};
}

Task<void> stop(Self self, To manager, Term reason, Duration timeout) {
  return runtime::stop(self, manager, std::move(reason), timeout);
}

Task<Term> delete_handler(Self self, To manager, HandlerId handler, Term args) {
  detail::ManagerRequest request;
  request.what = detail::ManagerRequest::What::remove;
  request.id = std::move(handler);
  request.args = std::move(args);
  return detail::request(self, manager, std::move(request));
}

Task<Term> which_handlers(Self self, To manager) {
  return detail::request(self, manager, detail::ManagerRequest());
}

std::function<Term(const Term&)> each_handler(std::function<Term(const Term&)> change) {
  return [change = std::move(change)](const Term& states) {
    std::vector<Term> changed;
    for (const Term& triple : states.as_list()) {
      try {
        changed.push_back(change(triple));
      } catch (...) {
        changed.push_back(triple);
      }
    }
    return list_of(std::move(changed));
  };
}

namespace detail {

void send_notify(Self self, To manager, MessagePtr event) {
  self.send<Notify>(manager, std::move(event));
}

Task<Term> request(Self self, To manager, ManagerRequest request) {
  auto asking = self.try_call<ManagerRequest>(Duration::infinity(), manager, std::move(request));
  auto answer = co_await asking;
  // OTP: the bare reason.
  if (!answer) self.exit(std::move(answer.failure));
  co_return std::move(answer.value->term);
}

// Here, where it is known how such a request reads as a term.
runtime::RequestId<ManagerRequest> send_request(Self self, To manager, ManagerRequest request) {
  return runtime::send_request<ManagerRequest>(self, manager, std::move(request));
}

Task<void> send_sync_notify(Self self, To manager, MessagePtr event) {
  ManagerRequest asked;
  asked.what = ManagerRequest::What::sync_notify;
  asked.content = std::move(event);
  auto asking = request(self, manager, std::move(asked));
  static_cast<void>(co_await asking);
}

Task<ManagerAnswer> request_call(Self self, To manager, ManagerRequest request, Duration timeout) {
  Term limit(atoms::infinity);
  if (!timeout.is_infinite()) limit = Term(timeout / Duration::milliseconds(1));
  const Term where = list(manager.term(), request.id.term(), content_of(request.content), limit);
  auto asking = self.try_call<ManagerRequest>(timeout, manager, std::move(request));
  auto answer = co_await asking;
  if (!answer) {
    self.exit(
        tuple(std::move(answer.failure), tuple(Term("gen_event"_atom), Term(atoms::call), where)));
  }
  co_return std::move(*answer.value);
}

}  // namespace detail

// -- the process ----------------------------------------------------------------------------------

Behaviour manage(Self self, Atom name, std::vector<Spec> handlers) {
  Manager manager(self);
  self.trap_exit(true);
  if (!manager.take_name(name)) co_return;
  for (const Spec& spec : handlers) {
    const Term added = manager.begin_with(spec);
    if (added == Term(atoms::ok)) continue;
    answer_starter(self, atoms::error, added);
    co_return;
  }
  handlers = {};
  manager.started();
  manager.end();
  while (manager.is_running()) {
    ServerWait next(manager);
    MessagePtr message = co_await next;
    if (!manager.begin(message)) continue;
    auto work = manager.handle(std::move(message));
    co_await work;
    manager.end();
  }
  manager.stop_all();
  manager.finish();
}

Task<void> Manager::handle(MessagePtr message) {
  if (message->is_call() && same_type(message->type, message_type<Request>())) {
    auto work = answer(std::move(message));
    co_await work;
    co_return;
  }
  if (!message->is_call() && same_type(message->type, message_type<Notify>())) {
    auto work = tell_all(*body_of<Notify>(*message).event, Kind::event);
    co_await work;
    co_return;
  }
  // OTP: the end of a supervising process is seen as an info, too.
  if (!message->is_call() && same_type(message->type, message_type<Exit>())) {
    remove_supervised_by(body_of<Exit>(*message));
  }
  // OTP: one who asks in a way that no manager knows has a monitor, and hears of the end.
  if (message->is_call()) {
    const CallFrom& from = static_cast<const CallMessage&>(*message).from;
    self.process().relations().monitored_by.push_back({from.ref, from.pid, Atom()});
  }
  auto work = tell_all(*message, Kind::info);
  co_await work;
}

Task<void> Manager::answer(MessagePtr message) {
  const CallFrom from = static_cast<const CallMessage&>(*message).from;
  self.process().relations().handling = from;
  Request& request = body_of<Request>(*message);
  const Pid supervisor = request.supervised ? from.pid : Pid();
  detail::ManagerAnswer answer{Term(atoms::ok), nullptr};
  switch (request.what) {
    case Request::What::add:
      answer.term = add(request.spec, supervisor, Swapped(), 0);
      break;
    case Request::What::remove: {
      const std::size_t place = find(request.id);
      answer.term = place < handlers_.size()
                        ? remove(place, request.args, Term(atoms::normal))
                        : tuple(Term(atoms::error), Term("module_not_found"_atom));
      break;
    }
    case Request::What::swap:
      answer.term = swap(request, from.pid);
      break;
    case Request::What::which: {
      std::vector<Term> ids;
      for (const Entry& entry : handlers_)
        ids.push_back(entry.id.term());
      answer.term = list_of(std::move(ids));
      break;
    }
    case Request::What::call: {
      auto asking = ask_one(request);
      answer = co_await asking;
      break;
    }
    case Request::What::sync_notify: {
      auto work = tell_all(*request.content, Kind::event);
      co_await work;
      break;
    }
  }
  reply_with(from, make_reply<Request>(from.ref, std::move(answer)));
}

// A handler may go, or be replaced, while it handles; the others keep their places.
Task<void> Manager::tell_all(const Message& message, Kind kind) {
  for (std::size_t place = 0; place < handlers_.size();) {
    Step step;
    failure_.reset();
    try {
      Handler& handler = *handlers_[place].handler;
      step = kind == Kind::event ? handler.event(message) : handler.info(message);
    } catch (...) {
      pass_on_death();
      failure_ = exit_reason_of(std::current_exception());
      crashed(place, message, *failure_);
      continue;
    }
    auto work = run(std::move(step));
    Done done = co_await work;
    if (failure_) {
      crashed(place, message, *failure_);
    } else if (apply(place, done.result)) {
      ++place;
    }
  }
}

Task<Done> Manager::run(Step step) {
  failure_.reset();
  if (step.now) co_return std::move(*step.now);
  auto work = std::move(*step.later);
  try {
    co_return co_await work;
  } catch (...) {
    pass_on_death();
    failure_ = exit_reason_of(std::current_exception());
  }
  co_return Done();
}

Task<detail::ManagerAnswer> Manager::ask_one(const Request& request) {
  const auto error = [](Term why) {
    return detail::ManagerAnswer{tuple(Term(atoms::error), std::move(why)), nullptr};
  };
  const std::size_t place = find(request.id);
  if (place == handlers_.size()) co_return error(Term("bad_module"_atom));
  Step step;
  Done done;
  failure_.reset();
  try {
    step = handlers_[place].handler->call(*request.content);
    CHECK(step.now || step.later);
  } catch (...) {
    pass_on_death();
    failure_ = exit_reason_of(std::current_exception());
  }
  if (!failure_) {
    auto work = run(std::move(step));
    done = co_await work;
  }
  if (failure_) {
    const Term failure = *failure_;
    crashed(place, *request.content, failure);
    co_return error(tuple(Term(atoms::exit_upper), failure));
  }
  apply(place, done.result);
  co_return detail::ManagerAnswer{Term(), std::move(done.reply)};
}

bool Manager::apply(std::size_t place, const Result& result) {
  switch (result.what) {
    case Result::What::ok:
      return true;
    case Result::What::hibernate:
      hibernate();
      return true;
    case Result::What::remove_handler:
      static_cast<void>(remove(place, Term("remove_handler"_atom), Term(atoms::normal)));
      return false;
    case Result::What::swap_handler:
      break;
  }
  const Pid supervisor = handlers_[place].supervisor;
  const Term owner = supervisor.is_null() ? Term(false) : Term(supervisor);
  const Term said =
      remove(place, result.args, tuple(Term("swapped"_atom), result.next.id.term(), owner));
  return add(result.next, supervisor, Swapped{said}, place) == Term(atoms::ok);
}

Term Manager::add(const Spec& spec, Pid supervisor, const Swapped& before, std::size_t place) {
  std::unique_ptr<Handler> handler;
  try {
    handler = spec.make(self, before);
  } catch (const Refuse& refuse) {
    return tuple(Term(atoms::error), refuse.reason);
  } catch (...) {
    pass_on_death();
    return tuple(Term(atoms::exit_upper), exit_reason_of(std::current_exception()));
  }
  const bool linked = !supervisor.is_null() && link_to(supervisor);
  const auto where = handlers_.begin() + static_cast<std::ptrdiff_t>(place);
  handlers_.insert(where, {spec.id, std::move(handler), supervisor, linked});
  return Term(atoms::ok);
}

// False: the two were linked before, as a manager is with its parent, and stay so.
bool Manager::link_to(Pid supervisor) {
  const auto ours = std::find_if(handlers_.begin(), handlers_.end(), [&](const Entry& entry) {
    return entry.supervisor == supervisor;
  });
  if (ours != handlers_.end()) return ours->linked;
  if (self.process().relations().links.contains(supervisor)) return false;
  self.link(supervisor);
  return true;
}

Term Manager::swap(const Request& request, Pid asker) {
  const std::size_t place = find(request.id);
  Pid supervisor = request.supervised ? asker : Pid();
  Swapped before{Term(atoms::error)};
  if (place < handlers_.size()) {
    if (!request.supervised) supervisor = handlers_[place].supervisor;
    const Term owner = supervisor.is_null() ? Term(false) : Term(supervisor);
    before.result =
        remove(place, request.args, tuple(Term("swapped"_atom), request.spec.id.term(), owner));
  }
  Term added = add(request.spec, supervisor, before, 0);
  if (added == Term(atoms::ok)) return added;
  return tuple(Term(atoms::error), std::move(added));
}

std::size_t Manager::find(const HandlerId& id) const {
  const auto found = std::find_if(handlers_.begin(), handlers_.end(),
                                  [&](const Entry& entry) { return entry.id == id; });
  return static_cast<std::size_t>(found - handlers_.begin());
}

Term Manager::remove(std::size_t place, const Term& why, const Term& reason) {
  Entry entry = std::move(handlers_[place]);
  handlers_.erase(handlers_.begin() + static_cast<std::ptrdiff_t>(place));
  Term said;
  try {
    said = entry.handler->terminate(why);
  } catch (...) {
    pass_on_death();
    said = tuple(Term(atoms::exit_upper), exit_reason_of(std::current_exception()));
  }
  if (entry.supervisor.is_null()) return said;
  self.send<HandlerExit>(entry.supervisor, entry.id, reason);
  const bool has_more = std::any_of(handlers_.begin(), handlers_.end(), [&](const Entry& other) {
    return other.supervisor == entry.supervisor;
  });
  if (entry.linked && !has_more) self.unlink(entry.supervisor);
  return said;
}

namespace {

// Of a handler that crashed: it may do so once more.
Term state_of(const Handler& handler) {
  try {
    return handler.state();
  } catch (...) {
    return binary("describe crashed");
  }
}

}  // namespace

// OTP: the error report of gen_event, which names the handler that is gone.
void Manager::report_crash(const Entry& entry, const Message& last, const Term& reason) {
  Logger& logger = self.node().logger();
  if (!logger.allows(LogLevel::error)) return;
  const Status shown = formatted_by_handler(entry, {.state = state_of(*entry.handler),
                                                    .message = last.type->to_term(last),
                                                    .reason = reason,
                                                    .log = {},
                                                    .timeouts = {},
                                                    .postponed = {}});
  logger.log(&self.process(), LogLevel::error,
             map(Term("label"_atom), tuple(Term("gen_event"_atom), Term("terminate"_atom)),
                 Term("handler"_atom), entry.id.term(), Term("name"_atom),
                 name_in_report(self.process()), Term("last_message"_atom), shown.message,
                 Term("state"_atom), shown.state, Term("reason"_atom), shown.reason));
}

Status Manager::formatted_by_handler(const Entry& entry, const Status& plain) {
  return runtime::detail::format_or_say(entry.id.module.text(), plain, [&entry](Status status) {
    return entry.handler->format_status(std::move(status));
  });
}

Status Manager::format_status(Status status) const {
  std::vector<Term> states;
  for (const Entry& entry : handlers_) {
    Status plain = status;
    plain.state = state_of(*entry.handler);
    const Status shown = formatted_by_handler(entry, plain);
    states.push_back(tuple(Term(entry.id.module), entry.id.id, shown.state));
  }
  status.state = list_of(std::move(states));
  return status;
}

void Manager::hibernate() {
  handlers_.shrink_to_fit();
  Server::hibernate();
}

void Manager::crashed(std::size_t place, const Message& last, const Term& failure) {
  const Term reason = tuple(Term(atoms::exit_upper), failure);
  report_crash(handlers_[place], last, reason);
  static_cast<void>(remove(place, tuple(Term(atoms::error), reason), reason));
}

void Manager::remove_supervised_by(const Exit& exit) {
  for (std::size_t place = 0; place < handlers_.size();) {
    if (handlers_[place].supervisor == exit.from) {
      static_cast<void>(
          remove(place, tuple(Term(atoms::stop), exit.reason), Term(atoms::shutdown)));
    } else {
      ++place;
    }
  }
}

void Manager::stop_all() {
  while (!handlers_.empty())
    static_cast<void>(remove(0, Term(atoms::stop), Term(atoms::shutdown)));
}

// {in, {notify, Event}}, {in, {Pid, From, Request}} or {in, Message}.
void Manager::note_in(const Message* message) {
  Term what = message->type->to_term(*message);
  if (message->is_call()) {
    const CallFrom& from = static_cast<const CallMessage&>(*message).from;
    what = tuple(Term(from.pid), tuple(Term(from.pid), Term(from.ref)), std::move(what));
  }
  debug_event(tuple(Term("in"_atom), std::move(what)));
}

// All have changed before the first is replaced.
Term Manager::change_code(const Term& module, const Term& old_version, const Term& extra) {
  std::vector<std::pair<Entry*, std::unique_ptr<Handler>>> changed;
  for (Entry& entry : handlers_) {
    if (Term(entry.id.module) != module) continue;
    changed.emplace_back(&entry, entry.handler->change_code(old_version, extra));
  }
  for (auto& [entry, handler] : changed) {
    if (handler) entry->handler = std::move(handler);
  }
  return Term(atoms::ok);
}

Term Manager::state() const {
  std::vector<Term> states;
  for (const Entry& entry : handlers_) {
    states.push_back(tuple(Term(entry.id.module), entry.id.id, entry.handler->state()));
  }
  return list_of(std::move(states));
}

// OTP: a handler whose state cannot be replaced keeps it, and the others get theirs.
void Manager::replace_state(const Term& wanted) {
  for (const Term& triple : wanted.as_list()) {
    if (!triple.is_tuple() || triple.size() != 3) continue;
    for (Entry& entry : handlers_) {
      const bool is_it =
          triple.element(0) == Term(entry.id.module) && triple.element(1) == entry.id.id;
      if (!is_it || entry.handler->state() == triple.element(2)) continue;
      try {
        entry.handler->replace_state(triple.element(2));
      } catch (...) {
        self.log(Self::Level::warning, "the state of event handler " + to_string(entry.id.term()) +
                                           " cannot be replaced");
      }
    }
  }
}

}  // namespace glasshouse::runtime::gen_event

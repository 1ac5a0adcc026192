#include "runtime/behaviour/gen_statem_core.h"

#include <algorithm>
#include <iterator>

#include "runtime/base/check.h"
#include "runtime/term/convert.h"

namespace glasshouse::runtime::gen_statem {

namespace {

Atom type_atom(EventType type) {
  switch (type) {
    case EventType::call:
      return atoms::call;
    case EventType::cast:
      return atoms::cast;
    case EventType::info:
      return atoms::info;
    case EventType::internal:
      return "internal"_atom;
    case EventType::state_timeout:
      return "state_timeout"_atom;
    case EventType::timeout:
    case EventType::named_timeout:
      return atoms::timeout;
  }
  return Atom();
}

Term key_term(const TimeoutKey& key) {
  if (key.type != EventType::named_timeout) return Term(type_atom(key.type));
  return tuple(Term(atoms::timeout), key.name);
}

Term from_term(const CallFrom& from) {
  return tuple(Term(from.pid), Term(from.ref));
}

Term term_of(const MessagePtr& content) {
  return content ? content->type->to_term(*content) : Term();
}

// OTP counts in milliseconds.
Term time_term(Duration time) {
  if (time.is_infinite()) return Term(atoms::infinity);
  return Term(time / Duration::milliseconds(1));
}

Term timeout_term(const SetTimeout& set) {
  Term key = key_term(set.key);
  switch (set.how) {
    case SetTimeout::How::cancel:
      return tuple(key, Term("cancel"_atom));
    case SetTimeout::How::update:
      return tuple(key, Term("update"_atom), term_of(set.content));
    case SetTimeout::How::at:
      return tuple(key, time_term(set.at.since_origin()), term_of(set.content),
                   list(tuple(Term("abs"_atom), Term(true))));
    case SetTimeout::How::after:
      return tuple(key, time_term(set.time), term_of(set.content));
  }
  return key;
}

Term module_term(const ChangeModule& change) {
  switch (change.how) {
    case ChangeModule::How::change:
      return Term("change_callback_module"_atom);
    case ChangeModule::How::push:
      return Term("push_callback_module"_atom);
    case ChangeModule::How::pop:
      return Term("pop_callback_module"_atom);
  }
  return Term();
}

struct ActionTerm {
  Term operator()(const Postpone&) const { return Term("postpone"_atom); }
  Term operator()(const Hibernate&) const { return Term("hibernate"_atom); }
  Term operator()(const NextEvent& next) const {
    return tuple(Term("next_event"_atom), type_term(next.event), content_term(next.event));
  }
  Term operator()(const SendReply& reply) const {
    return tuple(Term(atoms::reply), from_term(reply.to), term_of(reply.reply));
  }
  Term operator()(const SetTimeout& set) const { return timeout_term(set); }
  Term operator()(const ChangeModule& change) const { return module_term(change); }
};

// Of several actions about one time-out the last counts.
std::vector<SetTimeout> last_of_each(std::vector<SetTimeout> sets) {
  for (std::size_t place = sets.size(); place-- > 0;) {
    const TimeoutKey key = sets[place].key;
    const auto end = sets.begin() + static_cast<std::ptrdiff_t>(place);
    const auto kept =
        std::remove_if(sets.begin(), end, [&](const SetTimeout& set) { return set.key == key; });
    place -= static_cast<std::size_t>(end - kept);
    sets.erase(kept, end);
  }
  return sets;
}

}  // namespace

Term type_term(const AnyEvent& event) {
  if (event.type == EventType::call) return tuple(Term(atoms::call), from_term(event.from));
  return key_term({event.type, event.name});
}

Term content_term(const AnyEvent& event) {
  return term_of(event.content);
}

Term action_term(const Action& action) {
  return std::visit(ActionTerm(), action);
}

Term started_term(const SetTimeout& set) {
  const bool is_absolute = set.how == SetTimeout::How::at;
  return tuple(key_term(set.key), time_term(is_absolute ? set.at.since_origin() : set.time),
               term_of(set.content),
               is_absolute ? list(tuple(Term("abs"_atom), Term(true))) : nil());
}

std::string_view verb_name(Verb verb) {
  switch (verb) {
    case Verb::next_state:
      return "next_state";
    case Verb::keep_state:
      return "keep_state";
    case Verb::repeat_state:
      return "repeat_state";
    case Verb::stop:
      return "stop";
    case Verb::ignore:
      return "ignore";
  }
  return "";
}

// OTP: "a zero time-out ... is processed before any not yet received external event, but after
// already queued events".
AnyEvent Core::next() {
  CHECK(has_next());
  if (!queue_.empty()) {
    AnyEvent event = std::move(queue_.front());
    queue_.pop_front();
    return event;
  }
  return *timed_out(zero_.front());
}

std::optional<AnyEvent> Core::timed_out(std::uint64_t number) {
  const auto found = std::find_if(timeouts_.begin(), timeouts_.end(),
                                  [&](const Timeout& set) { return set.number == number; });
  if (found == timeouts_.end()) return std::nullopt;
  return take_timeout(found);
}

AnyEvent Core::take_timeout(std::vector<Timeout>::iterator timeout) {
  AnyEvent event{.type = timeout->key.type,
                 .name = std::move(timeout->key.name),
                 .from = {},
                 .content = std::move(timeout->content)};
  std::erase(zero_, timeout->number);
  timeouts_.erase(timeout);
  return event;
}

void Core::begin(AnyEvent event) {
  current_ = std::move(event);
  postpone_ = false;
  hibernate_ = false;
  // OTP: "any event cancels an event time-out".
  cancel({.type = EventType::timeout, .name = {}});
}

std::optional<Term> Core::take(Actions actions) {
  for (Action& action : actions) {
    if (auto bad = take_one(action, false)) {
      return tuple(Term("bad_action_from_state_function"_atom), *bad);
    }
  }
  return std::nullopt;
}

std::optional<Term> Core::take_enter(Actions actions) {
  for (Action& action : actions) {
    if (auto bad = take_one(action, true)) {
      return tuple(Term("bad_state_enter_action_from_state_function"_atom), *bad);
    }
  }
  return std::nullopt;
}

std::optional<Term> Core::take_one(Action& action, bool entering) {
  if (const auto* postpone = std::get_if<Postpone>(&action)) {
    if (entering) return action_term(action);
    postpone_ = postpone->on;
  } else if (const auto* hibernate = std::get_if<Hibernate>(&action)) {
    hibernate_ = hibernate->on;
  } else if (auto* next = std::get_if<NextEvent>(&action)) {
    if (entering) return action_term(action);
    inserted_.push_back(std::move(next->event));
    world_.has_inserted(inserted_.back());
  } else if (auto* reply = std::get_if<SendReply>(&action)) {
    world_.send_reply(reply->to, std::move(reply->reply));
  } else if (auto* set = std::get_if<SetTimeout>(&action)) {
    const bool is_relative = set->how == SetTimeout::How::after;
    if (is_relative && set->time < Duration::zero()) return action_term(action);
    to_set_.push_back(std::move(*set));
  } else if (entering || !world_.change_module(std::get<ChangeModule>(action))) {
    return action_term(action);
  }
  return std::nullopt;
}

void Core::settle(bool state_changed) {
  if (postpone_) postponed_.push_back(std::move(current_));
  current_ = {};
  if (state_changed) {
    // The oldest postponed event comes first, and all of them before what is newer.
    queue_.insert(queue_.begin(), std::make_move_iterator(postponed_.begin()),
                  std::make_move_iterator(postponed_.end()));
    postponed_.clear();
    cancel({.type = EventType::state_timeout, .name = {}});
  }
  queue_.insert(queue_.begin(), std::make_move_iterator(inserted_.begin()),
                std::make_move_iterator(inserted_.end()));
  inserted_.clear();
  auto sets = last_of_each(std::exchange(to_set_, {}));
  // OTP goes through them from the last to the first, which nobody but sys can tell.
  std::for_each(sets.rbegin(), sets.rend(),
                [this](const SetTimeout& set) { world_.sets_timeout(set); });
  for (SetTimeout& set : sets)
    apply(set);
  // What is queued will cancel it, so it is not set at all.
  if (!queue_.empty()) cancel({.type = EventType::timeout, .name = {}});
}

void Core::apply(SetTimeout& set) {
  switch (set.how) {
    case SetTimeout::How::cancel:
      cancel(set.key);
      break;
    case SetTimeout::How::update:
      update(set);
      break;
    case SetTimeout::How::at:
      set.time = std::max(set.at - world_.now(), Duration::zero());
      if (set.at.is_max()) set.time = Duration::infinity();
      start(set);
      break;
    case SetTimeout::How::after:
      if (set.time > Duration::zero()) {
        start(set);
      } else {
        add_zero(set);
      }
      break;
  }
}

void Core::start(SetTimeout& set) {
  cancel(set.key);
  if (set.time.is_infinite()) return;
  const std::uint64_t number = ++last_number_;
  timeouts_.push_back(
      {std::move(set.key), std::move(set.content), number, world_.start_timer(set.time, number)});
}

void Core::add_zero(SetTimeout& set) {
  cancel(set.key);
  const std::uint64_t number = ++last_number_;
  zero_.push_back(number);
  timeouts_.push_back({std::move(set.key), std::move(set.content), number, {}});
}

// OTP: "update ... If no time-out is running, the time-out event is inserted as a zero time-out".
void Core::update(SetTimeout& set) {
  const auto running = find(set.key);
  if (running == timeouts_.end()) {
    add_zero(set);
  } else {
    running->content = std::move(set.content);
  }
}

void Core::cancel(const TimeoutKey& key) {
  const auto found = find(key);
  if (found == timeouts_.end()) return;
  if (found->timer) world_.cancel_timer(found->timer);
  std::erase(zero_, found->number);
  timeouts_.erase(found);
}

std::vector<Core::Timeout>::iterator Core::find(const TimeoutKey& key) {
  return std::find_if(timeouts_.begin(), timeouts_.end(),
                      [&](const Timeout& set) { return set.key == key; });
}

void Core::shrink() {
  queue_.shrink_to_fit();
  zero_.shrink_to_fit();
  postponed_.shrink_to_fit();
  timeouts_.shrink_to_fit();
  inserted_.shrink_to_fit();
  to_set_.shrink_to_fit();
}

std::vector<Term> Core::postponed() const {
  std::vector<Term> terms;
  for (const AnyEvent& event : postponed_)
    terms.push_back(tuple(type_term(event), content_term(event)));
  return terms;
}

std::vector<Term> Core::timeouts() const {
  std::vector<Term> terms;
  for (const Timeout& set : timeouts_)
    terms.push_back(tuple(key_term(set.key), term_of(set.content)));
  return terms;
}

void Core::cancel_all() {
  for (const Timeout& set : timeouts_) {
    if (set.timer) world_.cancel_timer(set.timer);
  }
  timeouts_.clear();
  zero_.clear();
}

}  // namespace glasshouse::runtime::gen_statem

// at, after, every, when, now: when something happens.

#include <algorithm>

#include <lauxlib.h>
#include <lua.h>

#include "scenarios/language/words.h"

namespace glasshouse::scenarios {

namespace {

constexpr Duration period_least = Duration::microseconds(10);
constexpr Duration look_period = Duration::milliseconds(10);

}  // namespace

Times::Times(Context& context) : context_(context) {
  lua_State* state = context_.sandbox.state();
  add_word(state, "at", &call_word<Times, &Times::at>, this);
  add_word(state, "after", &call_word<Times, &Times::after>, this);
  add_word(state, "every", &call_word<Times, &Times::every>, this);
  add_word(state, "when", &call_word<Times, &Times::when>, this);
  add_word(state, "now", &call_word<Times, &Times::now>, this);
  struct Unit {
    const char* name;
    Duration duration;
  };
  for (const Unit unit : {Unit{"us", Duration::microseconds(1)},
                          {"ms", Duration::milliseconds(1)},
                          {"s", Duration::seconds(1)},
                          {"min", Duration::minutes(1)}}) {
    push_duration(state, unit.duration);
    lua_setglobal(state, unit.name);
  }
}

void Times::schedule(Instant time, const Callback& callback) {
  const auto act = [this, time, callback](Stage& stage) {
    stage.at(time, [this, callback] { context_.call(callback, 0); });
  };
  if (context_.stage != nullptr) {
    act(*context_.stage);
  } else {
    context_.opening.emplace_back(act);
  }
}

int Times::at(lua_State* state) {
  const Arguments arguments(state, "at");
  arguments.expect(2, 250, "at(\"2s\", function, arguments...)");
  const Instant time = Instant::at(arguments.duration(1, "the time since the run began"));
  arguments.function(2, "what happens then");
  if (context_.stage != nullptr && time < context_.stage->now()) {
    fail(state, "at: it is already later than " + duration_text(time.since_origin()) +
                    "; use after(\"1s\", ...) for a time "
                    "that counts from now");
  }
  schedule(time, context_.keep_callback(state, 2));
  return 0;
}

int Times::after(lua_State* state) {
  const Arguments arguments(state, "after");
  arguments.expect(2, 250, "after(\"200ms\", function, arguments...)");
  const Duration delay = arguments.duration(1, "the delay");
  arguments.function(2, "what happens then");
  const Instant from = context_.stage != nullptr ? context_.stage->now() : Instant::origin();
  schedule(from + delay, context_.keep_callback(state, 2));
  return 0;
}

int Times::every(lua_State* state) {
  const Arguments arguments(state, "every");
  context_.require_declaring(state, "every");
  arguments.expect(2, 250, "every(\"500ms\", { from = ..., to = ... }, function, arguments...)");
  Repeated repeated;
  repeated.period = arguments.duration(1, "the period");
  if (repeated.period < period_least) fail(state, "every: a period is at least 10us");
  Instant from = Instant::origin() + repeated.period;
  int function = 2;
  if (lua_istable(state, 2)) {
    Fields fields(state, 2, "every");
    if (const auto first = fields.duration("from")) from = Instant::at(*first);
    if (const auto last = fields.duration("to")) repeated.until = Instant::at(*last);
    fields.done();
    function = 3;
  }
  arguments.function(function, "what happens then");
  repeated.callback = context_.keep_callback(state, function);
  repeated_.push_back(repeated);
  const std::size_t number = repeated_.size() - 1;
  context_.opening.emplace_back([this, number, from](Stage&) { repeat(number, from); });
  return 0;
}

void Times::repeat(std::size_t number, Instant time) {
  if (time > repeated_[number].until) return;
  context_.stage->at(time, [this, number, time] {
    if (!context_.call(repeated_[number].callback, 0)) return;
    repeat(number, time + repeated_[number].period);
  });
}

int Times::when(lua_State* state) {
  const Arguments arguments(state, "when");
  context_.require_declaring(state, "when");
  arguments.expect(2, 250, "when(condition, { every = ..., again = ... }, function, arguments...)");
  Condition condition;
  condition.period = look_period;
  if (lua_type(state, 1) == LUA_TSTRING) {
    condition.probe = plain_text(state, 1);
  } else if (lua_isfunction(state, 1)) {
    lua_pushvalue(state, 1);
    condition.predicate = context_.keep_callback(state, lua_gettop(state));
    lua_pop(state, 1);
  } else {
    arguments.wrong(1, "the condition", "the name of a probe or a function");
  }
  int function = 2;
  if (lua_istable(state, 2)) {
    Fields fields(state, 2, "when");
    condition.period = fields.duration("every").value_or(condition.period);
    condition.again = fields.flag("again").value_or(false);
    fields.done();
    function = 3;
  }
  if (condition.period < period_least) fail(state, "when: a period is at least 10us");
  arguments.function(function, "what happens then");
  condition.callback = context_.keep_callback(state, function);
  conditions_.push_back(std::move(condition));
  return 0;
}

void Times::begin(Stage&) {
  for (std::size_t i = 0; i < conditions_.size(); ++i) {
    if (conditions_[i].probe.empty()) look(i, Instant::origin() + conditions_[i].period);
  }
}

bool Times::is_true(const Callback& predicate) {
  if (!context_.call(predicate, 1)) return false;
  lua_State* state = context_.sandbox.state();
  const bool result = lua_toboolean(state, -1) != 0;
  lua_pop(state, 1);
  return result;
}

void Times::look(std::size_t number, Instant time) {
  context_.stage->at(time, [this, number, time] {
    if (context_.failed) return;
    const bool is_now = is_true(conditions_[number].predicate);
    const bool was = std::exchange(conditions_[number].was_true, is_now);
    if (is_now && !was) {
      context_.call(conditions_[number].callback, 0);
      if (!conditions_[number].again) return;
    }
    look(number, time + conditions_[number].period);
  });
}

bool Times::waits_for_probe(std::string_view name) const {
  return std::any_of(conditions_.begin(), conditions_.end(), [&](const Condition& condition) {
    return condition.probe == name && (condition.again || !condition.was_true);
  });
}

void Times::probed(std::string_view name, std::int64_t value) {
  for (std::size_t i = 0; i < conditions_.size(); ++i) {
    Condition& condition = conditions_[i];
    if (condition.probe != name || (condition.was_true && !condition.again)) continue;
    condition.was_true = true;
    context_.call(condition.callback, 0, value);
  }
}

int Times::now(lua_State* state) {
  push_duration(state, context_.require_running(state, "now").now().since_origin());
  return 1;
}

}  // namespace glasshouse::scenarios

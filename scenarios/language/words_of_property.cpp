// always, eventually, sometimes: what must be true.

#include <lauxlib.h>
#include <lua.h>

#include "scenarios/language/words.h"

namespace glasshouse::scenarios {

namespace {

constexpr Duration period_least = Duration::microseconds(10);
constexpr Duration period_default = Duration::milliseconds(100);

}  // namespace

std::string_view property_kind_name(PropertyKind kind) {
  switch (kind) {
    case PropertyKind::always:
      return "always";
    case PropertyKind::eventually:
      return "eventually";
    case PropertyKind::sometimes:
      return "sometimes";
  }
  return "";
}

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::running:
      return "running";
    case Verdict::held:
      return "held";
    case Verdict::violated:
      return "violated";
    case Verdict::never:
      return "never";
  }
  return "";
}

Properties::Properties(Context& context) : context_(context) {
  lua_State* state = context_.sandbox.state();
  add_word(state, "always", &call_word<Properties, &Properties::always>, this);
  add_word(state, "eventually", &call_word<Properties, &Properties::eventually>, this);
  add_word(state, "sometimes", &call_word<Properties, &Properties::sometimes>, this);
}

int Properties::declare(lua_State* state, PropertyKind kind) {
  const std::string word(property_kind_name(kind));
  const Arguments arguments(state, word);
  context_.require_declaring(state, word);
  arguments.expect(2, 250, word + "(\"what is true\", { every = ... }, function, arguments...)");
  PropertyState property;
  property.name = arguments.text(1, "the property in words");
  property.kind = kind;
  for (const PropertyState& other : states_) {
    if (other.name == property.name) {
      fail(state, word + ": there is already a property \"" + property.name + "\"");
    }
  }
  Rule rule;
  rule.period = period_default;
  int function = 2;
  if (lua_istable(state, 2)) {
    Fields fields(state, 2, word);
    rule.period = fields.duration("every").value_or(rule.period);
    if (const auto from = fields.duration("from")) rule.from = Instant::at(*from);
    if (kind == PropertyKind::eventually) {
      if (const auto within = fields.duration("within")) rule.until = rule.from + *within;
    }
    fields.done();
    function = 3;
  }
  if (rule.period < period_least) fail(state, word + ": a period is at least 10us");
  arguments.function(function, "the test");
  rule.callback = context_.keep_callback(state, function);
  rules_.push_back(rule);
  states_.push_back(std::move(property));
  return 0;
}

void Properties::begin(Stage&) {
  for (std::size_t i = 0; i < rules_.size(); ++i)
    look_again(i, rules_[i].from + rules_[i].period);
}

void Properties::look_again(std::size_t number, Instant time) {
  context_.stage->at(time, [this, number, time] {
    look(number);
    if (states_[number].verdict != Verdict::running) return;
    const Rule& rule = rules_[number];
    const Instant next = time + rule.period;
    const bool last_look = time < rule.until && next > rule.until;
    look_again(number, last_look ? rule.until : next);
  });
}

Properties::Looked Properties::ask(const Rule& rule, const std::string& name) {
  lua_State* state = context_.sandbox.state();
  if (!context_.call(rule.callback, 2)) return {.failed = true, .holds = false, .why = {}};
  Looked looked;
  looked.holds = lua_toboolean(state, -2) != 0;
  const bool is_answer = lua_isboolean(state, -2);
  const std::string given = described(state, -2);
  if (!lua_isnil(state, -1)) looked.why = plain_text(state, -1);
  lua_pop(state, 2);
  if (!is_answer) {
    looked.failed = true;
    context_.give_up(runtime::Error(context_.source.file + ": the test of \"" + name +
                                    "\" answers true or false, and why; it answered " + given));
  }
  return looked;
}

void Properties::look(std::size_t number) {
  const Rule& rule = rules_[number];
  PropertyState& state = states_[number];
  const Looked looked = ask(rule, state.name);
  if (looked.failed) return;
  if (state.kind == PropertyKind::always) {
    if (!looked.holds) judge(number, Verdict::violated, looked.why);
    return;
  }
  state.why = looked.why;
  if (looked.holds) {
    judge(number, Verdict::held, {});
  } else if (context_.stage->now() >= rule.until) {
    const std::string late = "it was not so by " + duration_text(rule.until.since_origin());
    judge(number, Verdict::violated, looked.why.empty() ? late : late + ": " + looked.why);
  }
}

void Properties::judge(std::size_t number, Verdict verdict, std::string why) {
  PropertyState& state = states_[number];
  state.verdict = verdict;
  state.when = context_.stage->now();
  state.why = std::move(why);
  if (verdict == Verdict::violated) violated_ = true;
  if (verdict != Verdict::never) {
    context_.stage->judge(state.name, verdict == Verdict::held, state.why);
  }
}

void Properties::finish(bool complete) {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (states_[i].verdict != Verdict::running) continue;
    // A look at a moment before the property begins to count says nothing.
    if (context_.stage->now() >= rules_[i].from) look(i);
    if (states_[i].verdict != Verdict::running) continue;
    if (context_.failed) {
      judge(i, Verdict::never, {});
      continue;
    }
    const bool due = states_[i].kind == PropertyKind::eventually && complete && !violated_;
    if (states_[i].kind == PropertyKind::always) {
      judge(i, Verdict::held, {});
    } else if (due) {
      judge(i, Verdict::violated,
            states_[i].why.empty() ? "it was never so in the whole run" : states_[i].why);
    } else {
      judge(i, Verdict::never, states_[i].why);
    }
  }
}

}  // namespace glasshouse::scenarios

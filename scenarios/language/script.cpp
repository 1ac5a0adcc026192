#include "scenarios/language/script.h"

#include <algorithm>

#include <lauxlib.h>
#include <lua.h>

#include "scenarios/language/words.h"

namespace glasshouse::scenarios {

namespace {

// Every global name of the language, for a word that is none of them.
std::vector<std::string> global_names(lua_State* state) {
  std::vector<std::string> names;
  lua_pushglobaltable(state);
  for (lua_pushnil(state); lua_next(state, -2) != 0; lua_pop(state, 1)) {
    if (lua_type(state, -2) == LUA_TSTRING) names.push_back(plain_text(state, -2));
  }
  lua_pop(state, 1);
  std::sort(names.begin(), names.end());
  return names;
}

int unknown_global(lua_State* state) {
  const std::string name = plain_text(state, 2);
  fail(state, "nothing is called " + name + did_you_mean(name, global_names(state)));
}

int unknown_field(lua_State* state) {
  std::vector<std::string> known;
  for (lua_pushnil(state); lua_next(state, 1) != 0; lua_pop(state, 1)) {
    known.push_back(plain_text(state, -2));
  }
  std::sort(known.begin(), known.end());
  const std::string table = plain_text(state, lua_upvalueindex(1));
  const std::string name = plain_text(state, 2);
  fail(state, "nothing is called " + table + "." + name + did_you_mean(name, known) +
                  "; known are " + listed(known));
}

void refuse_unknown_names(lua_State* state, const Applications& known) {
  lua_pushglobaltable(state);
  lua_newtable(state);
  lua_pushcfunction(state, &unknown_global);
  lua_setfield(state, -2, "__index");
  lua_setmetatable(state, -2);
  lua_pop(state, 1);
  std::vector<std::string> tables{"fault", "string", "table", "math"};
  for (const Application* application : known.all()) {
    if (!application->questions.empty()) tables.push_back(application->family);
  }
  for (const std::string& table : tables) {
    lua_getglobal(state, table.c_str());
    lua_newtable(state);
    lua_pushstring(state, table.c_str());
    lua_pushcclosure(state, &unknown_field, 1);
    lua_setfield(state, -2, "__index");
    lua_setmetatable(state, -2);
    lua_pop(state, 1);
  }
}

}  // namespace

struct Script::Parts {
  Parts(ScriptSource source, const Applications& known)
      : context(std::move(source), known),
        declarations(context),
        times(context),
        chances(context),
        faults(context),
        observations(context),
        properties(context) {
    refuse_unknown_names(context.sandbox.state(), known);
  }

  Context context;
  Declarations declarations;
  Times times;
  Chances chances;
  Faults faults;
  Observations observations;
  Properties properties;
};

Script::Script(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Script::~Script() = default;

Result<std::unique_ptr<Script>> Script::load(ScriptSource source, const Applications& known) {
  auto parts = std::make_unique<Parts>(std::move(source), known);
  const std::string text = parts->context.source.text;
  auto ran = parts->context.sandbox.run(text);
  if (!ran) {
    // A value that --set gave is not the fault of the script.
    const bool is_usage = ran.error().what.find(": --set ") != std::string::npos;
    return runtime::Error(ran.error().what, is_usage ? "usage" : "");
  }
  auto checked = parts->declarations.check();
  if (!checked) return checked.error();
  return std::unique_ptr<Script>(new Script(std::move(parts)));
}

const Plan& Script::plan() const {
  return parts_->context.plan;
}
const ScriptSource& Script::source() const {
  return parts_->context.source;
}

void Script::begin(Stage& stage) {
  CHECK(parts_->context.stage == nullptr);
  parts_->context.stage = &stage;
  for (const auto& act : parts_->context.opening)
    act(stage);
  parts_->times.begin(stage);
  parts_->properties.begin(stage);
}

void Script::probed(std::string_view name, std::int64_t value) {
  parts_->times.probed(name, value);
}
bool Script::waits_for_probe(std::string_view name) const {
  return parts_->times.waits_for_probe(name);
}
void Script::finish(bool complete) {
  parts_->properties.finish(complete);
}
const std::vector<PropertyState>& Script::properties() const {
  return parts_->properties.states();
}
bool Script::is_violated() const {
  return parts_->properties.is_violated();
}

}  // namespace glasshouse::scenarios

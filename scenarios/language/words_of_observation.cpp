// is_up, processes, seen, probe, say, and the questions that applications answer.

#include <lauxlib.h>
#include <lua.h>

#include "runtime/observe/event.h"
#include "scenarios/language/words.h"

namespace glasshouse::scenarios {

Observations::Observations(Context& context) : context_(context) {
  lua_State* state = context_.sandbox.state();
  add_word(state, "is_up", &call_word<Observations, &Observations::is_up>, this);
  add_word(state, "processes", &call_word<Observations, &Observations::processes>, this);
  add_word(state, "seen", &call_word<Observations, &Observations::seen>, this);
  add_word(state, "probe", &call_word<Observations, &Observations::probe>, this);
  add_word(state, "say", &call_word<Observations, &Observations::say>, this);
  add_questions(state);
}

void Observations::add_questions(lua_State* state) {
  for (const Application* application : context_.applications.all()) {
    for (const Question& question : application->questions) {
      const std::string& family = application->family;
      asked_.push_back(
          std::make_unique<Asked>(Asked{&context_, family + "." + question.name, &question}));
      add_word_to(state, family.c_str(), question.name.c_str(), &ask, asked_.back().get());
    }
  }
}

int Observations::ask(lua_State* state) {
  const auto& asked = *static_cast<Asked*>(words_of(state));
  Stage& stage = asked.context->require_running(state, asked.word);
  Arguments(state, asked.word).expect(0, 1, asked.word + " { name = value }");
  Fields fields(state, lua_gettop(state), asked.word);
  const Options options = fields.options(asked.question->options);
  fields.done();
  const Answer answer = asked.question->ask(stage.shared(), options);
  push_value(state, answer.value);
  if (answer.why.empty()) return 1;
  lua_pushlstring(state, answer.why.data(), answer.why.size());
  return 2;
}

const NodePlan& Observations::node_at(lua_State* state, int index, const std::string& word) const {
  const auto& nodes = context_.plan.nodes;
  if (const auto handle = to_handle(state, index); handle && handle->thing == Thing::node) {
    return nodes[handle->number];
  }
  std::vector<std::string> known;
  for (const NodePlan& node : nodes) {
    if (lua_type(state, index) == LUA_TSTRING && node.name == plain_text(state, index)) return node;
    known.push_back(node.name);
  }
  const std::string wrong =
      lua_type(state, index) == LUA_TSTRING ? did_you_mean(plain_text(state, index), known) : "";
  fail(state, word + " is asked about a node, not " + described(state, index) + wrong +
                  "; there are " + listed(known));
}

int Observations::is_up(lua_State* state) {
  const Stage& stage = context_.require_running(state, "is_up");
  Arguments(state, "is_up").expect(1, 1, "is_up(node)");
  lua_pushboolean(state, stage.is_up(node_at(state, 1, "is_up")));
  return 1;
}

int Observations::processes(lua_State* state) {
  const Arguments arguments(state, "processes");
  const Stage& stage = context_.require_running(state, "processes");
  arguments.expect(1, 2, "processes(node) or processes(node, \"kv_shard\")");
  const std::string like = lua_gettop(state) == 2 ? arguments.text(2, "the name") : std::string();
  lua_pushinteger(state, stage.processes(node_at(state, 1, "processes"), like));
  return 1;
}

int Observations::seen(lua_State* state) {
  const Arguments arguments(state, "seen");
  const Stage& stage = context_.require_running(state, "seen");
  arguments.expect(1, 2, "seen \"restart\" or seen(\"restart\", \"give_up\")");
  const std::string kind = arguments.text(1, "the kind of event");
  std::vector<std::string> known;
  for (int i = 0; i < runtime::event_kind_count; ++i) {
    known.emplace_back(runtime::event_kind_name(static_cast<runtime::EventKind>(i)));
    if (known.back() != kind) continue;
    const std::string name = lua_gettop(state) == 2 ? arguments.text(2, "the name") : std::string();
    lua_pushinteger(state, stage.seen(kind, name));
    return 1;
  }
  fail(state, "seen: there is no kind of event \"" + kind + "\"" + did_you_mean(kind, known) +
                  "; known are " + listed(known));
}

int Observations::probe(lua_State* state) {
  const Arguments arguments(state, "probe");
  const Stage& stage = context_.require_running(state, "probe");
  arguments.expect(1, 1, "probe \"its.name\"");
  lua_pushinteger(state, stage.probe(arguments.text(1, "the name of the probe")));
  return 1;
}

int Observations::say(lua_State* state) {
  std::string text;
  for (int i = 1; i <= lua_gettop(state); ++i) {
    if (i > 1) text += ' ';
    text += plain_text(state, i);
  }
  if (context_.stage != nullptr) context_.stage->say(text);
  return 0;
}

}  // namespace glasshouse::scenarios

// scenario, parameter, host, node, workload, network, run_for: what there is before anything runs.

#include <algorithm>

#include <lauxlib.h>
#include <lua.h>

#include "scenarios/language/words.h"

namespace glasshouse::scenarios {

using runtime::Error;

namespace {

constexpr std::size_t name_size_max = 40;
constexpr std::size_t hosts_max = 1'000;
constexpr std::size_t nodes_max = 1'000;
constexpr std::int64_t workload_count_max = 500;

template <class Things>
std::vector<std::string> names_of(const Things& things) {
  std::vector<std::string> names;
  for (const auto& thing : things)
    names.push_back(thing.name);
  return names;
}

template <class Things>
bool has_name(const Things& things, const std::string& name) {
  return std::any_of(things.begin(), things.end(),
                     [&](const auto& thing) { return thing.name == name; });
}

}  // namespace

Declarations::Declarations(Context& context) : context_(context) {
  lua_State* state = context_.sandbox.state();
  const auto add = [&](const char* word, int (*function)(lua_State*)) {
    add_word(state, word, function, this);
  };
  add("scenario", &call_word<Declarations, &Declarations::scenario>);
  add("parameter", &call_word<Declarations, &Declarations::parameter>);
  add("host", &call_word<Declarations, &Declarations::host>);
  add("node", &call_word<Declarations, &Declarations::node>);
  add("workload", &call_word<Declarations, &Declarations::workload>);
  add("network", &call_word<Declarations, &Declarations::network>);
  add("run_for", &call_word<Declarations, &Declarations::run_for>);
}

int Declarations::scenario(lua_State* state) {
  const Arguments arguments(state, "scenario");
  context_.require_declaring(state, "scenario");
  arguments.expect(1, 1, "scenario \"its name\"");
  if (!context_.plan.name.empty()) fail(state, "scenario: this file has a name already");
  context_.plan.name = arguments.text(1, "the name");
  if (context_.plan.name.empty()) fail(state, "scenario: the name is empty");
  return 0;
}

int Declarations::parameter(lua_State* state) {
  const Arguments arguments(state, "parameter");
  context_.require_declaring(state, "parameter");
  arguments.expect(2, 3, "parameter(name, default, \"what it is\")");
  ParameterPlan parameter;
  parameter.name = arguments.text(1, "the name");
  check_name(state, "parameter", parameter.name);
  if (has_name(context_.plan.parameters, parameter.name)) {
    fail(state, "parameter: there is already one called \"" + parameter.name + "\"");
  }
  if (lua_isboolean(state, 2)) {
    parameter.by_default = lua_toboolean(state, 2) != 0;
  } else if (lua_type(state, 2) == LUA_TNUMBER) {
    parameter.by_default = arguments.number(2, "the default");
  } else if (lua_type(state, 2) == LUA_TSTRING) {
    const std::string text = plain_text(state, 2);
    const auto duration = parse_duration(text);
    parameter.by_default = duration ? Value(*duration) : Value(text);
  } else if (const auto duration = to_duration(state, 2, "parameter")) {
    parameter.by_default = *duration;
  } else {
    arguments.wrong(2, "the default", "a number, a text, a duration, true or false");
  }
  if (lua_gettop(state) == 3) parameter.doc = arguments.text(3, "the explanation");
  parameter.value = parameter.by_default;
  for (const auto& [name, text] : context_.source.set) {
    if (name != parameter.name) continue;
    auto value = parse_value(text, parameter.by_default);
    if (!value) fail(state, "--set " + name + "=" + text + ": " + value.error().what);
    parameter.value = *value;
  }
  push_value(state, parameter.value);
  context_.plan.parameters.push_back(std::move(parameter));
  return 1;
}

void Declarations::check_name(lua_State* state, const std::string& word,
                              const std::string& name) const {
  const bool is_good =
      !name.empty() && name.size() <= name_size_max &&
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos &&
      name.find_first_of("0123456789_") != 0;
  if (is_good) return;
  fail(state, word +
                  ": a name is made of a to z, 0 to 9 and _, begins with a letter and has at "
                  "most 40 characters; \"" +
                  name + "\" does not");
}

std::uint32_t Declarations::host_number(lua_State* state, const std::string& name) {
  auto& hosts = context_.plan.hosts;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    if (hosts[i].name == name) return static_cast<std::uint32_t>(i);
  }
  check_name(state, "host", name);
  if (hosts.size() == hosts_max) fail(state, "host: a scenario has at most 1000 hosts");
  hosts.push_back({.name = name});
  return static_cast<std::uint32_t>(hosts.size() - 1);
}

int Declarations::host(lua_State* state) {
  const Arguments arguments(state, "host");
  context_.require_declaring(state, "host");
  arguments.expect(1, 1, "host \"its_name\"");
  const std::string name = arguments.text(1, "the name");
  push_handle(state, {.thing = Thing::host, .number = host_number(state, name)}, name);
  return 1;
}

NodePlan Declarations::read_node(lua_State* state, Fields& fields, const std::string& word) {
  NodePlan node;
  const auto start = fields.text("start");
  if (!start) fields.missing("start", "the application to run on it, such as \"kv\"");
  node.application = context_.applications.find(*start);
  if (node.application == nullptr) {
    std::vector<std::string> known;
    for (const Application* application : context_.applications.all()) {
      known.push_back(application->name);
    }
    fail(state, word + ": there is no application \"" + *start + "\"" +
                    did_you_mean(*start, known) + "; known are " + listed(known));
  }
  node.options = fields.options(node.application->options);
  fields.done();
  return node;
}

void Declarations::push_node(lua_State* state, NodePlan node) {
  auto& nodes = context_.plan.nodes;
  if (nodes.size() == nodes_max) fail(state, "node: a scenario has at most 1000 nodes");
  const auto number = static_cast<std::uint32_t>(nodes.size());
  push_handle(state, {.thing = Thing::node, .number = number}, node.name);
  nodes.push_back(std::move(node));
}

int Declarations::node(lua_State* state) {
  context_.require_declaring(state, "node");
  Arguments(state, "node").expect(1, 1, "node { name = ..., host = ..., start = ... }");
  Fields fields(state, 1, "node");
  const auto name = fields.text("name");
  if (!name) fields.missing("name", "what it is called, such as \"store\"");
  check_name(state, "node", *name);
  if (has_name(context_.plan.nodes, *name)) {
    fail(state, "node: there is already one called \"" + *name + "\"");
  }
  const std::string host = fields.text("host").value_or(*name);
  NodePlan node = read_node(state, fields, "node");
  node.name = *name;
  node.host = host_number(state, host);
  push_node(state, std::move(node));
  return 1;
}

// Several nodes that do the same, each on a host of its own: the clients.
int Declarations::workload(lua_State* state) {
  context_.require_declaring(state, "workload");
  Arguments(state, "workload").expect(1, 1, "workload { name = ..., start = ..., count = ... }");
  Fields fields(state, 1, "workload");
  const auto name = fields.text("name");
  if (!name) fields.missing("name", "what its hosts and nodes are called, such as \"client\"");
  const std::int64_t count = fields.number("count").value_or(1);
  if (count < 1 || count > workload_count_max) {
    fail(state, "workload: count is a whole number from 1 to 500, not " + std::to_string(count));
  }
  const NodePlan like = read_node(state, fields, "workload");
  lua_createtable(state, static_cast<int>(count), 0);
  for (std::int64_t i = 1; i <= count; ++i) {
    NodePlan node = like;
    node.name = *name + "_" + std::to_string(i);
    check_name(state, "workload", node.name);
    if (has_name(context_.plan.nodes, node.name)) {
      fail(state, "workload: there is already a node called \"" + node.name + "\"");
    }
    node.host = host_number(state, node.name);
    push_node(state, std::move(node));
    lua_rawseti(state, -2, i);
  }
  return 1;
}

int Declarations::network(lua_State* state) {
  context_.require_declaring(state, "network");
  Arguments(state, "network").expect(1, 1, "network { latency_least = ..., latency_most = ... }");
  Fields fields(state, 1, "network");
  NetworkPlan& network = context_.plan.network;
  network.latency_least = fields.duration("latency_least").value_or(network.latency_least);
  network.latency_most = fields.duration("latency_most").value_or(network.latency_most);
  network.stall = fields.ratio("stall").value_or(network.stall);
  network.bytes_per_second = fields.number("bytes_per_second").value_or(network.bytes_per_second);
  fields.done();
  if (network.latency_least > network.latency_most) {
    fail(state, "network: latency_least is above latency_most");
  }
  if (network.bytes_per_second < 0) fail(state, "network: bytes_per_second is below 0");
  return 0;
}

int Declarations::run_for(lua_State* state) {
  const Arguments arguments(state, "run_for");
  context_.require_declaring(state, "run_for");
  arguments.expect(1, 1, "run_for \"30s\"");
  const Duration length = arguments.duration(1, "the length of the run");
  if (context_.plan.length) fail(state, "run_for: the length of this run is already said");
  if (length == Duration::zero()) fail(state, "run_for: a run is longer than 0");
  context_.plan.length = length;
  return 0;
}

Result<void> Declarations::check() const {
  const Plan& plan = context_.plan;
  const std::string& file = context_.source.file;
  const std::vector<std::string> known = names_of(plan.parameters);
  for (const auto& [name, text] : context_.source.set) {
    if (has_name(plan.parameters, name)) continue;
    return Error("--set " + name + "=" + text + ": " + file + " has no parameter \"" + name + "\"" +
                     did_you_mean(name, known) + "; " +
                     (known.empty() ? "it has none" : "it has " + listed(known)),
                 "usage");
  }
  if (plan.name.empty()) {
    return Error(file + ": the scenario has no name; begin it with scenario \"its name\"");
  }
  if (plan.nodes.empty()) {
    return Error(file + ": there is no node; write node { name = ..., start = ... }");
  }
  return {};
}

}  // namespace glasshouse::scenarios

// fault.kill, fault.crash, fault.partition and so on, and heal: what goes wrong on purpose.

#include <algorithm>
#include <array>

#include <lauxlib.h>
#include <lua.h>

#include "scenarios/language/words.h"

namespace glasshouse::scenarios {

namespace {

// Which fields a kind of fault takes; `need` ones must be there.
enum class Field : std::uint8_t { no, may, need };

struct FaultWord {
  const char* name;
  const char* usage;
  Field node = Field::no;
  Field process = Field::no;
  Field host = Field::no;
  Field between = Field::no;
  Field lasts = Field::no;
  Field latency = Field::no;  // least and most
  Field chance = Field::no;
  const char* amount = nullptr;  // the name of that field, if there is one
  std::int64_t amount_least = 0;
  bool amount_needed = false;
  Field by = Field::no;
  Field power = Field::no;
};

constexpr Field may = Field::may;
constexpr Field need = Field::need;

constexpr std::array<FaultWord, 19> fault_words{{
    {.name = "kill",
     .usage = "fault.kill { node = store, process = \"kv_shard\" }",
     .node = need,
     .process = need},
    {.name = "crash",
     .usage = "fault.crash { node = store, lasts = \"1s\" }",
     .node = need,
     .lasts = may,
     .power = may},
    {.name = "pause",
     .usage = "fault.pause { node = store, lasts = \"200ms\" }",
     .node = need,
     .lasts = need},
    {.name = "partition",
     .usage = "fault.partition { between = { store, clients }, one_way = true, lasts = \"1s\" }",
     .between = need,
     .lasts = may},
    {.name = "isolate",
     .usage = "fault.isolate { host = store, lasts = \"1s\" }",
     .host = need,
     .lasts = may},
    {.name = "latency",
     .usage = "fault.latency { least = \"10ms\", most = \"80ms\", lasts = \"2s\" }",
     .between = may,
     .lasts = may,
     .latency = need,
     .chance = may},
    {.name = "stall",
     .usage =
         "fault.stall { chance = \"1/20\", least = \"50ms\", most = \"300ms\", lasts = \"2s\" }",
     .between = may,
     .lasts = may,
     .latency = need,
     .chance = may},
    {.name = "reset", .usage = "fault.reset { between = { store, client } }", .between = need},
    {.name = "forget", .usage = "fault.forget { between = { store, client } }", .between = need},
    {.name = "split",
     .usage = "fault.split { chance = \"1/3\", lasts = \"2s\" }",
     .between = may,
     .lasts = may,
     .chance = may},
    {.name = "refuse",
     .usage = "fault.refuse { host = store, lasts = \"1s\" }",
     .host = need,
     .lasts = may},
    {.name = "hang",
     .usage = "fault.hang { host = store, lasts = \"1s\" }",
     .host = need,
     .lasts = may},
    {.name = "bandwidth",
     .usage = "fault.bandwidth { bytes_per_second = 10000, lasts = \"2s\" }",
     .between = may,
     .lasts = may,
     .amount = "bytes_per_second",
     .amount_least = 1,
     .amount_needed = true},
    {.name = "slow_disk",
     .usage = "fault.slow_disk { host = store, least = \"5ms\", most = \"50ms\", lasts = \"2s\" }",
     .host = need,
     .lasts = may,
     .latency = need,
     .chance = may},
    {.name = "full_disk",
     .usage = "fault.full_disk { host = store, bytes = 1000, lasts = \"2s\" }",
     .host = need,
     .lasts = may,
     .amount = "bytes"},
    {.name = "stuck_disk",
     .usage = "fault.stuck_disk { host = store, lasts = \"200ms\" }",
     .host = need,
     .lasts = need},
    {.name = "bad_disk",
     .usage = "fault.bad_disk { host = store, chance = \"1/50\", lasts = \"2s\" }",
     .host = need,
     .lasts = may,
     .chance = need},
    {.name = "clock",
     .usage = "fault.clock { host = store, by = \"30s\", lasts = \"2s\" }",
     .host = need,
     .lasts = may,
     .by = need},
    {.name = "drift",
     .usage = "fault.drift { host = store, ppm = 200, lasts = \"10s\" }",
     .host = need,
     .lasts = may,
     .amount = "ppm",
     .amount_least = -500'000,
     .amount_needed = true},
}};

// The hosts that a field or an entry of a list names: a host, a node, a text, or a list of them.
void read_hosts(lua_State* state, const Plan& plan, const std::string& word,
                std::vector<std::string>& into) {
  const int index = lua_gettop(state);
  if (lua_istable(state, index)) {
    const auto count = static_cast<lua_Integer>(lua_rawlen(state, index));
    for (lua_Integer i = 1; i <= count; ++i) {
      lua_rawgeti(state, index, i);
      read_hosts(state, plan, word, into);
      lua_pop(state, 1);
    }
    return;
  }
  if (const auto handle = to_handle(state, index)) {
    const std::uint32_t host =
        handle->thing == Thing::host ? handle->number : plan.nodes[handle->number].host;
    into.push_back(plan.hosts[host].name);
    return;
  }
  std::vector<std::string> known;
  for (const HostPlan& host : plan.hosts)
    known.push_back(host.name);
  if (lua_type(state, index) == LUA_TSTRING) {
    const std::string name = plain_text(state, index);
    if (std::find(known.begin(), known.end(), name) != known.end()) {
      into.push_back(name);
      return;
    }
    fail(state, word + ": there is no host \"" + name + "\"" + did_you_mean(name, known) +
                    "; there are " + listed(known));
  }
  fail(state, word + " concerns hosts or nodes, not " + described(state, index));
}

void read_between(lua_State* state, const Plan& plan, const std::string& word, Fields& fields,
                  FaultRequest& fault) {
  const int index = lua_gettop(state);
  if (!lua_istable(state, index) || lua_rawlen(state, index) != 2) {
    fields.wrong("between",
                 "a list of the two sides, { one, other }, each a host, a node or a list");
  }
  lua_rawgeti(state, index, 1);
  read_hosts(state, plan, word, fault.hosts);
  lua_rawgeti(state, index, 2);
  read_hosts(state, plan, word, fault.others);
  lua_pop(state, 3);
  for (const std::string& host : fault.hosts) {
    if (std::find(fault.others.begin(), fault.others.end(), host) == fault.others.end()) continue;
    fail(state, word + ": " + host + " is on both sides");
  }
  fault.one_way = fields.flag("one_way").value_or(false);
}

std::string read_node(lua_State* state, const Plan& plan, const std::string& word, Fields& fields) {
  const std::string name = *fields.text("node");
  std::vector<std::string> known;
  for (const NodePlan& node : plan.nodes)
    known.push_back(node.name);
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    fail(state, word + ": there is no node \"" + name + "\"" + did_you_mean(name, known) +
                    "; there are " + listed(known));
  }
  return name;
}

FaultRequest read_fault(lua_State* state, const Plan& plan, const FaultWord& word) {
  const std::string name = std::string("fault.") + word.name;
  Arguments(state, name).expect(1, 1, word.usage);
  Fields fields(state, 1, name);
  const auto wants = [&](Field field, const char* field_name) {
    if (field == Field::no) return false;
    if (fields.has(field_name)) return true;
    if (field == Field::need) {
      fail(state, name + ": " + field_name + " is missing; it is written " + word.usage);
    }
    return false;
  };
  FaultRequest fault;
  fault.kind = word.name;
  if (wants(word.node, "node")) fault.node = read_node(state, plan, name, fields);
  if (wants(word.process, "process")) fault.process = *fields.text("process");
  if (wants(word.host, "host")) {
    fields.push("host");
    read_hosts(state, plan, name, fault.hosts);
    lua_pop(state, 1);
  }
  if (wants(word.between, "between")) {
    fields.push("between");
    read_between(state, plan, name, fields, fault);
  }
  if (wants(word.lasts, "lasts")) fault.lasts = fields.duration("lasts");
  if (wants(word.latency, "least")) fault.least = *fields.duration("least");
  if (wants(word.latency, "most")) fault.most = *fields.duration("most");
  if (wants(word.by, "by")) fault.least = *fields.difference("by");
  if (wants(word.chance, "chance")) fault.chance = *fields.ratio("chance");
  if (wants(word.power, "power")) fault.power = *fields.flag("power");
  const Field amount = word.amount_needed ? Field::need : Field::may;
  if (word.amount != nullptr && wants(amount, word.amount)) {
    fault.amount = *fields.number(word.amount);
  }
  fields.done();
  if (word.latency != Field::no && fault.least > fault.most) {
    fail(state, name + ": least is above most");
  }
  if (word.amount != nullptr && fault.amount < word.amount_least) {
    fail(state, name + ": " + word.amount + " is at least " + std::to_string(word.amount_least));
  }
  return fault;
}

std::string shown_hosts(const std::vector<std::string>& hosts) {
  return hosts.size() == 1 ? hosts.front() : "{ " + listed(hosts) + " }";
}

}  // namespace

std::string FaultRequest::shown() const {
  std::string fields;
  const auto add = [&](const char* name, const std::string& value) {
    fields += (fields.empty() ? "" : ", ") + std::string(name) + " = " + value;
  };
  if (!node.empty()) add("node", node);
  if (!process.empty()) add("process", process);
  if (!others.empty()) {
    add("between", "{ " + shown_hosts(hosts) + ", " + shown_hosts(others) + " }");
  } else if (!hosts.empty()) {
    add("host", shown_hosts(hosts));
  }
  if (one_way) add("one_way", "true");
  if (kind == "clock") {
    add("by", duration_text(least));
  } else if (most > Duration::zero()) {
    add("least", duration_text(least));
    add("most", duration_text(most));
  }
  if (!(chance == runtime::Ratio{1, 1})) add("chance", runtime::to_string(chance));
  if (amount != 0) add("amount", std::to_string(amount));
  if (!power) add("power", "false");
  if (lasts) add("lasts", duration_text(*lasts));
  return kind + " { " + fields + " }";
}

Faults::Faults(Context& context) : context_(context) {
  lua_State* state = context_.sandbox.state();
  add_words(state, std::make_integer_sequence<int, static_cast<int>(fault_words.size())>());
  add_word(state, "heal", &call_word<Faults, &Faults::heal>, this);
}

template <int... numbers>
void Faults::add_words(lua_State* state, std::integer_sequence<int, numbers...>) {
  (add_word_to(state, "fault", fault_words[numbers].name,
               &call_word<Faults, &Faults::inject<numbers>>, this),
   ...);
}

template <int number>
int Faults::inject(lua_State* state) {
  return inject_word(state, number);
}

// A fault that is asked for before the run begins, begins with it.
int Faults::inject_word(lua_State* state, std::size_t number) {
  const FaultRequest fault = read_fault(state, context_.plan, fault_words[number]);
  if (context_.stage == nullptr) {
    const std::string place = where(state);
    context_.opening.emplace_back([this, fault, place](Stage& stage) {
      const auto done = stage.inject(fault);
      if (!done) context_.give_up(runtime::Error(place + done.error().what));
    });
    return 0;
  }
  const auto done = context_.stage->inject(fault);
  if (!done) fail(state, done.error().what);
  lua_pushboolean(state, *done);
  return 1;
}

int Faults::heal(lua_State* state) {
  Arguments(state, "heal").expect(0, 0, "heal()");
  context_.require_running(state, "heal").heal();
  return 0;
}

}  // namespace glasshouse::scenarios

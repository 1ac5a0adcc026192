// fault.kill, fault.crash, fault.partition and so on, and heal: what goes wrong on purpose.

#include <algorithm>
#include <array>

#include <lauxlib.h>
#include <lua.h>

#include "scenarios/language/words.h"

namespace glasshouse::scenarios {

namespace {

// `uses`: the fields it takes; needed ones end in '!'.
struct FaultWord {
  std::string_view name;
  std::string_view uses;
  const char* usage;
};

constexpr std::array<FaultWord, 19> fault_words{{
    {"kill", "node! process!", "fault.kill { node = store, process = \"kv_shard_1\" }"},
    {"crash", "node! lasts power", "fault.crash { node = store, lasts = \"1s\" }"},
    {"pause", "node! lasts!", "fault.pause { node = store, lasts = \"200ms\" }"},
    {"partition", "between! lasts",
     "fault.partition { between = { store, clients }, one_way = true, lasts = \"1s\" }"},
    {"isolate", "host! lasts", "fault.isolate { host = store, lasts = \"1s\" }"},
    {"latency", "between least! most! chance lasts",
     "fault.latency { least = \"10ms\", most = \"80ms\", lasts = \"2s\" }"},
    {"stall", "between least! most! chance lasts",
     "fault.stall { chance = \"1/20\", least = \"50ms\", most = \"300ms\", lasts = \"2s\" }"},
    {"reset", "between!", "fault.reset { between = { store, client } }"},
    {"forget", "between!", "fault.forget { between = { store, client } }"},
    {"split", "between chance lasts", "fault.split { chance = \"1/3\", lasts = \"2s\" }"},
    {"refuse", "host! lasts", "fault.refuse { host = store, lasts = \"1s\" }"},
    {"hang", "host! lasts", "fault.hang { host = store, lasts = \"1s\" }"},
    {"bandwidth", "between bytes_per_second! lasts",
     "fault.bandwidth { bytes_per_second = 10000, lasts = \"2s\" }"},
    {"slow_disk", "host! least! most! chance lasts",
     "fault.slow_disk { host = store, least = \"5ms\", most = \"50ms\", lasts = \"2s\" }"},
    {"full_disk", "host! bytes lasts",
     "fault.full_disk { host = store, bytes = 1000, lasts = \"2s\" }"},
    {"stuck_disk", "host! lasts!", "fault.stuck_disk { host = store, lasts = \"200ms\" }"},
    {"bad_disk", "host! chance! lasts",
     "fault.bad_disk { host = store, chance = \"1/50\", lasts = \"2s\" }"},
    {"clock", "host! by! lasts", "fault.clock { host = store, by = \"30s\", lasts = \"2s\" }"},
    {"drift", "host! ppm! lasts", "fault.drift { host = store, ppm = 200, lasts = \"10s\" }"},
}};

// The fields that are an amount, each with its bounds.
struct Amount {
  std::string_view field;
  std::int64_t least;
  std::int64_t most;
};
constexpr std::array<Amount, 3> amounts{{{"bytes_per_second", 1, 1'000'000'000'000},
                                         {"bytes", 0, 1'000'000'000'000},
                                         {"ppm", -500'000, 1'000'000}}};

enum class Need : std::uint8_t { no, may, must };

Need need_of(const FaultWord& word, std::string_view field) {
  std::string_view uses = word.uses;
  while (!uses.empty()) {
    const auto space = std::min(uses.find(' '), uses.size());
    const std::string_view one = uses.substr(0, space);
    uses.remove_prefix(std::min(space + 1, uses.size()));
    if (one == field) return Need::may;
    if (one.ends_with('!') && one.substr(0, one.size() - 1) == field) return Need::must;
  }
  return Need::no;
}

// The hosts that a field or an entry of a list names: a host, a node, a text, or a list of them.
void read_hosts(lua_State* state, const Plan& plan, const std::string& word,
                std::vector<std::string>& into) {
  const int index = lua_gettop(state);
  if (lua_istable(state, index)) {
    const lua_Integer count = list_length(state, index, word);
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
  if (!lua_istable(state, index) || list_length(state, index, word) != 2) {
    fields.wrong("between",
                 "a list of the two sides, { one, other }, each a host, a node or a list");
  }
  lua_rawgeti(state, index, 1);
  read_hosts(state, plan, word, fault.hosts);
  lua_rawgeti(state, index, 2);
  read_hosts(state, plan, word, fault.others);
  lua_pop(state, 3);
  const auto both = std::find_first_of(fault.hosts.begin(), fault.hosts.end(), fault.others.begin(),
                                       fault.others.end());
  if (both != fault.hosts.end()) fail(state, word + ": " + *both + " is on both sides");
  fault.one_way = fields.flag("one_way").value_or(false);
}

std::string read_node(lua_State* state, const Plan& plan, const std::string& word, Fields& fields) {
  std::string name = *fields.text("node");
  std::vector<std::string> known;
  for (const NodePlan& node : plan.nodes)
    known.push_back(node.name);
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    fail(state, word + ": there is no node \"" + name + "\"" + did_you_mean(name, known) +
                    "; there are " + listed(known));
  }
  return name;
}

// Reads the fields of one fault; `wants` says whether the kind has a field and it is there.
class FaultReader {
 public:
  FaultReader(lua_State* state, const Plan& plan, const FaultWord& word)
      : state_(state),
        plan_(plan),
        word_(word),
        name_("fault." + std::string(word.name)),
        fields_(checked(state, name_, word), 1, name_) {}

  FaultRequest read() {
    FaultRequest fault;
    fault.kind = word_.name;
    if (wants("node")) fault.node = read_node(state_, plan_, name_, fields_);
    if (wants("process")) fault.process = *fields_.text("process");
    if (wants("host")) {
      fields_.push("host");
      read_hosts(state_, plan_, name_, fault.hosts);
      lua_pop(state_, 1);
    }
    if (wants("between")) {
      fields_.push("between");
      read_between(state_, plan_, name_, fields_, fault);
    }
    if (wants("lasts")) fault.lasts = fields_.duration("lasts");
    if (wants("least")) fault.least = *fields_.duration("least");
    if (wants("most")) fault.most = *fields_.duration("most");
    if (wants("by")) fault.least = *fields_.difference("by");
    if (wants("chance")) fault.chance = *fields_.ratio("chance");
    if (wants("power")) fault.power = *fields_.flag("power");
    read_amount(fault);
    fields_.done();
    if (wants("most") && fault.least > fault.most) fail(state_, name_ + ": least is above most");
    return fault;
  }

 private:
  static lua_State* checked(lua_State* state, const std::string& name, const FaultWord& word) {
    Arguments(state, name).expect(1, 1, word.usage);
    return state;
  }

  bool wants(std::string_view field) {
    const Need need = need_of(word_, field);
    if (need == Need::no) return false;
    if (fields_.has(field)) return true;
    if (need == Need::must) {
      fail(state_, name_ + ": " + std::string(field) + " is missing; it is written " + word_.usage);
    }
    return false;
  }

  void read_amount(FaultRequest& fault) {
    for (const Amount& amount : amounts) {
      if (!wants(amount.field)) continue;
      fault.amount = *fields_.number(amount.field);
      if (fault.amount >= amount.least && fault.amount <= amount.most) continue;
      fail(state_, name_ + ": " + std::string(amount.field) + " is from " +
                       std::to_string(amount.least) + " to " + std::to_string(amount.most));
    }
  }

  lua_State* state_;
  const Plan& plan_;
  const FaultWord& word_;
  std::string name_;
  Fields fields_;
};

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

template <int... Numbers>
void Faults::add_words(lua_State* state, std::integer_sequence<int, Numbers...>) {
  (add_word_to(state, "fault", fault_words[Numbers].name.data(),
               &call_word<Faults, &Faults::inject<Numbers>>, this),
   ...);
}

template <int Number>
int Faults::inject(lua_State* state) {
  return inject_word(state, Number);
}

// A fault that is asked for before the run begins, begins with it.
int Faults::inject_word(lua_State* state, std::size_t number) {
  const FaultRequest fault = FaultReader(state, context_.plan, fault_words[number]).read();
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

#pragma once
// What the words of the language share while a script is loaded and run, and how a word is made of
// a member function. Private to scenarios/language.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/language/arguments.h"
#include "scenarios/language/plan.h"
#include "scenarios/language/sandbox.h"
#include "scenarios/language/script.h"
#include "scenarios/language/stage.h"

struct lua_State;

namespace glasshouse::scenarios {

// A function of the script with the arguments it is to be given.
struct Callback {
  FunctionNumber packed = 0;  // a table: the function, then its arguments
  int arguments = 0;
  std::uint64_t stream = 0;  // whose draws are drawn in it
};

class Context {
 public:
  Context(ScriptSource source_of_script, const Applications& known_applications)
      : source(std::move(source_of_script)),
        applications(known_applications),
        sandbox(source.file) {}

  ScriptSource source;
  const Applications& applications;
  Sandbox sandbox;
  Plan plan;
  Stage* stage = nullptr;    // null while the script declares
  std::uint64_t stream = 0;  // of the callback that runs; 0: the declarations
  std::uint64_t streams_made = 0;
  bool failed = false;  // the run ends: nothing of the script is called any more
  // What was asked for while declaring, to be done as the run begins.
  std::vector<std::function<void(Stage&)>> opening;

  std::uint64_t draw() { return stage != nullptr ? stage->draw(stream) : source.draw(stream); }
  // Uniform in [0, bound). REQUIRES: bound > 0.
  std::uint64_t draw_below(std::uint64_t bound) { return runtime::scale_to(draw(), bound); }

  // Ends the run.
  void give_up(runtime::Error error);

  // Fails unless the script declares, or unless it runs.
  void require_declaring(lua_State* state, const std::string& word) const;
  Stage& require_running(lua_State* state, const std::string& word) const;

  // Takes the function at `index` and everything behind it.
  Callback keep_callback(lua_State* state, int index);
  // Calls it, with `value` behind its arguments if there is one; what it returns is left on the
  // stack, `results` values. False after an error, which ends the run.
  bool call(const Callback& callback, int results, std::optional<std::int64_t> value = {});
};

// Makes `word` a function of the script, global or in a table: call_word<Words, &Words::method>
// calls that member of `words`.
void add_word(lua_State* state, const char* word, int (*function)(lua_State*), void* words);
void add_word_to(lua_State* state, const char* table, const char* word, int (*function)(lua_State*),
                 void* words);
void* words_of(lua_State* state);

template <class Words, int (Words::*Method)(lua_State*)>
int call_word(lua_State* state) {
  return (static_cast<Words*>(words_of(state))->*Method)(state);
}

// scenario, parameter, host, node, workload, network, run_for.
class Declarations {
 public:
  explicit Declarations(Context& context);
  // After the script: what was set but is no parameter, what is missing.
  Result<void> check() const;

 private:
  int scenario(lua_State* state);
  int parameter(lua_State* state);
  int host(lua_State* state);
  int node(lua_State* state);
  int workload(lua_State* state);
  int network(lua_State* state);
  int run_for(lua_State* state);

  std::uint32_t host_number(lua_State* state, const std::string& name);
  void check_name(lua_State* state, const std::string& word, const std::string& name) const;
  NodePlan read_node(lua_State* state, Fields& fields, const std::string& word);
  void push_node(lua_State* state, NodePlan node);

  Context& context_;
};

// at, after, every, when, now, one_of, some_of, shuffled, between, chance, say, and the units.
class Times {
 public:
  explicit Times(Context& context);
  void begin(Stage& stage);
  void probed(std::string_view name, std::int64_t value);
  bool waits_for_probe(std::string_view name) const;

 private:
  struct Repeated {
    Callback callback;
    Duration period;
    Instant until = Instant::max();
  };
  struct Condition {
    Callback predicate;
    Callback callback;
    Duration period;
    std::string probe;
    bool again = false;
    bool was_true = false;
  };
  int at(lua_State* state);
  int after(lua_State* state);
  int every(lua_State* state);
  int when(lua_State* state);
  int now(lua_State* state);

  void schedule(Instant time, const Callback& callback);
  void repeat(std::size_t number, Instant time);
  void look(std::size_t number, Instant time);
  bool is_true(const Callback& predicate);

  Context& context_;
  std::vector<Repeated> repeated_;
  std::vector<Condition> conditions_;
};

// one_of, some_of, shuffled, between, chance: drawn from the seed.
class Chances {
 public:
  explicit Chances(Context& context);

 private:
  int one_of(lua_State* state);
  int some_of(lua_State* state);
  int shuffled(lua_State* state);
  int between(lua_State* state);
  int chance(lua_State* state);
  std::vector<std::int64_t> shuffled_positions(std::int64_t count);

  Context& context_;
};

// fault.kill, fault.crash, fault.partition and so on, and heal.
class Faults {
 public:
  explicit Faults(Context& context);

 private:
  template <int Number>
  int inject(lua_State* state);
  int inject_word(lua_State* state, std::size_t number);
  int heal(lua_State* state);
  template <int... Numbers>
  void add_words(lua_State* state, std::integer_sequence<int, Numbers...> all);

  Context& context_;
};

// always, eventually, sometimes.
class Properties {
 public:
  explicit Properties(Context& context);
  void begin(Stage& stage);
  void finish(bool complete);
  const std::vector<PropertyState>& states() const { return states_; }
  bool is_violated() const { return violated_; }

 private:
  struct Rule {
    Callback callback;
    Duration period;
    Instant from;
    Instant until = Instant::max();  // eventually: must hold by then
  };
  int always(lua_State* state) { return declare(state, PropertyKind::always); }
  int eventually(lua_State* state) { return declare(state, PropertyKind::eventually); }
  int sometimes(lua_State* state) { return declare(state, PropertyKind::sometimes); }
  int declare(lua_State* state, PropertyKind kind);
  void look_again(std::size_t number, Instant time);
  void look(std::size_t number);
  void judge(std::size_t number, Verdict verdict, std::string why);
  struct Looked {
    bool failed = false;
    bool holds = false;
    std::string why;
  };
  Looked ask(const Rule& rule, const std::string& name);

  Context& context_;
  std::vector<Rule> rules_;
  std::vector<PropertyState> states_;
  bool violated_ = false;
};

// is_up, processes, seen, probe, and the questions of applications.
class Observations {
 public:
  explicit Observations(Context& context);

 private:
  int is_up(lua_State* state);
  int processes(lua_State* state);
  int seen(lua_State* state);
  int probe(lua_State* state);
  int say(lua_State* state);
  const NodePlan& node_at(lua_State* state, int index, const std::string& word) const;
  void add_questions(lua_State* state);

  struct Asked {
    Context* context;
    std::string word;
    const Question* question;
  };
  static int ask(lua_State* state);

  Context& context_;
  std::vector<std::unique_ptr<Asked>> asked_;
};

}  // namespace glasshouse::scenarios

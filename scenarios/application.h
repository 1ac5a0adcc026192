#pragma once
// What a scenario can start on a node, and what it can ask afterwards. An application is a name,
// the options it takes and a function that starts its actors; the scenario language checks every
// option before anything runs. kv, its client and every lab are applications; the same function
// starts the actors in both worlds.
//
// Threads: descriptions are immutable after registration. `start` and `ask` are called by the
// thread that runs the scenario.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <typeinfo>
#include <variant>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/process/pid.h"

namespace glasshouse::runtime {
class Node;
}

namespace glasshouse::scenarios {

using runtime::Duration;
using runtime::Result;

// What an option or a parameter may be. The type of its default is the type of an option.
using Value = std::variant<bool, std::int64_t, Duration, std::string>;

// "true or false", "a whole number", "a duration such as \"500ms\"", "a text".
std::string_view type_of(const Value& value);
// As it is written in a scenario and behind --set: true, 17, 500ms, text.
std::string to_string(const Value& value);
// Reads text as a value of the type that `like` has.
Result<Value> parse_value(std::string_view text, const Value& like);

// "500ms", "2s", "1.5s", "250us", "40ns", "2min", "1h": exact to the nanosecond, or refused.
Result<Duration> parse_duration(std::string_view text);
std::string duration_text(Duration duration);

struct Option {
  std::string name;
  Value by_default;
  std::string doc;  // one line, begins in lower case, no full stop
  // Bounds of a whole number.
  std::int64_t least = INT64_MIN;
  std::int64_t most = INT64_MAX;
};

// Complete and checked: every option of the application has a value of its type.
// REQUIRES, of every getter: there is such an option of that type.
class Options {
 public:
  Options() = default;
  explicit Options(const std::vector<Option>& defaults);

  bool flag(std::string_view name) const { return get<bool>(name); }
  std::int64_t number(std::string_view name) const { return get<std::int64_t>(name); }
  Duration duration(std::string_view name) const { return get<Duration>(name); }
  const std::string& text(std::string_view name) const { return get<std::string>(name); }

  const std::map<std::string, Value, std::less<>>& all() const { return values_; }
  void set(std::string_view name, Value value);

 private:
  template <class T>
  const T& get(std::string_view name) const {
    const auto found = values_.find(name);
    CHECK(found != values_.end());
    CHECK(std::holds_alternative<T>(found->second));
    return *std::get_if<T>(&found->second);
  }
  std::map<std::string, Value, std::less<>> values_;
};

// What outlives the nodes of a run: a history that clients write and an oracle reads. One object a
// name, made at first use, gone with the run. In the simulator one thread uses it; an application
// that also runs on multicore locks its own object.
class Shared {
 public:
  // REQUIRES: every user of `name` asks for the same T.
  template <class T>
  T& get(std::string_view name) {
    auto& slot = objects_[std::string(name)];
    if (slot.object == nullptr) slot = {std::make_shared<T>(), &typeid(T)};
    CHECK(*slot.type == typeid(T));
    return *static_cast<T*>(slot.object.get());
  }

 private:
  struct Slot {
    std::shared_ptr<void> object;
    const std::type_info* type = nullptr;
  };
  std::map<std::string, Slot> objects_;
};

// A node has just come up, for the first time or after a crash.
struct Start {
  runtime::Node& node;
  const Options& options;
  Shared& shared;
  std::string host;  // where sockets listen: the host's name in the simulator, else an address
  // Says a line to the person who runs it; empty where nobody listens. Any thread.
  std::function<void(std::string_view)> announce = {};
};

// What a question was answered with. For a property `value` is true or false, and `why` says what
// is wrong, with the names a person needs to find it.
struct Answer {
  Value value = true;
  std::string why;
};

// Something a scenario may ask, in a property or anywhere else: kv.no_acknowledged_write_is_lost().
struct Question {
  std::string name;
  std::string doc;
  std::vector<Option> options;
  std::function<Answer(Shared& shared, const Options& options)> ask;
};

enum class Worlds : std::uint8_t { both, only_sim };

struct Application {
  std::string name;  // as scenarios write it: start = "kv"
  std::string doc;
  std::vector<Option> options;
  // Starts the actors, and says whose life is that of the application: on many cores the run ends
  // when that process has. An Error ends the run with one sentence.
  std::function<Result<runtime::Pid>(const Start&)> start;
  // Asked through a table of the scenario language that is called like `family`, by default like
  // the application: several applications may share one.
  std::vector<Question> questions;
  std::string family;
  Worlds worlds = Worlds::both;
};

class Applications {
 public:
  // REQUIRES: the name is free; options and questions of one family have different names.
  void add(Application application);
  const Application* find(std::string_view name) const;
  // In the order of their names.
  std::vector<const Application*> all() const;

 private:
  std::map<std::string, Application, std::less<>> by_name_;
};

// Everything that is compiled into the program.
const Applications& shipped_applications();

}  // namespace glasshouse::scenarios

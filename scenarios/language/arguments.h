#pragma once
// How a word of the language reads what it was given, and says what it expected instead. Every
// error here is thrown as Lua does it (the library is compiled as C++, so destructors run) and
// begins with file and line of the call.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/random.h"
#include "scenarios/application.h"
#include "scenarios/language/sandbox.h"

namespace glasshouse::scenarios {

// "kv.lua:12: " of the innermost line of the script that is being run.
std::string where(lua_State* state);
[[noreturn]] void fail(lua_State* state, const std::string& sentence);

// How many things the list at `index` has. A list with a hole is an error: where Lua ends one (#)
// depends on how its table was laid out in memory, and would differ from run to run.
std::int64_t list_length(lua_State* state, int index, const std::string& word);

// What a value looks like in print: no addresses.
std::string plain_text(lua_State* state, int index);
// "a table", "the number 5", "the text \"x\"", "nothing".
std::string described(lua_State* state, int index);

// " (did you mean \"host\"?)", or nothing when no name is near.
std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& known);
// "a, b and c".
std::string listed(const std::vector<std::string>& names);

// Things of a scenario that a script holds: a host, a node. A number in the plan.
enum class Thing : std::uint8_t { host, node };
struct Handle {
  Thing thing = Thing::host;
  std::uint32_t number = 0;
};
void push_handle(lua_State* state, Handle handle, std::string_view name);
std::optional<Handle> to_handle(lua_State* state, int index);
std::string handle_name(lua_State* state, int index);

void push_duration(lua_State* state, Duration duration);
// A duration or a text such as "500ms"; nothing if it is neither. Fails on a text that is none.
std::optional<Duration> to_duration(lua_State* state, int index, const std::string& what);

void push_value(lua_State* state, const Value& value);
// The value at `index` as the type of `like`; `what` names it in the error. A host or a node where
// a text is wanted is its name.
Value to_value(lua_State* state, int index, const Value& like, const std::string& what);

// Reads arguments by position. `word` is the name of the function, for its sentences.
class Arguments {
 public:
  Arguments(lua_State* state, std::string word) : state_(state), word_(std::move(word)) {}

  // Fails unless there are so many.
  void expect(int least, int most, std::string_view usage) const;
  std::string text(int index, std::string_view what) const;
  std::int64_t number(int index, std::string_view what) const;
  Duration duration(int index, std::string_view what) const;
  void function(int index, std::string_view what) const;
  void table(int index, std::string_view what) const;
  [[noreturn]] void wrong(int index, std::string_view what, std::string_view expected) const;

 private:
  lua_State* state_;
  std::string word_;
};

// Reads a table of named fields. Each field is asked for once; `done` refuses what nobody asked
// for.
class Fields {
 public:
  // `index`: where the table is; 0 for a table with nothing in it.
  Fields(lua_State* state, int index, std::string word);

  bool has(std::string_view name);
  std::optional<std::string> text(std::string_view name);
  std::optional<std::int64_t> number(std::string_view name);
  std::optional<Duration> duration(std::string_view name);
  // A duration that may be below 0.
  std::optional<Duration> difference(std::string_view name);
  std::optional<bool> flag(std::string_view name);
  std::optional<runtime::Ratio> ratio(std::string_view name);
  // Pushes the field on the stack; false and nothing pushed if it is not there.
  bool push(std::string_view name);
  // Fails: "node: start is missing".
  [[noreturn]] void missing(std::string_view name, std::string_view what) const;
  [[noreturn]] void wrong(std::string_view name, std::string_view expected);
  // Takes the options of an application or question out of the fields.
  Options options(const std::vector<Option>& known);
  void done();

 private:
  lua_State* state_;
  int index_;
  std::string word_;
  std::vector<std::string> known_;
};

}  // namespace glasshouse::scenarios

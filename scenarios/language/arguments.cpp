#include "scenarios/language/arguments.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

namespace glasshouse::scenarios {

namespace {

constexpr const char* handle_type = "glasshouse.handle";
constexpr const char* duration_type = "glasshouse.duration";

struct NamedHandle {
  Handle handle;
  char name[64];
};

// Edits that lead from one word to the other: a letter more, less, another, or two in the other
// order, each counting one.
std::size_t distance(std::string_view left, std::string_view right) {
  const std::size_t width = right.size() + 1;
  std::vector<std::size_t> table((left.size() + 1) * width);
  const auto cell = [&](std::size_t i, std::size_t j) -> std::size_t& {
    return table[i * width + j];
  };
  for (std::size_t i = 0; i <= left.size(); ++i) {
    for (std::size_t j = 0; j <= right.size(); ++j) {
      if (i == 0 || j == 0) {
        cell(i, j) = i + j;
        continue;
      }
      const std::size_t other = left[i - 1] == right[j - 1] ? 0 : 1;
      cell(i, j) = std::min({cell(i - 1, j) + 1, cell(i, j - 1) + 1, cell(i - 1, j - 1) + other});
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
        cell(i, j) = std::min(cell(i, j), cell(i - 2, j - 2) + 1);
      }
    }
  }
  return table.back();
}

std::string quoted(std::string_view text) {
  constexpr std::size_t shown_max = 40;
  std::string result = "\"";
  for (const char c : text.substr(0, shown_max))
    result += c < ' ' ? '.' : c;
  if (text.size() > shown_max) result += "...";
  return result + "\"";
}

}  // namespace

std::string where(lua_State* state) {
  lua_Debug frame{};
  for (int level = 0; lua_getstack(state, level, &frame) != 0; ++level) {
    lua_getinfo(state, "Sl", &frame);
    if (frame.currentline > 0) {
      return std::string(frame.short_src) + ":" + std::to_string(frame.currentline) + ": ";
    }
  }
  return Sandbox::of(state).file() + ": ";
}

void fail(lua_State* state, const std::string& sentence) {
  const std::string whole = where(state) + sentence;
  lua_pushlstring(state, whole.data(), whole.size());
  lua_error(state);
  std::abort();  // lua_error does not return
}

// Counting needs no order, so it is the same however the table lies.
std::int64_t list_length(lua_State* state, int index, const std::string& word) {
  const int list = lua_absindex(state, index);
  std::int64_t count = 0;
  std::int64_t last = 0;
  for (lua_pushnil(state); lua_next(state, list) != 0; lua_pop(state, 1)) {
    if (!lua_isinteger(state, -2) || lua_tointeger(state, -2) < 1) continue;
    ++count;
    last = std::max<std::int64_t>(last, lua_tointeger(state, -2));
  }
  if (last == count) return count;
  lua_Integer hole = 1;
  while (lua_rawgeti(state, list, hole) != LUA_TNIL) {
    lua_pop(state, 1);
    ++hole;
  }
  fail(state, word + ": the list has a hole: its value " + std::to_string(hole) +
                  " is nil, but it has a value " + std::to_string(last));
}

std::string plain_text(lua_State* state, int index) {
  switch (lua_type(state, index)) {
    case LUA_TNONE:
    case LUA_TNIL:
      return "nil";
    case LUA_TBOOLEAN:
      return lua_toboolean(state, index) != 0 ? "true" : "false";
    case LUA_TNUMBER:
    case LUA_TSTRING: {
      lua_pushvalue(state, index);
      std::size_t size = 0;
      const char* text = lua_tolstring(state, -1, &size);
      std::string result(text, size);
      lua_pop(state, 1);
      return result;
    }
    default:
      break;
  }
  if (to_handle(state, index)) return handle_name(state, index);
  if (const auto* duration = static_cast<Duration*>(luaL_testudata(state, index, duration_type))) {
    return duration_text(*duration);
  }
  return luaL_typename(state, index);
}

std::string described(lua_State* state, int index) {
  switch (lua_type(state, index)) {
    case LUA_TNONE:
    case LUA_TNIL:
      return "nothing";
    case LUA_TNUMBER:
      return "the number " + plain_text(state, index);
    case LUA_TSTRING:
      return "the text " + quoted(plain_text(state, index));
    case LUA_TBOOLEAN:
      return plain_text(state, index);
    default:
      break;
  }
  if (const auto handle = to_handle(state, index)) {
    return std::string(handle->thing == Thing::host ? "the host " : "the node ") +
           handle_name(state, index);
  }
  if (luaL_testudata(state, index, duration_type) != nullptr) {
    return "the duration " + plain_text(state, index);
  }
  return std::string("a ") + luaL_typename(state, index);
}

std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& known) {
  if (wrong.size() > 60) return {};
  const std::string* best = nullptr;
  std::size_t best_distance = std::max<std::size_t>(1, wrong.size() / 3) + 1;
  for (const std::string& name : known) {
    const std::size_t away = distance(wrong, name);
    if (away >= best_distance) continue;
    best = &name;
    best_distance = away;
  }
  return best == nullptr ? std::string() : " (did you mean \"" + *best + "\"?)";
}

std::string listed(const std::vector<std::string>& names) {
  std::string result;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) result += i + 1 == names.size() ? " and " : ", ";
    result += names[i];
  }
  return result;
}

// -- handles and durations ------------------------------------------------------------------------

namespace {

int handle_text(lua_State* state) {
  const std::string text = plain_text(state, 1);
  lua_pushlstring(state, text.data(), text.size());
  return 1;
}

int handles_equal(lua_State* state) {
  const auto left = to_handle(state, 1);
  const auto right = to_handle(state, 2);
  lua_pushboolean(state,
                  left && right && left->thing == right->thing && left->number == right->number);
  return 1;
}

int handle_field(lua_State* state) {
  const std::string field = plain_text(state, 2);
  if (field != "name") {
    fail(state, handle_name(state, 1) + " has no field " + quoted(field) + "; it has name");
  }
  const std::string name = handle_name(state, 1);
  lua_pushlstring(state, name.data(), name.size());
  return 1;
}

Duration operand(lua_State* state, int index) {
  const auto duration = to_duration(state, index, "this sum");
  if (!duration) {
    fail(state, "a duration can be added to, subtracted from and compared with a duration, not " +
                    described(state, index));
  }
  return *duration;
}

int add(lua_State* state) {
  push_duration(state, operand(state, 1) + operand(state, 2));
  return 1;
}
int subtract(lua_State* state) {
  push_duration(state, operand(state, 1) - operand(state, 2));
  return 1;
}

// One side is a duration, the other a number.
int multiply(lua_State* state) {
  const int number = lua_isnumber(state, 1) && lua_type(state, 1) == LUA_TNUMBER ? 1 : 2;
  const Duration duration = operand(state, 3 - number);
  if (lua_isinteger(state, number)) {
    push_duration(state, duration * lua_tointeger(state, number));
  } else if (lua_type(state, number) == LUA_TNUMBER) {
    const double product =
        static_cast<double>(duration.nanoseconds()) * lua_tonumber(state, number);
    if (!(std::fabs(product) < 9e18)) fail(state, "this duration is too long");
    push_duration(state, Duration::nanoseconds(static_cast<std::int64_t>(product)));
  } else {
    fail(state, "a duration is multiplied by a number, not by " + described(state, number));
  }
  return 1;
}

int divide(lua_State* state) {
  const Duration duration = operand(state, 1);
  if (luaL_testudata(state, 2, duration_type) != nullptr) {
    const Duration by = operand(state, 2);
    if (by == Duration::zero()) fail(state, "a duration is divided by a duration of zero");
    lua_pushnumber(
        state, static_cast<double>(duration.nanoseconds()) / static_cast<double>(by.nanoseconds()));
    return 1;
  }
  const double by = lua_type(state, 2) == LUA_TNUMBER ? lua_tonumber(state, 2) : 0.0;
  if (by == 0.0) {
    fail(state, "a duration is divided by a number that is not 0, not by " + described(state, 2));
  }
  const double quotient = static_cast<double>(duration.nanoseconds()) / by;
  if (!(std::fabs(quotient) < 9e18)) fail(state, "this duration is too long");
  push_duration(state, Duration::nanoseconds(static_cast<std::int64_t>(quotient)));
  return 1;
}

int negate(lua_State* state) {
  push_duration(state, -operand(state, 1));
  return 1;
}

int is_less(lua_State* state) {
  lua_pushboolean(state, operand(state, 1) < operand(state, 2));
  return 1;
}
int is_at_most(lua_State* state) {
  lua_pushboolean(state, operand(state, 1) <= operand(state, 2));
  return 1;
}
int is_equal(lua_State* state) {
  lua_pushboolean(state, operand(state, 1) == operand(state, 2));
  return 1;
}

void set_metatable(lua_State* state, const char* type, const luaL_Reg* functions) {
  if (luaL_newmetatable(state, type) != 0) luaL_setfuncs(state, functions, 0);
  lua_setmetatable(state, -2);
}

}  // namespace

void push_handle(lua_State* state, Handle handle, std::string_view name) {
  static constexpr luaL_Reg functions[] = {{"__tostring", &handle_text},
                                           {"__eq", &handles_equal},
                                           {"__index", &handle_field},
                                           {nullptr, nullptr}};
  auto* place = static_cast<NamedHandle*>(lua_newuserdatauv(state, sizeof(NamedHandle), 0));
  *place = {handle, {}};
  name.copy(place->name, sizeof(place->name) - 1);
  set_metatable(state, handle_type, functions);
}

std::optional<Handle> to_handle(lua_State* state, int index) {
  const auto* found = static_cast<NamedHandle*>(luaL_testudata(state, index, handle_type));
  if (found == nullptr) return std::nullopt;
  return found->handle;
}

std::string handle_name(lua_State* state, int index) {
  return static_cast<NamedHandle*>(luaL_testudata(state, index, handle_type))->name;
}

void push_duration(lua_State* state, Duration duration) {
  static constexpr luaL_Reg functions[] = {
      {"__add", &add},       {"__sub", &subtract}, {"__mul", &multiply},
      {"__div", &divide},    {"__unm", &negate},   {"__lt", &is_less},
      {"__le", &is_at_most}, {"__eq", &is_equal},  {"__tostring", &handle_text},
      {nullptr, nullptr}};
  *static_cast<Duration*>(lua_newuserdatauv(state, sizeof(Duration), 0)) = duration;
  set_metatable(state, duration_type, functions);
}

std::optional<Duration> to_duration(lua_State* state, int index, const std::string& what) {
  if (const auto* found = static_cast<Duration*>(luaL_testudata(state, index, duration_type))) {
    return *found;
  }
  if (lua_type(state, index) != LUA_TSTRING) return std::nullopt;
  auto parsed = parse_duration(plain_text(state, index));
  if (!parsed) fail(state, what + ": " + parsed.error().what);
  return *parsed;
}

void push_value(lua_State* state, const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) {
    lua_pushboolean(state, *flag);
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    lua_pushinteger(state, *number);
  } else if (const auto* duration = std::get_if<Duration>(&value)) {
    push_duration(state, *duration);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    lua_pushlstring(state, text->data(), text->size());
  }
}

Value to_value(lua_State* state, int index, const Value& like, const std::string& what) {
  if (std::holds_alternative<bool>(like) && lua_isboolean(state, index)) {
    return lua_toboolean(state, index) != 0;
  }
  if (std::holds_alternative<std::int64_t>(like) && lua_type(state, index) == LUA_TNUMBER) {
    int is_whole = 0;
    const lua_Integer number = lua_tointegerx(state, index, &is_whole);
    if (is_whole != 0) return std::int64_t{number};
  }
  if (std::holds_alternative<Duration>(like)) {
    if (const auto duration = to_duration(state, index, what)) return *duration;
  }
  if (std::holds_alternative<std::string>(like) &&
      (lua_type(state, index) == LUA_TSTRING || to_handle(state, index))) {
    return plain_text(state, index);
  }
  fail(state, what + " is " + std::string(type_of(like)) + ", not " + described(state, index));
}

// -- arguments by position ------------------------------------------------------------------------

void Arguments::expect(int least, int most, std::string_view usage) const {
  const int count = lua_gettop(state_);
  if (count >= least && count <= most) return;
  fail(state_, word_ + " is written " + std::string(usage) + "; it was given " +
                   (count == 0 ? "nothing" : std::to_string(count) + " values"));
}

void Arguments::wrong(int index, std::string_view what, std::string_view expected) const {
  fail(state_, word_ + ": " + std::string(what) + " is " + std::string(expected) + ", not " +
                   described(state_, index));
}

std::string Arguments::text(int index, std::string_view what) const {
  if (lua_type(state_, index) != LUA_TSTRING) wrong(index, what, "a text in quotes");
  return plain_text(state_, index);
}

std::int64_t Arguments::number(int index, std::string_view what) const {
  int is_whole = 0;
  const lua_Integer number = lua_tointegerx(state_, index, &is_whole);
  if (lua_type(state_, index) != LUA_TNUMBER || is_whole == 0) wrong(index, what, "a whole number");
  return number;
}

Duration Arguments::duration(int index, std::string_view what) const {
  const auto duration = to_duration(state_, index, word_);
  if (!duration) wrong(index, what, "a duration such as \"500ms\" or 2*s");
  if (*duration < Duration::zero()) wrong(index, what, "a duration from 0 up");
  return *duration;
}

void Arguments::function(int index, std::string_view what) const {
  if (!lua_isfunction(state_, index)) wrong(index, what, "a function");
}

void Arguments::table(int index, std::string_view what) const {
  if (!lua_istable(state_, index)) wrong(index, what, "a table, { ... }");
}

// -- named fields ---------------------------------------------------------------------------------

Fields::Fields(lua_State* state, int index, std::string word)
    : state_(state), index_(index), word_(std::move(word)) {
  if (index_ != 0 && !lua_istable(state_, index_)) {
    fail(state_, word_ + " takes its fields in braces, " + word_ + " { name = value }, not " +
                     described(state_, index_));
  }
}

bool Fields::push(std::string_view name) {
  known_.emplace_back(name);
  if (index_ == 0) return false;
  lua_pushlstring(state_, name.data(), name.size());
  if (lua_rawget(state_, index_) != LUA_TNIL) return true;
  lua_pop(state_, 1);
  return false;
}

bool Fields::has(std::string_view name) {
  const bool found = push(name);
  if (found) lua_pop(state_, 1);
  return found;
}

void Fields::missing(std::string_view name, std::string_view what) const {
  fail(state_, word_ + ": " + std::string(name) + " is missing; it is " + std::string(what));
}

// REQUIRES: the value is on top of the stack.
void Fields::wrong(std::string_view name, std::string_view expected) {
  fail(state_, word_ + ": " + std::string(name) + " is " + std::string(expected) + ", not " +
                   described(state_, -1));
}

std::optional<std::string> Fields::text(std::string_view name) {
  if (!push(name)) return std::nullopt;
  if (lua_type(state_, -1) != LUA_TSTRING && !to_handle(state_, -1)) {
    wrong(name, "a text in quotes");
  }
  std::string result = plain_text(state_, -1);
  lua_pop(state_, 1);
  return result;
}

std::optional<std::int64_t> Fields::number(std::string_view name) {
  if (!push(name)) return std::nullopt;
  int is_whole = 0;
  const lua_Integer number = lua_tointegerx(state_, -1, &is_whole);
  if (lua_type(state_, -1) != LUA_TNUMBER || is_whole == 0) wrong(name, "a whole number");
  lua_pop(state_, 1);
  return number;
}

std::optional<Duration> Fields::difference(std::string_view name) {
  if (!push(name)) return std::nullopt;
  const auto duration = to_duration(state_, -1, word_ + ": " + std::string(name));
  if (!duration) wrong(name, "a duration such as \"500ms\" or 2*s");
  lua_pop(state_, 1);
  return duration;
}

std::optional<Duration> Fields::duration(std::string_view name) {
  const auto duration = difference(name);
  if (duration && *duration < Duration::zero()) {
    push(name);
    wrong(name, "a duration from 0 up");
  }
  return duration;
}

std::optional<bool> Fields::flag(std::string_view name) {
  if (!push(name)) return std::nullopt;
  if (!lua_isboolean(state_, -1)) wrong(name, "true or false");
  const bool flag = lua_toboolean(state_, -1) != 0;
  lua_pop(state_, 1);
  return flag;
}

std::optional<runtime::Ratio> Fields::ratio(std::string_view name) {
  if (!push(name)) return std::nullopt;
  const auto ratio = runtime::Ratio::parse(plain_text(state_, -1));
  const bool may_be = lua_type(state_, -1) == LUA_TSTRING || lua_type(state_, -1) == LUA_TNUMBER;
  if (!may_be || !ratio) wrong(name, "a probability such as \"1/10\", \"3%\" or 0.25");
  lua_pop(state_, 1);
  return *ratio;
}

Options Fields::options(const std::vector<Option>& known) {
  Options options(known);
  for (const Option& option : known) {
    if (!push(option.name)) continue;
    const std::string what = word_ + ": " + option.name;
    Value value = to_value(state_, -1, option.by_default, what);
    if (const auto* number = std::get_if<std::int64_t>(&value);
        number != nullptr && (*number < option.least || *number > option.most)) {
      wrong(option.name, "a whole number from " + std::to_string(option.least) + " to " +
                             std::to_string(option.most));
    }
    options.set(option.name, std::move(value));
    lua_pop(state_, 1);
  }
  return options;
}

void Fields::done() {
  if (index_ == 0) return;
  std::vector<std::string> unknown;
  for (lua_pushnil(state_); lua_next(state_, index_) != 0; lua_pop(state_, 1)) {
    if (lua_type(state_, -2) != LUA_TSTRING) {
      fail(state_, word_ + ": every field is written name = value, but one has no name: " +
                       described(state_, -1));
    }
    std::string name = plain_text(state_, -2);
    if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
      unknown.push_back(std::move(name));
    }
  }
  if (unknown.empty()) return;
  std::sort(unknown.begin(), unknown.end());  // the order of a Lua table is not ours to show
  std::sort(known_.begin(), known_.end());
  known_.erase(std::unique(known_.begin(), known_.end()), known_.end());
  fail(state_, word_ + ": unknown field \"" + unknown.front() + "\"" +
                   did_you_mean(unknown.front(), known_) + "; " +
                   (known_.empty() ? "it has none" : "known are " + listed(known_)));
}

}  // namespace glasshouse::scenarios

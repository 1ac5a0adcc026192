#include "scenarios/language/library.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "scenarios/language/arguments.h"

namespace glasshouse::scenarios {

namespace {

// A single text of a script. Longer ones could only be made to be long.
constexpr std::size_t text_max = 4 << 20;
// Steps that matching one pattern against one text may take.
constexpr double pattern_work_max = 2e8;

// -- keys in a defined order ----------------------------------------------------------------------

struct Key {
  enum class Rank { number, text, flag, handle } rank;
  lua_Number number = 0;
  lua_Integer integer = 0;
  bool is_integer = false;
  std::string text;

  friend bool operator<(const Key& left, const Key& right) {
    if (left.rank != right.rank) return left.rank < right.rank;
    if (left.rank == Rank::text) return left.text < right.text;
    if (left.is_integer && right.is_integer) return left.integer < right.integer;
    return left.number < right.number;
  }
};

Key key_at(lua_State* state, int index) {
  switch (lua_type(state, index)) {
    case LUA_TNUMBER: {
      Key key{Key::Rank::number, lua_tonumber(state, index), 0, false, {}};
      key.is_integer = lua_isinteger(state, index) != 0;
      if (key.is_integer) key.integer = lua_tointeger(state, index);
      return key;
    }
    case LUA_TSTRING: {
      std::size_t size = 0;
      const char* text = lua_tolstring(state, index, &size);
      return {Key::Rank::text, 0, 0, false, std::string(text, size)};
    }
    case LUA_TBOOLEAN:
      return {Key::Rank::flag, 0, lua_toboolean(state, index), true, {}};
    default:
      break;
  }
  if (const auto handle = to_handle(state, index)) {
    const auto number = (std::int64_t{static_cast<int>(handle->thing)} << 32) | handle->number;
    return {Key::Rank::handle, 0, number, true, {}};
  }
  fail(state,
       "the keys of this table have no order that is the same in every run: use numbers, "
       "texts, true or false, hosts or nodes as keys, not " +
           described(state, index));
}

// Leaves a list of the keys of the table at 1, in order, on the stack.
void push_sorted_keys(lua_State* state) {
  std::vector<Key> keys;
  lua_newtable(state);
  const int list = lua_gettop(state);
  lua_Integer count = 0;
  for (lua_pushnil(state); lua_next(state, 1) != 0; lua_pop(state, 1)) {
    keys.push_back(key_at(state, -2));
    lua_pushvalue(state, -2);
    lua_rawseti(state, list, ++count);
  }
  std::vector<lua_Integer> order(keys.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = static_cast<lua_Integer>(i);
  std::stable_sort(order.begin(), order.end(), [&](lua_Integer left, lua_Integer right) {
    return keys[static_cast<std::size_t>(left)] < keys[static_cast<std::size_t>(right)];
  });
  lua_createtable(state, static_cast<int>(order.size()), 0);
  for (std::size_t i = 0; i < order.size(); ++i) {
    lua_rawgeti(state, list, order[i] + 1);
    lua_rawseti(state, -2, static_cast<lua_Integer>(i) + 1);
  }
  lua_remove(state, list);
}

// Upvalues: the table, its sorted keys, the position. Keys that are gone by now are passed over.
int next_sorted(lua_State* state) {
  lua_Integer position = lua_tointeger(state, lua_upvalueindex(3));
  for (;;) {
    lua_rawgeti(state, lua_upvalueindex(2), ++position);
    if (lua_isnil(state, -1)) return 1;
    lua_pushvalue(state, -1);
    if (lua_rawget(state, lua_upvalueindex(1)) != LUA_TNIL) break;
    lua_pop(state, 2);
  }
  lua_pushinteger(state, position);
  lua_replace(state, lua_upvalueindex(3));
  return 2;
}

int pairs(lua_State* state) {
  Arguments(state, "pairs").table(1, "what to go through");
  lua_settop(state, 1);
  lua_pushvalue(state, 1);
  push_sorted_keys(state);
  lua_pushinteger(state, 0);
  lua_pushcclosure(state, &next_sorted, 3);
  return 1;
}

int next(lua_State* state) {
  Arguments(state, "next").table(1, "the table");
  lua_settop(state, 2);
  push_sorted_keys(state);
  const bool from_start = lua_isnil(state, 2);
  bool found = from_start;
  const auto count = static_cast<lua_Integer>(lua_rawlen(state, 3));
  for (lua_Integer i = 1; i <= count; ++i) {
    lua_rawgeti(state, 3, i);
    if (found) {
      lua_pushvalue(state, -1);
      lua_rawget(state, 1);
      return 2;
    }
    found = lua_rawequal(state, -1, 2) != 0;
    lua_pop(state, 1);
  }
  lua_pushnil(state);
  return 1;
}

// -- texts ----------------------------------------------------------------------------------------

int to_string(lua_State* state) {
  luaL_checkany(state, 1);
  const std::string text = plain_text(state, 1);
  lua_pushlstring(state, text.data(), text.size());
  return 1;
}

// Upvalue: Lua's own. What %s prints is made a text here, so that no address is ever printed.
int format(lua_State* state) {
  std::size_t size = 0;
  const char* pattern = luaL_checklstring(state, 1, &size);
  const std::string_view text(pattern, size);
  int argument = 1;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '%') continue;
    if (text[++i] == '%') continue;
    while (i < text.size() && std::string_view("-+ #0123456789.").find(text[i]) != text.npos)
      ++i;
    ++argument;
    if (i >= text.size()) break;
    if (text[i] == 'p') fail(state, "string.format: %p is an address, which differs in every run");
    if (text[i] != 's' || argument > lua_gettop(state)) continue;
    const std::string plain = plain_text(state, argument);
    lua_pushlstring(state, plain.data(), plain.size());
    lua_replace(state, argument);
  }
  lua_pushvalue(state, lua_upvalueindex(1));
  lua_insert(state, 1);
  lua_call(state, lua_gettop(state) - 1, 1);
  return 1;
}

int rep(lua_State* state) {
  const auto size = static_cast<double>(luaL_len(state, 1));
  const auto times = static_cast<double>(luaL_checkinteger(state, 2));
  std::size_t separator = 0;
  luaL_optlstring(state, 3, "", &separator);
  if (times > 0 && (size + static_cast<double>(separator)) * times > double{text_max}) {
    fail(state, "string.rep: this text would be longer than 4 MB");
  }
  lua_pushvalue(state, lua_upvalueindex(1));
  lua_insert(state, 1);
  lua_call(state, lua_gettop(state) - 1, 1);
  return 1;
}

// Matching tries every way to divide the text among the repetitions of a pattern, inside one
// instruction: the number of ways is bounded here.
// Upvalues: Lua's own, and the name.
int match_bounded(lua_State* state) {
  std::size_t size = 0;
  std::size_t pattern_size = 0;
  luaL_checklstring(state, 1, &size);
  const char* pattern = luaL_checklstring(state, 2, &pattern_size);
  double work = static_cast<double>(size) + 1;
  for (std::size_t i = 0; i < pattern_size; ++i) {
    if (pattern[i] == '%') {
      if (i + 1 < pattern_size && pattern[i + 1] == 'b') work *= static_cast<double>(size) + 1;
      ++i;
    } else if (std::string_view("*+-?").find(pattern[i]) != std::string_view::npos && i > 0) {
      work *= pattern[i] == '?' ? 2 : static_cast<double>(size) + 1;
    }
  }
  if (work > pattern_work_max) {
    fail(state, std::string(lua_tostring(state, lua_upvalueindex(2))) +
                    ": this pattern may take too long on a text of " + std::to_string(size) +
                    " bytes; use fewer of * + - or a shorter text");
  }
  lua_pushvalue(state, lua_upvalueindex(1));
  lua_insert(state, 1);
  lua_call(state, lua_gettop(state) - 1, LUA_MULTRET);
  return lua_gettop(state);
}

// -- lists ----------------------------------------------------------------------------------------

bool is_before(lua_State* state, int left, int right) {
  if (lua_isnoneornil(state, 2)) return lua_compare(state, left, right, LUA_OPLT) != 0;
  lua_pushvalue(state, 2);
  lua_pushvalue(state, left);
  lua_pushvalue(state, right);
  lua_call(state, 2, 1);
  const bool before = lua_toboolean(state, -1) != 0;
  lua_pop(state, 1);
  return before;
}

// Merges [first, middle) and [middle, last) of the list at 1 by way of the list at 3.
void merge(lua_State* state, lua_Integer first, lua_Integer middle, lua_Integer last) {
  lua_Integer left = first;
  lua_Integer right = middle;
  for (lua_Integer to = first; to < last; ++to) {
    bool take_right = left >= middle;
    if (!take_right && right < last) {
      lua_rawgeti(state, 1, left);
      lua_rawgeti(state, 1, right);
      const int top = lua_gettop(state);
      take_right = is_before(state, top, top - 1);
      lua_pop(state, 2);
    }
    lua_rawgeti(state, 1, take_right ? right++ : left++);
    lua_rawseti(state, 3, to);
  }
  for (lua_Integer i = first; i < last; ++i) {
    lua_rawgeti(state, 3, i);
    lua_rawseti(state, 1, i);
  }
}

// Stable, unlike Lua's own, which picks pivots by the clock.
int sort(lua_State* state) {
  const Arguments arguments(state, "table.sort");
  arguments.table(1, "the list to sort");
  if (!lua_isnoneornil(state, 2)) arguments.function(2, "the comparison");
  lua_settop(state, 2);
  const auto count = static_cast<lua_Integer>(list_length(state, 1, "table.sort"));
  lua_newtable(state);
  for (lua_Integer width = 1; width < count; width *= 2) {
    for (lua_Integer first = 1; first + width <= count; first += 2 * width) {
      merge(state, first, first + width, std::min(first + 2 * width, count + 1));
    }
  }
  return 0;
}

// -- the selection --------------------------------------------------------------------------------

void keep_only(lua_State* state, const char* library, const std::vector<std::string>& names) {
  lua_getglobal(state, library);
  lua_newtable(state);
  for (const std::string& name : names) {
    lua_getfield(state, -2, name.c_str());
    lua_setfield(state, -2, name.c_str());
  }
  lua_setglobal(state, library);
  lua_pop(state, 1);
}

void replace_with(lua_State* state, const char* library, const char* name, lua_CFunction by) {
  lua_getglobal(state, library);
  lua_getfield(state, -1, name);
  lua_pushstring(state, (std::string(library) + "." + name).c_str());
  lua_pushcclosure(state, by, 2);
  lua_setfield(state, -2, name);
  lua_pop(state, 1);
}

void open(lua_State* state, const char* name, lua_CFunction opener) {
  luaL_requiref(state, name, opener, 1);
  lua_pop(state, 1);
}

}  // namespace

void open_library(lua_State* state) {
  open(state, LUA_GNAME, luaopen_base);
  open(state, LUA_STRLIBNAME, luaopen_string);
  open(state, LUA_TABLIBNAME, luaopen_table);
  open(state, LUA_MATHLIBNAME, luaopen_math);

  keep_only(state, "string",
            {"byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "rep",
             "reverse", "sub", "upper"});
  keep_only(state, "table", {"concat", "insert", "pack", "remove", "unpack"});
  keep_only(state, "math",
            {"abs", "ceil", "floor", "fmod", "huge", "max", "maxinteger", "min", "mininteger", "pi",
             "sqrt", "tointeger", "type", "ult"});
  replace_with(state, "string", "format", &format);
  replace_with(state, "string", "rep", &rep);
  for (const char* name : {"find", "gmatch", "gsub", "match"}) {
    replace_with(state, "string", name, &match_bounded);
  }
  replace_with(state, "table", "sort", &sort);

  // Methods of texts, ("x"):rep(3), are looked up in this table.
  lua_pushstring(state, "");
  lua_getmetatable(state, -1);
  lua_getglobal(state, "string");
  lua_setfield(state, -2, "__index");
  lua_pop(state, 2);

  for (const char* name : {"collectgarbage", "dofile", "getmetatable", "load", "loadfile", "pcall",
                           "print", "require", "setmetatable", "warn", "xpcall"}) {
    lua_pushnil(state);
    lua_setglobal(state, name);
  }
  lua_register(state, "pairs", &pairs);
  lua_register(state, "next", &next);
  lua_register(state, "tostring", &to_string);
  // The loaded libraries as Lua lists them are still the complete ones: nobody may reach them.
  lua_pushnil(state);
  lua_setfield(state, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
}

}  // namespace glasshouse::scenarios

#include "scenarios/language/words.h"

#include <lauxlib.h>
#include <lua.h>

namespace glasshouse::scenarios {

void Context::require_declaring(lua_State* state, const std::string& word) const {
  if (stage == nullptr) return;
  fail(state, word +
                  " declares what is there before the run begins; write it at the top of the "
                  "scenario, not in a function that is called while it runs");
}

Stage& Context::require_running(lua_State* state, const std::string& word) const {
  if (stage != nullptr) return *stage;
  fail(state,
       word + " looks at a run; call it in a function given to at, every, when or a property");
}

void Context::give_up(runtime::Error error) {
  failed = true;
  stage->fail(std::move(error));
}

Callback Context::keep_callback(lua_State* state, int index) {
  Callback callback;
  const int top = lua_gettop(state);
  callback.arguments = top - index;
  lua_createtable(state, callback.arguments + 1, 0);
  for (int i = index; i <= top; ++i) {
    lua_pushvalue(state, i);
    lua_rawseti(state, -2, i - index + 1);
  }
  callback.packed = sandbox.keep();
  callback.stream = runtime::hash_combine(stream, ++streams_made);
  return callback;
}

bool Context::call(const Callback& callback, int results, std::optional<std::int64_t> value) {
  if (failed) return false;
  lua_State* state = sandbox.state();
  sandbox.push(callback.packed);
  const int packed = lua_gettop(state);
  for (int i = 1; i <= callback.arguments + 1; ++i)
    lua_rawgeti(state, packed, i);
  lua_remove(state, packed);
  if (value) lua_pushinteger(state, *value);
  const std::uint64_t stream_before = std::exchange(stream, callback.stream);
  const auto outcome = sandbox.call(callback.arguments + (value ? 1 : 0), results);
  stream = stream_before;
  if (!outcome) give_up(outcome.error());
  return outcome.ok();
}

void add_word(lua_State* state, const char* word, int (*function)(lua_State*), void* words) {
  lua_pushlightuserdata(state, words);
  lua_pushcclosure(state, function, 1);
  lua_setglobal(state, word);
}

void add_word_to(lua_State* state, const char* table, const char* word, int (*function)(lua_State*),
                 void* words) {
  if (lua_getglobal(state, table) != LUA_TTABLE) {
    lua_pop(state, 1);
    lua_newtable(state);
    lua_pushvalue(state, -1);
    lua_setglobal(state, table);
  }
  lua_pushlightuserdata(state, words);
  lua_pushcclosure(state, function, 1);
  lua_setfield(state, -2, word);
  lua_pop(state, 1);
}

void* words_of(lua_State* state) {
  return lua_touserdata(state, lua_upvalueindex(1));
}

}  // namespace glasshouse::scenarios

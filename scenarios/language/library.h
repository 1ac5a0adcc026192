#pragma once
// The part of Lua's standard library that scenarios have. Left out: os, io, debug, package,
// coroutine, load, require, pcall, collectgarbage, metatables, random numbers and what depends on
// the system's mathematics library. Replaced: pairs and next (sorted keys), tostring and
// string.format (no addresses), table.sort (stable), patterns (bounded work).

struct lua_State;

namespace glasshouse::scenarios {

void open_library(lua_State* state);

}  // namespace glasshouse::scenarios

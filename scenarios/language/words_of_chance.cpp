// one_of, some_of, shuffled, between, chance: what the seed decides. Every function of a scenario
// draws from a stream of its own, so that one more draw here changes nothing there.

#include <lauxlib.h>
#include <lua.h>

#include "scenarios/language/words.h"

namespace glasshouse::scenarios {

Chances::Chances(Context& context) : context_(context) {
  lua_State* state = context_.sandbox.state();
  add_word(state, "one_of", &call_word<Chances, &Chances::one_of>, this);
  add_word(state, "some_of", &call_word<Chances, &Chances::some_of>, this);
  add_word(state, "shuffled", &call_word<Chances, &Chances::shuffled>, this);
  add_word(state, "between", &call_word<Chances, &Chances::between>, this);
  add_word(state, "chance", &call_word<Chances, &Chances::chance>, this);
}

int Chances::one_of(lua_State* state) {
  const Arguments arguments(state, "one_of");
  arguments.expect(1, 1, "one_of { a, b, c }");
  arguments.table(1, "what to choose from");
  const auto count = list_length(state, 1, "one_of");
  if (count == 0) fail(state, "one_of: there is nothing in the list to choose from");
  const std::uint64_t chosen = context_.draw_below(static_cast<std::uint64_t>(count));
  lua_rawgeti(state, 1, static_cast<lua_Integer>(chosen) + 1);
  return 1;
}

std::vector<std::int64_t> Chances::shuffled_positions(std::int64_t count) {
  std::vector<std::int64_t> positions(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < positions.size(); ++i)
    positions[i] = static_cast<std::int64_t>(i) + 1;
  for (std::size_t i = positions.size(); i > 1; --i) {
    std::swap(positions[i - 1], positions[context_.draw_below(i)]);
  }
  return positions;
}

int Chances::some_of(lua_State* state) {
  const Arguments arguments(state, "some_of");
  arguments.expect(2, 2, "some_of(list, how_many)");
  arguments.table(1, "what to choose from");
  const std::int64_t wanted = arguments.number(2, "how many");
  const auto count = list_length(state, 1, "some_of");
  if (wanted < 0 || wanted > count) {
    fail(state, "some_of: the list has " + std::to_string(count) + " things; " +
                    std::to_string(wanted) + " cannot be chosen");
  }
  const std::vector<std::int64_t> positions = shuffled_positions(count);
  lua_createtable(state, static_cast<int>(wanted), 0);
  for (std::int64_t i = 0; i < wanted; ++i) {
    lua_rawgeti(state, 1, positions[static_cast<std::size_t>(i)]);
    lua_rawseti(state, -2, i + 1);
  }
  return 1;
}

int Chances::shuffled(lua_State* state) {
  const Arguments arguments(state, "shuffled");
  arguments.expect(1, 1, "shuffled(list)");
  arguments.table(1, "the list");
  lua_pushinteger(state, list_length(state, 1, "shuffled"));
  return some_of(state);
}

int Chances::between(lua_State* state) {
  const Arguments arguments(state, "between");
  arguments.expect(2, 2, "between(least, most), both whole numbers or both durations");
  if (lua_type(state, 1) == LUA_TNUMBER) {
    const std::int64_t least = arguments.number(1, "the least");
    const std::int64_t most = arguments.number(2, "the most");
    if (least > most) fail(state, "between: the least is above the most");
    const std::uint64_t width =
        static_cast<std::uint64_t>(most) - static_cast<std::uint64_t>(least) + 1;
    const std::uint64_t drawn = width == 0 ? context_.draw() : context_.draw_below(width);
    const std::uint64_t chosen = static_cast<std::uint64_t>(least) + drawn;
    lua_pushinteger(state, static_cast<lua_Integer>(chosen));
    return 1;
  }
  const Duration least = arguments.duration(1, "the least");
  const Duration most = arguments.duration(2, "the most");
  if (least > most) fail(state, "between: the least is above the most");
  const auto width = static_cast<std::uint64_t>((most - least).nanoseconds()) + 1;
  const auto drawn = static_cast<std::int64_t>(context_.draw_below(width));
  push_duration(state, least + Duration::nanoseconds(drawn));
  return 1;
}

int Chances::chance(lua_State* state) {
  const Arguments arguments(state, "chance");
  arguments.expect(1, 1, "chance \"1/10\"");
  const bool may_be = lua_type(state, 1) == LUA_TSTRING || lua_type(state, 1) == LUA_TNUMBER;
  const auto ratio = runtime::Ratio::parse(plain_text(state, 1));
  if (!may_be || !ratio) {
    arguments.wrong(1, "the probability", "written \"1/10\", \"3%\" or 0.25");
  }
  lua_pushboolean(state, ratio->happens(context_.draw()));
  return 1;
}

}  // namespace glasshouse::scenarios

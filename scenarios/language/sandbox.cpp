#include "scenarios/language/sandbox.h"

#include <cstdlib>
#include <utility>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "runtime/base/check.h"
#include "scenarios/language/arguments.h"
#include "scenarios/language/library.h"

namespace glasshouse::scenarios {

using runtime::Error;

namespace {

// Instructions between two looks at the limits.
constexpr int instructions_per_look = 1'000;
// What an allocation costs, beside its instruction: long texts must not come for free.
constexpr std::int64_t bytes_per_instruction = 64;
// The line is known when the limit is seen by a look; an allocation far beyond it fails at once.
constexpr std::size_t memory_beyond_look = 16 << 20;
// Lua shows at most so many characters of a chunk's name in its own sentences.
constexpr std::size_t chunk_name_max = 56;

std::string shown_name(const std::string& file) {
  if (file.size() <= chunk_name_max) return file;
  const auto slash = file.rfind('/');
  const std::string name = slash == std::string::npos ? file : file.substr(slash + 1);
  return name.size() <= chunk_name_max ? name : name.substr(name.size() - chunk_name_max);
}

// Errors of Lua's own C functions do not say where they were called.
int complete_sentence(lua_State* state) {
  if (!lua_isstring(state, 1)) {
    const std::string sentence =
        where(state) + "error was called with " + described(state, 1) + "; give it a sentence";
    lua_pushlstring(state, sentence.data(), sentence.size());
    return 1;
  }
  const std::string sentence = plain_text(state, 1);
  if (Sandbox::of(state).is_placed(sentence)) return 1;
  const std::string whole = where(state) + sentence;
  lua_pushlstring(state, whole.data(), whole.size());
  return 1;
}

std::string megabytes(std::size_t bytes) {
  return std::to_string(bytes >> 20) + " MB";
}

}  // namespace

void* Sandbox::allocate(void* sandbox, void* block, std::size_t old_size, std::size_t new_size) {
  auto& self = *static_cast<Sandbox*>(sandbox);
  if (block == nullptr) old_size = 0;  // then it says what kind of thing is made
  if (new_size == 0) {
    std::free(block);
    self.memory_used_ -= old_size;
    return nullptr;
  }
  if (new_size > old_size) {
    self.fuel_ -= static_cast<std::int64_t>(new_size - old_size) / bytes_per_instruction;
    const std::size_t most = self.limits_.memory_max + memory_beyond_look;
    if (self.inside_ && self.memory_used_ + (new_size - old_size) > most) return nullptr;
  }
  void* moved = std::realloc(block, new_size);
  if (moved != nullptr) self.memory_used_ += new_size - old_size;
  return moved;
}

void Sandbox::count(lua_State* state, lua_Debug* where) {
  Sandbox& self = of(state);
  lua_getinfo(state, "Sl", where);
  self.last_line_ = where->currentline;
  self.fuel_ -= instructions_per_look;
  if (self.fuel_ <= 0) {
    fail(state, "this did not end after " + std::to_string(self.limits_.instructions_max) +
                    " instructions; a loop in a scenario must come to an end (what shall go on "
                    "in virtual time is written with every)");
  }
  if (self.memory_used_ > self.limits_.memory_max) {
    fail(state, "the script uses more than " + megabytes(self.limits_.memory_max) +
                    " of memory; keep less");
  }
}

Sandbox::Sandbox(std::string file, SandboxLimits limits)
    : file_(std::move(file)), chunk_("=" + shown_name(file_)), limits_(limits) {
  fuel_ = limits_.instructions_max;
  state_ = lua_newstate(&allocate, this);
  CHECK(state_ != nullptr);
  *static_cast<Sandbox**>(lua_getextraspace(state_)) = this;
  open_library(state_);
}

Sandbox::~Sandbox() {
  lua_close(state_);
}

Sandbox& Sandbox::of(lua_State* state) {
  return **static_cast<Sandbox**>(lua_getextraspace(state));
}

Result<void> Sandbox::run(std::string_view text) {
  // Binary chunks are not checked by Lua and could do anything: mode "t" refuses them.
  const int loaded = luaL_loadbufferx(state_, text.data(), text.size(), chunk_.c_str(), "t");
  if (loaded != LUA_OK) {
    std::string what = plain_text(state_, -1);
    lua_pop(state_, 1);
    if (loaded == LUA_ERRMEM) what = "the script is too large";
    if (text.starts_with(LUA_SIGNATURE))
      what = "this is compiled Lua; a scenario is written as text";
    if (what == "C stack overflow") what = "brackets or functions are nested too deeply";
    if (!is_placed(what)) what = chunk_.substr(1) + ": " + what;
    return Error(std::move(what));
  }
  return call(0, 0);
}

Result<void> Sandbox::call(int arguments, int results) {
  fuel_ = limits_.instructions_max;
  last_line_ = 0;
  lua_sethook(state_, &count, LUA_MASKCOUNT, instructions_per_look);
  const int function = lua_gettop(state_) - arguments;
  lua_pushcfunction(state_, &complete_sentence);
  lua_insert(state_, function);
  const bool was_inside = std::exchange(inside_, true);
  const int outcome = lua_pcall(state_, arguments, results, function);
  inside_ = was_inside;
  lua_remove(state_, function);
  if (outcome == LUA_OK) return {};
  std::string what = plain_text(state_, -1);
  if (outcome == LUA_ERRMEM) {
    what = chunk_.substr(1) + ":" +
           (last_line_ > 0 ? std::to_string(last_line_) + ": near here " : " ") +
           "the script uses more than " + megabytes(limits_.memory_max) + " of memory; keep less";
  }
  lua_pop(state_, 1);
  lua_gc(state_, LUA_GCCOLLECT);
  return Error(std::move(what));
}

bool Sandbox::is_placed(std::string_view sentence) const {
  return sentence.starts_with(std::string_view(chunk_).substr(1));
}

FunctionNumber Sandbox::keep() {
  return luaL_ref(state_, LUA_REGISTRYINDEX);
}

void Sandbox::push(FunctionNumber function) const {
  lua_rawgeti(state_, LUA_REGISTRYINDEX, function);
}

}  // namespace glasshouse::scenarios

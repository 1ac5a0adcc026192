#pragma once
// A Lua state that can do nothing but compute: no files, no clock, no randomness, no addresses, no
// loading of code, and nothing whose order could differ between two runs. A script that loops for
// ever or eats memory ends with an error that names its line.
//
// Threads: one at a time. The state is deterministic: the same text and the same answers of the
// functions given to it lead to the same calls in the same order.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/base/result.h"

struct lua_Debug;
struct lua_State;

namespace glasshouse::scenarios {

using runtime::Result;

struct SandboxLimits {
  std::size_t memory_max = 64 << 20;           // bytes
  std::int64_t instructions_max = 20'000'000;  // in one call from outside
};

// A function of a script that is kept for later.
using FunctionNumber = int;

class Sandbox {
 public:
  // `file` is the name that error sentences begin with.
  explicit Sandbox(std::string file, SandboxLimits limits = {});
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;
  ~Sandbox();

  // For whoever adds words to the language.
  lua_State* state() const { return state_; }
  const std::string& file() const { return file_; }

  // Runs the text as a script. Errors: "kv.lua:3: what is wrong".
  Result<void> run(std::string_view text);

  // Calls what is on the stack: a function and `arguments` values; leaves `results` values there.
  Result<void> call(int arguments, int results);

  // Takes the function on top of the stack.
  FunctionNumber keep();
  void push(FunctionNumber function) const;

  // Of this script or of one of its functions. REQUIRES: `state` belongs to a Sandbox.
  static Sandbox& of(lua_State* state);

  // It begins with the name of the file.
  bool is_placed(std::string_view sentence) const;

  std::size_t memory_used() const { return memory_used_; }

 private:
  static void* allocate(void* sandbox, void* block, std::size_t old_size, std::size_t new_size);
  static void count(lua_State* state, lua_Debug* where);

  std::string file_;
  std::string chunk_;
  SandboxLimits limits_;
  lua_State* state_ = nullptr;
  std::size_t memory_used_ = 0;
  bool inside_ = false;  // a script runs: only then is an allocation refused
  std::int64_t fuel_ = 0;
  int last_line_ = 0;
};

}  // namespace glasshouse::scenarios

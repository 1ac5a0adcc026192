#pragma once
// What each command of the protocol means: a reply at once, or steps for shards and a way to put
// their results together. Pure functions.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/kv/messages.h"

namespace glasshouse::scenarios::kv {

struct CommandPlan {
  enum class Kind : std::uint8_t {
    reply,      // `reply` says it all
    quit,       // as reply; then the connection ends
    who,        // the reply is the number of the connection
    steps,      // each for the shard of its key
    all_shards  // the one step is for every shard
  };
  // How the results of the steps become one reply.
  enum class Shape : std::uint8_t { one, list, sum };
  Kind kind = Kind::reply;
  Shape shape = Shape::one;
  std::string reply{};
  std::vector<Step> steps{};
};

// REQUIRES: there is at least one argument, the command's name.
CommandPlan plan_command(const std::vector<std::string_view>& arguments);

// The reply to a command whose steps had these results. The first error stands for all.
void append_reply(std::string& out, CommandPlan::Shape shape, std::span<const StepResult> results);

// Which of `shards` keeps a key: equal in every run and on every machine.
std::uint32_t shard_of(std::string_view key, std::uint32_t shards);

StepResult error_result(std::string_view message);

}  // namespace glasshouse::scenarios::kv

#include "scenarios/kv/commands.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "runtime/base/check.h"
#include "runtime/base/hash.h"
#include "scenarios/kv/resp.h"

namespace glasshouse::scenarios::kv {

namespace {

using Arguments = std::vector<std::string_view>;
using Kind = CommandPlan::Kind;
using Shape = CommandPlan::Shape;
using Said = StepResult::Said;

constexpr std::size_t shown_name_max = 128;  // of an unknown command

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& letter : result) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return result;
}

CommandPlan ok() {
  CommandPlan plan;
  append_simple(plan.reply, "OK");
  return plan;
}

CommandPlan error(std::string_view message) {
  CommandPlan plan;
  append_error(plan.reply, message);
  return plan;
}

CommandPlan one_step(Verb verb, std::string_view key, std::string_view value = {}) {
  CommandPlan plan{.kind = Kind::steps};
  plan.steps.push_back({.verb = verb, .key = Binary(key), .value = Binary(value)});
  return plan;
}

CommandPlan one_step_each(Verb verb, Shape shape, const Arguments& arguments) {
  CommandPlan plan{.kind = Kind::steps, .shape = shape};
  plan.steps.reserve(arguments.size() - 1);
  for (std::size_t i = 1; i < arguments.size(); ++i)
    plan.steps.push_back({.verb = verb, .key = Binary(arguments[i])});
  return plan;
}

CommandPlan ping(const Arguments& arguments) {
  CommandPlan plan;
  if (arguments.size() == 1) {
    append_simple(plan.reply, "PONG");
  } else {
    append_bulk(plan.reply, arguments[1]);
  }
  return plan;
}

CommandPlan echo(const Arguments& arguments) {
  CommandPlan plan;
  append_bulk(plan.reply, arguments[1]);
  return plan;
}

CommandPlan get(const Arguments& arguments) {
  return one_step(Verb::get, arguments[1]);
}
CommandPlan incr(const Arguments& arguments) {
  return one_step(Verb::incr, arguments[1]);
}

CommandPlan set(const Arguments& arguments) {
  Verb verb = Verb::set;
  for (std::size_t i = 3; i < arguments.size(); ++i) {
    const std::string option = lower(arguments[i]);
    const bool is_expiry = option == "ex" || option == "px" || option == "exat" ||
                           option == "pxat" || option == "keepttl";
    if (is_expiry || option == "get") {
      return error("ERR the option " + std::string(arguments[i]) + " of SET is not supported");
    }
    const bool is_condition = option == "nx" || option == "xx";
    if (!is_condition || verb != Verb::set) return error("ERR syntax error");
    verb = option == "nx" ? Verb::set_if_absent : Verb::set_if_present;
  }
  return one_step(verb, arguments[1], arguments[2]);
}

CommandPlan del(const Arguments& arguments) {
  return one_step_each(Verb::del, Shape::sum, arguments);
}

CommandPlan mget(const Arguments& arguments) {
  return one_step_each(Verb::get, Shape::list, arguments);
}

CommandPlan dbsize(const Arguments&) {
  CommandPlan plan{.kind = Kind::all_shards, .shape = Shape::sum};
  plan.steps.push_back({.verb = Verb::count});
  return plan;
}

CommandPlan quit(const Arguments&) {
  CommandPlan plan = ok();
  plan.kind = Kind::quit;
  return plan;
}

CommandPlan unknown_subcommand(const Arguments& arguments) {
  std::string name = lower(arguments[0]);
  for (char& letter : name)
    letter = static_cast<char>(letter >= 'a' && letter <= 'z' ? letter - 'a' + 'A' : letter);
  return error("ERR unknown subcommand '" + std::string(arguments[1].substr(0, shown_name_max)) +
               "'. Try " + name + " HELP.");
}

CommandPlan select(const Arguments& arguments) {
  const auto index = parse_integer(arguments[1]);
  if (!index) return error("ERR value is not an integer or out of range");
  return *index == 0 ? ok() : error("ERR DB index is out of range");
}

// What redis-cli and redis-benchmark ask for when they start; the rest we do not have.
CommandPlan config(const Arguments& arguments) {
  if (lower(arguments[1]) != "get") return unknown_subcommand(arguments);
  if (arguments.size() < 3) {
    return error("ERR wrong number of arguments for 'config|get' command");
  }
  CommandPlan plan;
  std::vector<std::string_view> found;
  for (std::size_t i = 2; i < arguments.size(); ++i) {
    const std::string name = lower(arguments[i]);
    if (name == "save") found.insert(found.end(), {"save", ""});
    if (name == "appendonly") found.insert(found.end(), {"appendonly", "yes"});
  }
  append_array(plan.reply, found.size());
  for (const std::string_view word : found)
    append_bulk(plan.reply, word);
  return plan;
}

CommandPlan client(const Arguments& arguments) {
  const std::string what = lower(arguments[1]);
  if (what == "setname" || what == "setinfo") return ok();
  CommandPlan plan;
  if (what == "getname") {
    append_nil(plan.reply);
    return plan;
  }
  if (what == "id") return {.kind = Kind::who};
  return unknown_subcommand(arguments);
}

CommandPlan hello(const Arguments& arguments) {
  if (arguments.size() > 1) {
    const auto version = parse_integer(arguments[1]);
    if (!version) return error("ERR Protocol version is not an integer or out of range");
    if (*version != 2) return error("NOPROTO unsupported protocol version");
  }
  CommandPlan plan;
  append_array(plan.reply, 8);
  append_bulk(plan.reply, "server");
  append_bulk(plan.reply, "glasshouse-kv");
  append_bulk(plan.reply, "proto");
  append_integer(plan.reply, 2);
  append_bulk(plan.reply, "mode");
  append_bulk(plan.reply, "standalone");
  append_bulk(plan.reply, "role");
  append_bulk(plan.reply, "master");
  return plan;
}

CommandPlan command(const Arguments& arguments);

struct Known {
  std::string_view name;
  std::size_t least;  // arguments, the name among them
  std::size_t most;
  CommandPlan (*plan)(const Arguments&);
};

constexpr std::array<Known, 14> known_commands{{
    {"get", 2, 2, get},
    {"set", 3, arguments_max, set},
    {"incr", 2, 2, incr},
    {"del", 2, arguments_max, del},
    {"mget", 2, arguments_max, mget},
    {"ping", 1, 2, ping},
    {"echo", 2, 2, echo},
    {"dbsize", 1, 1, dbsize},
    {"command", 1, arguments_max, command},
    {"config", 2, arguments_max, config},
    {"client", 2, arguments_max, client},
    {"hello", 1, arguments_max, hello},
    {"select", 2, 2, select},
    {"quit", 1, arguments_max, quit},
}};

// We describe no command; tools that ask go on without.
CommandPlan command(const Arguments& arguments) {
  CommandPlan plan;
  const std::string what = arguments.size() > 1 ? lower(arguments[1]) : "";
  if (what == "count") {
    append_integer(plan.reply, static_cast<std::int64_t>(known_commands.size()));
  } else if (what.empty() || what == "docs" || what == "info" || what == "list") {
    append_array(plan.reply, 0);
  } else {
    return unknown_subcommand(arguments);
  }
  return plan;
}

CommandPlan unknown(const Arguments& arguments) {
  std::string message = "ERR unknown command '";
  message.append(arguments[0].substr(0, shown_name_max));
  message += "', with args beginning with: ";
  std::string shown;
  for (std::size_t i = 1; i < arguments.size() && shown.size() < shown_name_max; ++i) {
    shown += "'";
    shown.append(arguments[i].substr(0, shown_name_max - shown.size()));
    shown += "' ";
  }
  return error(message + shown);
}

bool says(std::string_view argument, std::string_view lower_name) {
  return argument.size() == lower_name.size() &&
         std::equal(
             argument.begin(), argument.end(), lower_name.begin(), [](char left, char right) {
               return left == right || (left >= 'A' && left <= 'Z' && left - 'A' + 'a' == right);
             });
}

}  // namespace

CommandPlan plan_command(const Arguments& arguments) {
  CHECK(!arguments.empty());
  for (const Known& known : known_commands) {
    if (!says(arguments[0], known.name)) continue;
    if (arguments.size() < known.least || arguments.size() > known.most) {
      return error("ERR wrong number of arguments for '" + std::string(known.name) + "' command");
    }
    return known.plan(arguments);
  }
  return unknown(arguments);
}

namespace {

void append_result(std::string& out, const StepResult& result) {
  switch (result.said) {
    case Said::ok:
      append_simple(out, "OK");
      break;
    case Said::nil:
      append_nil(out);
      break;
    case Said::bytes:
      append_bulk(out, result.bytes.view());
      break;
    case Said::integer:
      append_integer(out, result.number);
      break;
    case Said::error:
      append_error(out, result.bytes.view());
      break;
  }
}

}  // namespace

void append_reply(std::string& out, Shape shape, std::span<const StepResult> results) {
  if (shape == Shape::one) return append_result(out, results.front());
  for (const StepResult& result : results) {
    if (result.said == Said::error) return append_result(out, result);
  }
  if (shape == Shape::sum) {
    std::int64_t sum = 0;
    for (const StepResult& result : results)
      sum += result.number;
    return append_integer(out, sum);
  }
  append_array(out, results.size());
  for (const StepResult& result : results)
    append_result(out, result);
}

std::uint32_t shard_of(std::string_view key, std::uint32_t shards) {
  return static_cast<std::uint32_t>(runtime::hash_bytes(key) % shards);
}

StepResult error_result(std::string_view message) {
  return {.said = Said::error, .bytes = Binary(message)};
}

}  // namespace glasshouse::scenarios::kv

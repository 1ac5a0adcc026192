#include "scenarios/kv/commands.h"

#include "tests/catch.h"

namespace glasshouse::scenarios::kv {

namespace {

using Kind = CommandPlan::Kind;
using Shape = CommandPlan::Shape;
using Said = StepResult::Said;

std::string reply_to(const std::vector<std::string_view>& arguments) {
  const CommandPlan plan = plan_command(arguments);
  REQUIRE(plan.kind == Kind::reply);
  return plan.reply;
}

std::string joined(Shape shape, std::vector<StepResult> results) {
  std::string out;
  append_reply(out, shape, results);
  return out;
}

StepResult integer(std::int64_t number) {
  return {.said = Said::integer, .number = number};
}
StepResult bytes(std::string_view text) {
  return {.said = Said::bytes, .bytes = Binary(text)};
}

}  // namespace

TEST_CASE("what needs no key is answered at once", "[kv][commands]") {
  REQUIRE(reply_to({"PING"}) == "+PONG\r\n");
  REQUIRE(reply_to({"ping", "hi"}) == "$2\r\nhi\r\n");
  REQUIRE(reply_to({"ECHO", "x"}) == "$1\r\nx\r\n");
  REQUIRE(reply_to({"SELECT", "0"}) == "+OK\r\n");
  REQUIRE(reply_to({"CLIENT", "SETNAME", "me"}) == "+OK\r\n");
  REQUIRE(reply_to({"COMMAND", "DOCS"}) == "*0\r\n");
  REQUIRE(reply_to({"CONFIG", "GET", "save"}) == "*2\r\n$4\r\nsave\r\n$0\r\n\r\n");
  REQUIRE(reply_to({"CONFIG", "GET", "other"}) == "*0\r\n");
  REQUIRE(reply_to({"HELLO", "2"}).starts_with("*8\r\n"));
  REQUIRE(plan_command({"quit"}).kind == Kind::quit);
}

TEST_CASE("errors are worded as Redis words them", "[kv][commands]") {
  REQUIRE(reply_to({"GET"}) == "-ERR wrong number of arguments for 'get' command\r\n");
  REQUIRE(reply_to({"Set", "a"}) == "-ERR wrong number of arguments for 'set' command\r\n");
  REQUIRE(reply_to({"flushall", "x", "y"}) ==
          "-ERR unknown command 'flushall', with args beginning with: 'x' 'y' \r\n");
  REQUIRE(reply_to({"SET", "a", "b", "NX", "XX"}) == "-ERR syntax error\r\n");
  REQUIRE(reply_to({"SET", "a", "b", "banana"}) == "-ERR syntax error\r\n");
  REQUIRE(reply_to({"SET", "a", "b", "EX", "10"}) ==
          "-ERR the option EX of SET is not supported\r\n");
  REQUIRE(reply_to({"SELECT", "1"}) == "-ERR DB index is out of range\r\n");
  REQUIRE(reply_to({"HELLO", "3"}) == "-NOPROTO unsupported protocol version\r\n");
  REQUIRE(reply_to({"CLIENT", "KILL"}) == "-ERR unknown subcommand 'KILL'. Try CLIENT HELP.\r\n");
}

TEST_CASE("an unknown command cannot break the reply it is named in", "[kv][commands]") {
  REQUIRE(reply_to({"a\r\n+OK", "b\r\n"}) ==
          "-ERR unknown command 'a  +OK', with args beginning with: 'b  ' \r\n");
  const std::string huge(100'000, 'x');
  REQUIRE(reply_to({huge, huge, huge}).size() < 1000);
}

TEST_CASE("commands with keys become steps for the shards of the keys", "[kv][commands]") {
  const CommandPlan set = plan_command({"set", "k", "v", "nx"});
  REQUIRE(set.kind == Kind::steps);
  REQUIRE(set.steps.at(0).verb == Verb::set_if_absent);
  REQUIRE(set.steps.at(0).key.view() == "k");
  REQUIRE(set.steps.at(0).value.view() == "v");
  const CommandPlan mget = plan_command({"MGET", "a", "b", "a"});
  REQUIRE(mget.shape == Shape::list);
  REQUIRE(mget.steps.size() == 3);
  REQUIRE(plan_command({"DEL", "a", "b"}).shape == Shape::sum);
  REQUIRE(plan_command({"DBSIZE"}).kind == Kind::all_shards);
}

TEST_CASE("results become one reply, and any error is the reply", "[kv][commands]") {
  REQUIRE(joined(Shape::one, {StepResult{.said = Said::ok}}) == "+OK\r\n");
  REQUIRE(joined(Shape::one, {StepResult{}}) == "$-1\r\n");
  REQUIRE(joined(Shape::list, {bytes("a"), StepResult{}}) == "*2\r\n$1\r\na\r\n$-1\r\n");
  REQUIRE(joined(Shape::sum, {integer(1), integer(0), integer(2)}) == ":3\r\n");
  REQUIRE(joined(Shape::sum, {integer(1), error_result("TRYAGAIN x")}) == "-TRYAGAIN x\r\n");
  REQUIRE(joined(Shape::list, {bytes("a"), error_result("TRYAGAIN x")}) == "-TRYAGAIN x\r\n");
}

TEST_CASE("a key has the same shard in every run", "[kv][commands]") {
  std::vector<int> keys_of(4);
  for (int i = 0; i < 1000; ++i)
    ++keys_of.at(shard_of("key:" + std::to_string(i), 4));
  for (const int count : keys_of)
    REQUIRE((count > 200 && count < 300));
  REQUIRE(shard_of("anything", 1) == 0);
  REQUIRE(shard_of("key:000000000042", 256) == 21);
}

}  // namespace glasshouse::scenarios::kv

#include "scenarios/kv/resp.h"

#include <string>
#include <vector>

#include "runtime/base/random.h"
#include "tests/catch.h"
#include "tests/fuzz/corpus.h"
#include "tests/fuzz/resp.h"

namespace glasshouse::scenarios::kv {

namespace {

using namespace std::string_literals;
using Status = CommandParser::Status;
using Words = std::vector<std::string>;

std::string error_of(std::string_view bytes) {
  return parse_commands(bytes, bytes.size()).error;
}

}  // namespace

TEST_CASE("a command is an array of bulk strings, whatever bytes they hold", "[kv][resp]") {
  const std::string bytes = "*3\r\n$3\r\nSET\r\n$5\r\na\r\n\0b\r\n$0\r\n\r\n"s;
  const ParsedCommands parsed = parse_commands(bytes, bytes.size());
  REQUIRE(parsed.commands == std::vector<Words>{{"SET", std::string("a\r\n\0b", 5), ""}});
  REQUIRE(parsed.error.empty());
}

TEST_CASE("a stream of commands reads the same in pieces of any size", "[kv][resp]") {
  std::string bytes = "PING\r\n*1\r\n$4\r\nPING\r\n\r\n*0\r\nset \"a b\" 'c'\n";
  append_command(bytes, {"GET", std::string(300, 'k')});
  append_command(bytes, {"MGET", "a", "", "c"});
  const ParsedCommands whole = parse_commands(bytes, bytes.size());
  REQUIRE(whole.commands.size() == 5);
  REQUIRE(whole.commands[2] == Words{"set", "a b", "c"});
  for (std::size_t piece = 1; piece < bytes.size(); ++piece) {
    REQUIRE(parse_commands(bytes, piece) == whole);
  }
}

TEST_CASE("inline commands have quotes and escapes as redis-cli writes them", "[kv][resp]") {
  REQUIRE(parse_commands("a \"\\x41\\n\\\"\" 'it\\'s' \"\"\n", 100).commands ==
          std::vector<Words>{{"a", "A\n\"", "it's", ""}});
  REQUIRE(error_of("a \"b\n") == "Protocol error: unbalanced quotes in request");
  REQUIRE(error_of("a \"b\"c\n") == "Protocol error: unbalanced quotes in request");
}

TEST_CASE("a broken stream is answered in Redis' words", "[kv][resp]") {
  REQUIRE(error_of("*x\r\n") == "Protocol error: invalid multibulk length");
  REQUIRE(error_of("*20000\r\n") == "Protocol error: invalid multibulk length");
  REQUIRE(error_of("*1\r\nGET\r\n") == "Protocol error: expected '$', got 'G'");
  REQUIRE(error_of("*1\r\n$-1\r\n") == "Protocol error: invalid bulk length");
  REQUIRE(error_of("*1\r\n$1048577\r\n") == "Protocol error: invalid bulk length");
  REQUIRE(error_of("*1\r\n$1\r\nabc\r\n") == "Protocol error: expected a line end after the bulk");
  REQUIRE(error_of(std::string(line_bytes_max + 1, 'a')) ==
          "Protocol error: too big inline request");
  REQUIRE(error_of("*" + std::string(line_bytes_max + 1, '1')) ==
          "Protocol error: too big mbulk count string");
  REQUIRE(error_of("*1\r\n$" + std::string(line_bytes_max + 1, '1')) ==
          "Protocol error: too big bulk count string");
}

TEST_CASE("a bulk of the largest size is taken and one more byte is not", "[kv][resp]") {
  std::string bytes;
  append_command(bytes, {"ECHO", std::string(bulk_bytes_max, 'x')});
  REQUIRE(parse_commands(bytes, 65536).commands.at(0).at(1).size() == bulk_bytes_max);
  bytes.clear();
  append_command(bytes, {"ECHO", std::string(bulk_bytes_max + 1, 'x')});
  REQUIRE(parse_commands(bytes, 65536).error == "Protocol error: invalid bulk length");
}

TEST_CASE("a command that is too big as a whole is refused", "[kv][resp]") {
  std::string bytes;
  const std::string part(bulk_bytes_max, 'x');
  append_command(bytes, {part, part, part, part, part});
  REQUIRE(parse_commands(bytes, 65536).error == "Protocol error: too big command");
}

TEST_CASE("a parser that broke stays broken", "[kv][resp]") {
  CommandParser parser;
  parser.feed("*x\r\n");
  REQUIRE(parser.next() == Status::broken);
  parser.feed("PING\r\n");
  REQUIRE(parser.next() == Status::broken);
}

TEST_CASE("replies are laid down as Redis does and read back", "[kv][resp]") {
  std::string bytes;
  append_simple(bytes, "OK");
  append_error(bytes, "ERR a\r\nb");
  append_integer(bytes, INT64_MIN);
  append_bulk(bytes, "x\r\ny");
  append_nil(bytes);
  append_array(bytes, 2);
  append_bulk(bytes, "");
  append_array(bytes, 0);
  REQUIRE(bytes ==
          "+OK\r\n-ERR a  b\r\n:-9223372036854775808\r\n$4\r\nx\r\ny\r\n$-1\r\n*2\r\n$0\r\n\r\n*0"
          "\r\n");
  using Kind = Reply::Kind;
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    ReplyParser parser;
    std::vector<Reply> replies;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      parser.feed(std::string_view(bytes).substr(at, piece));
      while (auto reply = parser.next())
        replies.push_back(std::move(*reply));
    }
    REQUIRE(replies.size() == 6);
    REQUIRE(replies[0].text == "OK");
    REQUIRE((replies[1].kind == Kind::error && replies[1].text == "ERR a  b"));
    REQUIRE(replies[2].number == INT64_MIN);
    REQUIRE(replies[3].text == "x\r\ny");
    REQUIRE(replies[4].kind == Kind::nil);
    REQUIRE(replies[5].elements.at(1).kind == Kind::array);
  }
}

TEST_CASE("a client refuses what is no reply", "[kv][resp]") {
  for (const std::string_view bytes : {"hello\r\n", ":x\r\n", "$-2\r\n", "*-5\r\n", "\r\n"}) {
    ReplyParser parser;
    parser.feed(bytes);
    REQUIRE_FALSE(parser.next());
    REQUIRE(parser.is_broken());
  }
  ReplyParser nested;
  for (int depth = 0; depth < 20; ++depth)
    nested.feed("*1\r\n");
  REQUIRE_FALSE(nested.next());
  REQUIRE(nested.is_broken());
}

TEST_CASE("whole numbers are read as strictly as Redis does", "[kv][resp]") {
  REQUIRE(parse_integer("0") == 0);
  REQUIRE(parse_integer("-1") == -1);
  REQUIRE(parse_integer("9223372036854775807") == INT64_MAX);
  for (const std::string_view text : {"", "-", "+1", "01", "-0", "1 ", "9223372036854775808", "a"})
    REQUIRE_FALSE(parse_integer(text));
}

TEST_CASE("no damage to a stream of commands makes the parser fail its own laws", "[kv][resp]") {
  std::string good;
  append_command(good, {"SET", "key", std::string(40, 'v')});
  append_command(good, {"MGET", "a", "b"});
  good += "ping \"x y\"\r\n";
  runtime::Draws draws(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good;
    for (std::uint64_t changes = 1 + draws.below(4); changes > 0; --changes) {
      const std::size_t at = draws.below(bytes.size());
      switch (draws.below(3)) {
        case 0:
          bytes[at] = static_cast<char>(draws.below(256));
          break;
        case 1:
          bytes.erase(at, 1 + draws.below(3));
          break;
        default:
          bytes.insert(at, bytes, draws.below(bytes.size()), draws.below(9));
      }
    }
    expect_lawful_commands(bytes);
    expect_lawful_replies(bytes);
  }
}

TEST_CASE("what the fuzzer of the protocol has found is commands or one error", "[resp]") {
  tests::expect_corpus_holds("resp", [](const std::string& bytes) {
    expect_lawful_commands(bytes);
    expect_lawful_replies(bytes);
  });
}

}  // namespace glasshouse::scenarios::kv

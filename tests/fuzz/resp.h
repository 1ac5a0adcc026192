#pragma once
// What must hold for every stream of bytes that comes to the parsers of the Redis protocol; shared
// by the fuzzer and by the test that needs none.

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/check.h"
#include "scenarios/kv/resp.h"

namespace glasshouse::scenarios::kv {

struct ParsedCommands {
  std::vector<std::vector<std::string>> commands;
  std::string error;
  friend bool operator==(const ParsedCommands&, const ParsedCommands&) = default;
};

inline ParsedCommands parse_commands(std::string_view bytes, std::size_t piece) {
  ParsedCommands parsed;
  CommandParser parser;
  while (!bytes.empty()) {
    parser.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    auto status = parser.next();
    for (; status == CommandParser::Status::command; status = parser.next())
      parsed.commands.emplace_back(parser.arguments().begin(), parser.arguments().end());
    if (status == CommandParser::Status::broken) {
      parsed.error = parser.error();
      break;
    }
  }
  return parsed;
}

// The same in pieces of any size; never an empty command; commands written out read back.
inline void expect_lawful_commands(std::string_view bytes) {
  const ParsedCommands whole = parse_commands(bytes, bytes.size());
  CHECK(parse_commands(bytes, 1) == whole);
  CHECK(parse_commands(bytes, 7) == whole);
  std::string written;
  for (const auto& command : whole.commands) {
    CHECK(!command.empty());
    append_command(written, {command.begin(), command.end()});
  }
  CHECK(parse_commands(written, 64).commands == whole.commands);
}

// Never more than it was given, and once broken always broken.
inline void expect_lawful_replies(std::string_view bytes) {
  ReplyParser parser;
  std::size_t replies = 0;
  for (const char byte : bytes) {
    parser.feed({&byte, 1});
    while (parser.next())
      ++replies;
  }
  CHECK(replies <= bytes.size());
  if (parser.is_broken()) {
    parser.feed("+OK\r\n");
    CHECK(!parser.next());
  }
}

}  // namespace glasshouse::scenarios::kv

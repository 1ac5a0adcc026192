#include "runtime/observe/logger.h"

#include "tests/runtime/observe/log_collector.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

namespace {

using Lines = std::vector<std::string>;

Behaviour says_all(Self self) {
  for (std::size_t i = 0; i < log_level_names.size(); ++i)
    self.log(static_cast<LogLevel>(i), log_level_names[i]);
  co_return;
}
Behaviour says(Self self, LogLevel level, std::string text) {
  self.log(level, text);
  co_return;
}

class Failing final : public LogHandler {
 public:
  void log(const LogEvent&) override { throw std::runtime_error("no paper"); }
};

struct Logged {
  Logged() : log(collect(node.node().logger(), "log"_atom)) {}
  Logger& logger() { return node.node().logger(); }
  Lines say(LogLevel level, std::string text = "x") {
    node.spawn<&says>(level, std::move(text));
    node.run();
    return log->lines();
  }
  OneNode node;
  std::shared_ptr<LogCollector> log;
};

}  // namespace

TEST_CASE("what is less severe than the primary level reaches no handler", "[logger]") {
  Logged logged;
  logged.node.spawn<&says_all>();
  logged.node.run();
  REQUIRE(logged.log->lines() == Lines{"emergency emergency", "alert alert", "critical critical",
                                       "error error", "warning warning", "notice notice"});
}

TEST_CASE("none and all are levels", "[logger]") {
  Logged logged;
  logged.logger().set_level(LogThreshold::none());
  REQUIRE_FALSE(logged.logger().allows(LogLevel::emergency));
  REQUIRE(logged.say(LogLevel::emergency).empty());
  logged.logger().set_level(LogThreshold::all());
  REQUIRE(logged.say(LogLevel::debug) == Lines{"debug x"});
}

TEST_CASE("an unknown word is no level", "[logger]") {
  REQUIRE(*LogThreshold::named("warning") == LogThreshold(LogLevel::warning));
  REQUIRE(*LogThreshold::named("none") == LogThreshold::none());
  REQUIRE(*LogThreshold::named("all") == LogThreshold::all());
  REQUIRE(LogThreshold::named("loud").error().code == "invalid_level");
}

TEST_CASE("without a handler nothing is allowed, so that nothing is built", "[logger]") {
  OneNode node;
  Logger& logger = node.node().logger();
  REQUIRE_FALSE(logger.allows(LogLevel::emergency));
  const auto log = collect(logger, "log"_atom);
  REQUIRE(logger.allows(LogLevel::notice));
  REQUIRE_FALSE(logger.allows(LogLevel::info));
  REQUIRE(logger.remove_handler("log"_atom).ok());
  REQUIRE_FALSE(logger.allows(LogLevel::emergency));
}

TEST_CASE("a module's level counts instead of the primary one, in both directions", "[logger]") {
  Logged logged;
  logged.logger().set_module_level("says"_atom, LogLevel::debug);
  REQUIRE(logged.say(LogLevel::debug) == Lines{"debug x"});
  logged.node.spawn<&says_all>();  // another module: the primary level
  logged.node.run();
  REQUIRE(logged.log->lines().size() == 7);
  logged.logger().set_module_level("says"_atom, LogThreshold::none());
  REQUIRE(logged.say(LogLevel::emergency).size() == 7);
  logged.logger().unset_module_level("says"_atom);
  REQUIRE(logged.say(LogLevel::emergency).size() == 8);
}

TEST_CASE("each handler has a level of its own", "[logger]") {
  Logged logged;
  const auto errors = collect(logged.logger(), "errors"_atom);
  REQUIRE(logged.logger().set_handler_level("errors"_atom, LogLevel::error).ok());
  logged.say(LogLevel::warning);
  logged.say(LogLevel::error);
  REQUIRE(logged.log->lines() == Lines{"warning x", "error x"});
  REQUIRE(errors->lines() == Lines{"error x"});
}

TEST_CASE("a handler is there once, and only what is there can be removed", "[logger]") {
  Logged logged;
  Logger& logger = logged.logger();
  REQUIRE(logger.add_handler("log"_atom, logged.log).error().code == "already_exist");
  REQUIRE(logger.remove_handler("other"_atom).error().code == "not_found");
  REQUIRE(logger.set_handler_level("other"_atom, LogLevel::error).error().code == "not_found");
  collect(logger, "other"_atom);
  REQUIRE(logger.handlers() == std::vector<Atom>{"log"_atom, "other"_atom});
}

TEST_CASE("a filter stops, ignores, or passes on what it changed", "[logger]") {
  Logged logged;
  Logger& logger = logged.logger();
  REQUIRE(logger
              .add_filter("f"_atom,
                          [](LogEvent& event) {
                            if (event.message == binary("stop")) return FilterVerdict::stop;
                            if (event.message != binary("change")) return FilterVerdict::ignore;
                            event.message = binary("changed");
                            return FilterVerdict::pass;
                          })
              .ok());
  logged.say(LogLevel::error, "stop");
  logged.say(LogLevel::error, "change");
  REQUIRE(logged.say(LogLevel::error, "x") == Lines{"error changed", "error x"});
  REQUIRE(logger.add_filter("f"_atom, nullptr).error().code == "already_exist");
  REQUIRE(logger.remove_filter("f"_atom).ok());
  REQUIRE(logger.remove_filter("f"_atom).error().code == "not_found");
}

TEST_CASE("the filter default decides where all filters ignore", "[logger]") {
  Logged logged;
  Logger& logger = logged.logger();
  logger.set_filter_default(FilterDefault::stop);
  REQUIRE(logged.say(LogLevel::error).empty());
  REQUIRE(logger
              .add_filter("errors"_atom,
                          level_filter(FilterAction::log, LevelMatch::ge, LogLevel::error))
              .ok());
  logged.say(LogLevel::warning);
  REQUIRE(logged.say(LogLevel::critical) == Lines{"critical x"});
}

TEST_CASE("a handler's filter changes the event for this handler only", "[logger]") {
  Logged logged;
  Logger& logger = logged.logger();
  const auto other = collect(logger, "other"_atom);
  const auto change = [](LogEvent& event) {
    event.message = binary("hidden");
    return FilterVerdict::pass;
  };
  REQUIRE(logger.add_handler_filter("log"_atom, "f"_atom, change).ok());
  REQUIRE(logger.add_handler_filter("none"_atom, "f"_atom, change).error().code == "not_found");
  REQUIRE(logged.say(LogLevel::error, "secret") == Lines{"error hidden"});
  REQUIRE(other->lines() == Lines{"error secret"});
  REQUIRE(logger.remove_handler_filter("log"_atom, "f"_atom).ok());
  REQUIRE(logger.handler_filters("log"_atom).empty());
}

TEST_CASE("a filter that throws is removed, that is logged, and the event goes on", "[logger]") {
  Logged logged;
  const auto crash = [](LogEvent&) -> FilterVerdict { throw std::runtime_error("broken"); };
  REQUIRE(logged.logger().add_filter("f"_atom, crash).ok());
  REQUIRE(logged.say(LogLevel::error) ==
          Lines{"error #{filter => f,from => logger,logger => removed_failing_filter,"
                "reason => {runtime_error,<<\"broken\">>}}",
                "error x"});
  REQUIRE(logged.logger().filters().empty());
}

TEST_CASE("a filter that took the place of one that throws stays", "[logger]") {
  Logged logged;
  Logger& logger = logged.logger();
  const auto ignore = [](LogEvent&) { return FilterVerdict::ignore; };
  const auto gives_way = [&logger, ignore](LogEvent&) -> FilterVerdict {
    REQUIRE(logger.remove_filter("f"_atom).ok());
    REQUIRE(logger.add_filter("f"_atom, ignore).ok());
    throw std::runtime_error("broken");
  };
  REQUIRE(logger.add_filter("f"_atom, gives_way).ok());
  REQUIRE(logged.say(LogLevel::error) == Lines{"error x"});
  REQUIRE(logger.filters() == std::vector<Atom>{"f"_atom});
}

TEST_CASE("a handler that throws is removed, and that is logged by the others", "[logger]") {
  Logged logged;
  REQUIRE(logged.logger().add_handler("bad"_atom, std::make_shared<Failing>()).ok());
  REQUIRE(logged.say(LogLevel::error) ==
          Lines{"error x",
                "error #{handler => bad,logger => removed_failing_handler,"
                "reason => {runtime_error,<<\"no paper\">>}}"});
  REQUIRE(logged.logger().handlers() == std::vector<Atom>{"log"_atom});
  REQUIRE(logged.say(LogLevel::error).size() == 3);
}

TEST_CASE("a domain filter knows what is below, above and beside a domain", "[logger]") {
  LogEvent sasl{.level = LogLevel::error, .message = binary("x"), .meta = {}};
  sasl.meta = map("domain"_atom, list("otp"_atom, "sasl"_atom));
  LogEvent plain{.level = LogLevel::error, .message = binary("x"), .meta = {}};
  const auto matches = [](DomainMatch match, std::vector<Atom> domain, LogEvent& event) {
    const LogFilter filter = domain_filter(FilterAction::stop, match, std::move(domain));
    return filter(event) == FilterVerdict::stop;
  };
  REQUIRE(matches(DomainMatch::sub, {"otp"_atom}, sasl));
  REQUIRE_FALSE(matches(DomainMatch::super, {"otp"_atom}, sasl));
  REQUIRE(matches(DomainMatch::super, {"otp"_atom, "sasl"_atom, "x"_atom}, sasl));
  REQUIRE(matches(DomainMatch::equal, {"otp"_atom, "sasl"_atom}, sasl));
  REQUIRE(matches(DomainMatch::not_equal, {"otp"_atom}, sasl));
  REQUIRE_FALSE(matches(DomainMatch::undefined, {}, sasl));
  REQUIRE(matches(DomainMatch::undefined, {}, plain));
  REQUIRE(matches(DomainMatch::not_equal, {"otp"_atom}, plain));
  REQUIRE_FALSE(matches(DomainMatch::sub, {"otp"_atom}, plain));
}

TEST_CASE("a level filter compares by severity", "[logger]") {
  const auto matches = [](LevelMatch match, LogLevel level) {
    LogEvent warning{.level = LogLevel::warning, .message = {}, .meta = {}};
    return level_filter(FilterAction::log, match, level)(warning) == FilterVerdict::pass;
  };
  REQUIRE(matches(LevelMatch::gt, LogLevel::info));
  REQUIRE_FALSE(matches(LevelMatch::gt, LogLevel::warning));
  REQUIRE(matches(LevelMatch::ge, LogLevel::warning));
  REQUIRE(matches(LevelMatch::lt, LogLevel::error));
  REQUIRE(matches(LevelMatch::le, LogLevel::warning));
  REQUIRE(matches(LevelMatch::eq, LogLevel::warning));
  REQUIRE(matches(LevelMatch::ne, LogLevel::error));
}

}  // namespace glasshouse::tests

// What a crash report says, and how much at most.

#include "runtime/observe/crash_report.h"

#include "runtime/observe/log_format.h"
#include "tests/catch.h"
#include "tests/runtime/observe/log_collector.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

using namespace runtime::literals;

namespace {

struct Ping {
  std::int64_t number = 0;
};

Behaviour neighbour(Self self) {
  self.register_name("neighbour"_atom);
  auto never = self.receive<Exit>();
  co_await never;
}

Behaviour worker(Self self, int items) {
  self.register_name("worker"_atom);
  self.trap_exit(true);
  self.spawn_link<&neighbour>();
  for (int i = 0; i < items; ++i) {
    static_cast<void>(self.put(Term(i), Term("value"_atom)));
    self.send<Ping>(self.pid(), i);
  }
  co_await self.sleep(1_ms);
  throw std::runtime_error("boom");
}

Behaviour exits(Self self) {
  self.exit(Term("because"_atom));
  co_return;
}

// The log of a node in which Body crashed.
template <auto Body, class... Args>
std::vector<LogEvent> crashes(Args... args) {
  OneNode one;
  const auto log = collect(one.node().logger(), "test"_atom);
  one.spawn<Body>(args...);
  one.run();
  return log->labelled("{proc_lib,crash}");
}

Term part(const LogEvent& event, std::string_view key) {
  const Term report = *event.message.find(Term("report"_atom));
  const Term* const found = report.find(Term(Atom(key)));
  return found == nullptr ? Term("none"_atom) : *found;
}

std::string shown(const LogEvent& event, std::string_view key) {
  return text(part(event, key));
}

}  // namespace

TEST_CASE("a crash report has OTP's items", "[crash_report]") {
  const auto reports = crashes<&worker>(2);
  REQUIRE(reports.size() == 1);
  const LogEvent& event = reports[0];
  REQUIRE(shown(event, "initial_call") == "worker");
  REQUIRE(part(event, "pid").is_pid());
  REQUIRE(shown(event, "registered_name") == "worker");
  REQUIRE(shown(event, "ancestors") == "[]");
  REQUIRE(shown(event, "message_queue_len") == "2");
  REQUIRE(shown(event, "messages") == "[{ping,0},{ping,1}]");
  REQUIRE(shown(event, "dictionary") == "[{0,value},{1,value}]");
  REQUIRE(shown(event, "trap_exit") == "true");
  REQUIRE(shown(event, "status") == "running");
  REQUIRE(part(event, "reductions").as_integer().value() > 0);
  REQUIRE(part(event, "memory").as_integer().value() > 0);
  REQUIRE(shown(event, "state") == "undefined");
  const Term info = part(event, "error_info");
  REQUIRE(text(info.element(0)) == "error");
  REQUIRE(text(info.element(1)) == "{runtime_error,<<\"boom\">>}");
  REQUIRE(info.element(2).is_list());
}

TEST_CASE("a crash report tells of the processes that are linked", "[crash_report]") {
  const auto reports = crashes<&worker>(0);
  const Term links = part(reports.at(0), "links");
  const Term neighbours = part(reports.at(0), "neighbours");
  REQUIRE(links.as_list().size() == 1);
  REQUIRE(neighbours.as_list().size() == 1);
  const Term& other = neighbours.as_list()[0];
  REQUIRE(*other.find(Term("pid"_atom)) == links.as_list()[0]);
  REQUIRE(text(*other.find(Term("registered_name"_atom))) == "neighbour");
  REQUIRE(text(*other.find(Term("initial_call"_atom))) == "neighbour");
  REQUIRE(*other.find(Term("ancestors"_atom)) == list(part(reports.at(0), "pid")));
  REQUIRE(text(*other.find(Term("message_queue_len"_atom))) == "0");
}

TEST_CASE("a crash report is bounded and says how much there was", "[crash_report]") {
  constexpr int items = static_cast<int>(crash_report_items_max);
  const auto whole = crashes<&worker>(items);
  REQUIRE(part(whole.at(0), "messages").as_list().size() == crash_report_items_max);
  const auto cut = crashes<&worker>(items + 1);
  for (const std::string_view key : {"messages", "dictionary"}) {
    const Term some = part(cut.at(0), key);
    REQUIRE(some.as_list().size() == crash_report_items_max + 1);
    REQUIRE(text(some.as_list().back()) == "'...'");
  }
  REQUIRE(shown(cut.at(0), "message_queue_len") == std::to_string(items + 1));
}

TEST_CASE("a crash report tells an exit from an error", "[crash_report]") {
  const auto reports = crashes<&exits>();
  const Term info = part(reports.at(0), "error_info");
  REQUIRE(text(info.element(0)) == "exit");
  REQUIRE(text(info.element(1)) == "because");
  REQUIRE(shown(reports.at(0), "registered_name") == "none");
}

TEST_CASE("a crash report is a line of text and one of JSON", "[crash_report]") {
  const auto reports = crashes<&worker>(1);
  const std::string line = format_text(reports.at(0));
  REQUIRE_THAT(line, Catch::Contains("CRASH REPORT "));
  REQUIRE_THAT(line, Catch::Contains("error_info => {error,{runtime_error,<<\"boom\">>},"));
  REQUIRE_THAT(line, Catch::Contains("messages => [{ping,0}]"));
  const std::string json = format_json(reports.at(0));
  REQUIRE_THAT(json, Catch::Contains("\"error_info\":[\"error\",[\"runtime_error\",\"boom\"],"));
  REQUIRE_THAT(json, Catch::Contains("\"messages\":[[\"ping\",0]]"));
}

}  // namespace glasshouse::tests

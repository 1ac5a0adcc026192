#include "tracing/reader.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/tracing/trace_file.h"

namespace glasshouse::tracing {

namespace {

// Enough events for two filed chunks and a part of a third.
constexpr int many_steps = 110'000;

std::vector<Seq> seqs_of(const std::vector<EventRecord>& events) {
  std::vector<Seq> seqs;
  for (const auto& event : events)
    seqs.push_back(event.seq);
  return seqs;
}

// The slow and obvious way: look at every event.
template <class Passes>
std::vector<Seq> seqs_where(const story::Story& told, const Passes& passes) {
  std::vector<Seq> seqs;
  for (std::size_t i = 0; i < told.told().size(); ++i) {
    if (passes(told.told()[i])) seqs.push_back(i + 1);
  }
  return seqs;
}

}  // namespace

TEST_CASE("the events of a process are those a scan of all events finds", "[reader]") {
  Recorded recorded(many_steps);
  Reader reader = recorded.open();
  REQUIRE(reader.run().events > 3 * 65'536);
  const auto supervisor = value_of(reader.find_processes("kv_sup"));
  REQUIRE(supervisor.size() == 1);
  const auto key = recorded.told.supervisor();
  const EventFilter any{.processes = supervisor};
  REQUIRE(seqs_of(value_of(reader.events({.limit = 1'000'000}, any))) ==
          seqs_where(recorded.told, [&](const story::Told& told) {
            return told.event.subject == key || told.event.peer == key;
          }));
  const EventFilter own{.processes = supervisor, .as_subject = true};
  const auto expected =
      seqs_where(recorded.told, [&](const story::Told& told) { return told.event.subject == key; });
  REQUIRE(seqs_of(value_of(reader.events({.limit = 1'000'000}, own))) == expected);
  REQUIRE(value_of(reader.count(own)) == expected.size());
  EventRange last{.limit = 10, .direction = Direction::backward};
  REQUIRE(seqs_of(value_of(reader.events(last, own))) ==
          std::vector<Seq>(expected.end() - 10, expected.end()));
}

TEST_CASE("the events of a rare kind are those a scan of all events finds", "[reader]") {
  Recorded recorded(many_steps);
  Reader reader = recorded.open();
  const EventFilter crashes{.kinds = runtime::kind_bit(EventKind::crash)};
  const auto expected = seqs_where(
      recorded.told, [](const story::Told& told) { return told.event.kind == EventKind::crash; });
  REQUIRE(seqs_of(value_of(reader.events({.limit = 1'000'000}, crashes))) == expected);
  REQUIRE(value_of(reader.count(crashes)) == expected.size());
  REQUIRE(value_of(reader.next(expected[3], crashes))->seq == expected[4]);
  REQUIRE(value_of(reader.previous(expected[3], crashes))->seq == expected[2]);
  REQUIRE_FALSE(value_of(reader.next(expected.back(), crashes)).has_value());
  REQUIRE_FALSE(value_of(reader.previous(expected.front(), crashes)).has_value());
}

TEST_CASE("a filter finds what passes all its parts", "[reader]") {
  Recorded recorded(2'000);
  Reader reader = recorded.open();
  const auto is_key3 = [](const story::Told& told) {
    return told.text.find("key3") != std::string::npos;
  };
  REQUIRE(seqs_of(value_of(reader.events({.limit = 100'000}, {.text = "KEY3"}))) ==
          seqs_where(recorded.told, is_key3));
  const auto from = recorded.told.told()[1'000].event.time;
  const auto before = recorded.told.told()[2'000].event.time;
  const EventFilter filter{.kinds = runtime::kind_bit(EventKind::receive),
                           .node = std::uint16_t{1},
                           .name = "get",
                           .from = from,
                           .before = before};
  REQUIRE(seqs_of(value_of(reader.events({.limit = 100'000}, filter))) ==
          seqs_where(recorded.told, [&](const story::Told& told) {
            return told.event.kind == EventKind::receive && told.event.time >= from &&
                   told.event.time < before;
          }));
  REQUIRE(value_of(reader.events({}, {.name = "no such name"})).empty());
  REQUIRE(value_of(reader.events({}, {.kinds = 0})).empty());
  REQUIRE(value_of(reader.events({}, {.node = std::uint16_t{9}})).empty());
}

TEST_CASE("a moment is found by its time and a time by its moment", "[reader]") {
  Recorded recorded(500);
  Reader reader = recorded.open();
  const auto& told = recorded.told.told();
  REQUIRE(value_of(reader.seq_at(told.back().event.time)) == told.size());
  REQUIRE(value_of(reader.seq_at(runtime::Instant::max())) == told.size());
  for (std::size_t i = 1; i < told.size(); i += 17) {
    const Seq seq = value_of(reader.seq_at(told[i].event.time));
    REQUIRE(seq >= i + 1);
    REQUIRE(told[seq - 1].event.time == told[i].event.time);
    REQUIRE(value_of(reader.time_of(i + 1)) == told[i].event.time);
  }
  REQUIRE(value_of(reader.time_of(0)) == runtime::Instant());
}

TEST_CASE("a receive is caused by its send, and a send leads to its receive", "[reader]") {
  Recorded recorded(2'000);
  Reader reader = recorded.open();
  const auto& told = recorded.told.told();
  std::map<std::uint64_t, Seq> sends;
  int checked = 0;
  for (std::size_t i = 0; i < told.size(); ++i) {
    const auto& event = told[i].event;
    if (event.kind == EventKind::send) sends[event.message] = i + 1;
    if (event.kind != EventKind::receive || ++checked % 10 != 0) continue;
    REQUIRE(value_of(reader.cause(i + 1))->seq == sends[event.message]);
    REQUIRE(value_of(reader.effect(sends[event.message]))->seq == i + 1);
  }
  REQUIRE(checked > 100);
}

TEST_CASE("a restart is caused by an exit, the exit by a crash", "[reader]") {
  Recorded recorded(500);
  Reader reader = recorded.open();
  const auto restart = value_of(reader.next(0, {.kinds = runtime::kind_bit(EventKind::restart)}));
  REQUIRE(restart.has_value());
  const auto exit = value_of(reader.cause(restart->seq));
  REQUIRE(exit->kind == EventKind::exit);
  REQUIRE(exit->subject.key == restart->peer.key);
  const auto crash = value_of(reader.cause(exit->seq));
  REQUIRE(crash->kind == EventKind::crash);
  REQUIRE(value_of(reader.effect(crash->seq))->seq == exit->seq);
  REQUIRE(value_of(reader.effect(exit->seq))->kind == EventKind::exit_signal);
  REQUIRE(value_of(reader.effect(restart->seq))->kind == EventKind::child);
}

TEST_CASE("processes are found by pid, by name and by what they were spawned as", "[reader]") {
  Recorded recorded(0);
  Reader reader = recorded.open();
  const auto by_pid = value_of(reader.find_processes("<1.101.0>"));
  REQUIRE(by_pid.size() == 1);
  REQUIRE(value_of(reader.find_processes("1.101.0")) == by_pid);
  REQUIRE(value_of(reader.find_processes("shard_0")) == by_pid);
  REQUIRE(value_of(reader.find_processes("kv_shard")).size() == 4);
  REQUIRE(value_of(reader.find_processes("nobody")).empty());
  REQUIRE(value_of(reader.name_of(by_pid[0])).shown() == "shard_0 <1.101.0>");
  REQUIRE(value_of(reader.name_of(0)).shown() == "the world");
}

TEST_CASE("crashes, restarts and faults are told with what belongs to them", "[reader]") {
  Recorded recorded(2'000);
  Reader reader = recorded.open();
  const auto crashes = value_of(reader.crashes());
  const auto is_kind = [](EventKind kind) {
    return [kind](const story::Told& told) { return told.event.kind == kind; };
  };
  REQUIRE(crashes.size() == seqs_where(recorded.told, is_kind(EventKind::crash)).size());
  REQUIRE(crashes[0].reason == "{badmatch,7}");
  REQUIRE(crashes[0].report == "{crash_report,{badmatch,7}}");
  REQUIRE(value_of(reader.event(crashes[0].restart))->peer.number == crashes[0].process.number);
  const auto supervisor = value_of(reader.find_processes("kv_sup"))[0];
  const auto restarts = value_of(reader.restarts(supervisor));
  REQUIRE(restarts.size() == crashes.size());
  REQUIRE(restarts[0].decision == "restart");
  REQUIRE(restarts[0].why == "it crashed with {badmatch,7}");
  REQUIRE(restarts[0].child_id.starts_with("shard_"));
  const auto faults = value_of(reader.faults());
  REQUIRE(faults.size() == seqs_where(recorded.told, is_kind(EventKind::fault_begin)).size());
  REQUIRE(faults[0].kind == "partition");
  REQUIRE(faults[0].until - faults[0].from == Duration::milliseconds(5));
  const auto marks = value_of(reader.marks());
  REQUIRE(marks.size() == 1 + 2 * crashes.size() + 2 * faults.size());
}

TEST_CASE("streams are told with their bytes and how they closed", "[reader]") {
  TraceFile file;
  auto recorder = recorder_to(file);
  story::Story told(*recorder, 1);
  told.tell(EventKind::spawn, story::key(5), {}, "connection");
  told.tell(EventKind::stream_open, story::key(5), {}, "accepted", 9, 0, "10.0.0.1:4000");
  told.tell(EventKind::stream_arrive, story::key(5), {}, {}, 9, 30);
  told.tell(EventKind::stream_send, story::key(5), {}, {}, 9, 12);
  REQUIRE(recorder->flush().ok());
  told.tell(EventKind::stream_send, story::key(5), {}, {}, 9, 8);
  told.tell(EventKind::stream_close, story::key(5), {}, "econnreset", 9);
  REQUIRE(recorder->finish({}).ok());
  Reader reader = opened(file);
  const auto streams = value_of(reader.streams());
  REQUIRE(streams.size() == 1);
  REQUIRE(streams[0].opened_as == "accepted");
  REQUIRE(streams[0].owner.key == story::key(5));
  REQUIRE(streams[0].peer == "10.0.0.1:4000");
  REQUIRE(streams[0].bytes_arrived == 30);
  REQUIRE(streams[0].bytes_sent == 20);
  REQUIRE(streams[0].closed == 6);
  REQUIRE(streams[0].close_reason == "econnreset");
}

TEST_CASE("the overview equals counting all events, at every width", "[reader]") {
  Recorded recorded(many_steps / 4);
  Reader reader = recorded.open();
  const auto& told = recorded.told.told();
  const std::int64_t end = reader.run().end.nanoseconds();
  const auto events = static_cast<std::int64_t>(told.size());
  for (const std::size_t columns : {3U, 10U, 100U, 1'600U, 100'000U}) {
    for (const Axis axis : {Axis::time, Axis::events}) {
      const std::int64_t from = axis == Axis::time ? end / 3 : events / 3;
      const std::int64_t until = axis == Axis::time ? end + 1 : events + 1;
      const auto overview = value_of(reader.overview(axis, from, until, columns));
      REQUIRE(overview.cells.size() <= columns);
      std::map<std::int64_t, Overview::Cell> counted;
      for (std::size_t i = 0; i < told.size(); ++i) {
        const std::int64_t position = axis == Axis::time ? told[i].event.time.nanoseconds()
                                                         : static_cast<std::int64_t>(i + 1);
        const std::int64_t begin = position / overview.width * overview.width;
        if (begin + overview.width <= from || begin >= until) continue;
        ++counted[begin].total;
        ++counted[begin].groups[static_cast<int>(group_of(told[i].event.kind))];
      }
      REQUIRE(overview.cells.size() == counted.size());
      for (const auto& cell : overview.cells) {
        REQUIRE(cell.total == counted[cell.begin].total);
        REQUIRE(std::equal(std::begin(cell.groups), std::end(cell.groups),
                           std::begin(counted[cell.begin].groups)));
      }
    }
  }
}

TEST_CASE("a live trace answers about its unfinished end as about the rest", "[reader]") {
  TraceFile file;
  auto recorder = recorder_to(file);
  story::Story told(*recorder, 3);
  told.begin(3);
  told.run(many_steps / 2);
  REQUIRE(recorder->flush().ok());
  Reader reader = opened(file);
  REQUIRE(reader.run().cut);
  const auto key = told.supervisor();
  const EventFilter own{.processes = value_of(reader.find_processes("kv_sup")), .as_subject = true};
  const auto expected =
      seqs_where(told, [&](const story::Told& one) { return one.event.subject == key; });
  REQUIRE(seqs_of(value_of(reader.events({.limit = 1'000'000}, own))) == expected);
  REQUIRE(value_of(reader.previous(told.told().size() + 1, own))->seq == expected.back());
  const auto overview =
      value_of(reader.overview(Axis::time, 0, reader.run().end.nanoseconds() + 1, 50));
  std::uint64_t total = 0;
  for (const auto& cell : overview.cells)
    total += cell.total;
  REQUIRE(total == told.told().size());
}

TEST_CASE("a question can be interrupted, and the next one is answered", "[reader]") {
  Recorded recorded(100);
  Reader reader = recorded.open();
  reader.interrupt();
  REQUIRE(reader.event(1).ok());
}

}  // namespace glasshouse::tracing

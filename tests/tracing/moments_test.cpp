#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/tracing/trace_file.h"
#include "tracing/world_model.h"

namespace glasshouse::tracing {

namespace {

// The world after an event by the slow and obvious way: every event from the first on.
struct Naive {
  std::set<std::uint64_t> alive;
  std::map<std::uint64_t, std::vector<std::uint64_t>> mail;
  std::map<std::uint64_t, std::string> state;

  void add(const story::Told& told) {
    const auto& event = told.event;
    switch (event.kind) {
      case EventKind::spawn:
        alive.insert(event.subject.value);
        break;
      case EventKind::exit:
        alive.erase(event.subject.value);
        mail.erase(event.subject.value);
        break;
      case EventKind::send:
        mail[event.peer.value].push_back(event.message);
        break;
      case EventKind::receive:
        std::erase(mail[event.subject.value], event.message);
        break;
      case EventKind::state:
        state[event.subject.value] = told.text;
        break;
      default:
        break;
    }
  }
};

}  // namespace

TEST_CASE("the world at a moment is what all events until then make of it", "[reader]") {
  Recorded recorded(20'000);
  Reader reader = recorded.open();
  const auto& told = recorded.told.told();
  REQUIRE(told.size() > 3 * 8'192);
  Naive naive;
  runtime::Draws draws(3);
  std::set<Seq> moments{1, told.size()};
  for (int i = 0; i < 60; ++i)
    moments.insert(1 + draws.below(told.size()));
  Seq at = 0;
  for (const Seq moment : moments) {
    while (at < moment)
      naive.add(told[at++]);
    const auto rows = value_of(reader.processes(moment));
    std::set<std::uint64_t> alive;
    for (const auto& row : rows) {
      alive.insert(row.key.value);
      const auto mailbox = value_of(reader.mailbox(row.number, moment));
      std::vector<std::uint64_t> messages;
      for (const auto& message : mailbox.messages)
        messages.push_back(message.message);
      REQUIRE(messages == naive.mail[row.key.value]);
      REQUIRE(row.mailbox == messages.size());
      REQUIRE(value_of(reader.process(row.number, moment)).state == naive.state[row.key.value]);
    }
    REQUIRE(alive == naive.alive);
  }
}

TEST_CASE("going back in time gives what going forward gave", "[reader]") {
  Recorded recorded(20'000);
  Reader forward = recorded.open();
  Reader backward = recorded.open();
  std::vector<std::vector<ProcessRow>> seen;
  const Seq events = forward.run().events;
  for (Seq at = 500; at <= events; at += 1'777)
    seen.push_back(value_of(forward.processes(at)));
  for (std::size_t i = seen.size(); i-- > 0;) {
    const auto rows = value_of(backward.processes(500 + 1'777 * i));
    REQUIRE(rows.size() == seen[i].size());
    for (std::size_t r = 0; r < rows.size(); ++r) {
      REQUIRE(rows[r].pid == seen[i][r].pid);
      REQUIRE(rows[r].mailbox == seen[i][r].mailbox);
      REQUIRE(rows[r].received == seen[i][r].received);
      REQUIRE(rows[r].restarts == seen[i][r].restarts);
      REQUIRE(rows[r].state == seen[i][r].state);
      REQUIRE(rows[r].last_state == seen[i][r].last_state);
    }
  }
}

TEST_CASE("a timer is its destination's until it fires, is cancelled or that one ends",
          "[reader]") {
  WorldModel world;
  Seq seq = 0;
  const auto apply = [&](EventKind kind, ProcessNumber subject, ProcessNumber peer,
                         std::uint64_t message) {
    return world.apply({++seq, 0, kind, 1, subject, peer, 0, message, 0}, subject);
  };
  apply(EventKind::spawn, 1, 0, 0);
  apply(EventKind::spawn, 2, 1, 0);
  apply(EventKind::timer_start, 1, 2, 7);
  apply(EventKind::timer_start, 1, 2, 8);
  apply(EventKind::timer_start, 1, 2, 9);
  REQUIRE(world.find(2)->timers.size() == 3);
  REQUIRE(apply(EventKind::timer_fire, 2, 0, 7) == 3);
  REQUIRE(apply(EventKind::timer_cancel, 1, 0, 8) == 4);
  REQUIRE(world.find(2)->timers.size() == 1);
  REQUIRE(world.find(1)->timers.empty());
}

TEST_CASE("a keyframe holds the whole world", "[reader]") {
  WorldModel world;
  world.learn_name(3, "restart");
  Seq seq = 0;
  const auto apply = [&](EventKind kind, ProcessNumber subject, ProcessNumber peer, NameId name,
                         std::uint64_t message, std::int64_t argument) {
    world.apply({++seq, static_cast<std::int64_t>(seq * 10), kind, 1, subject, peer, name, message,
                 argument},
                subject);
  };
  apply(EventKind::spawn, 1, 0, 1, 0, 0);
  apply(EventKind::supervisor, 1, 0, 2, 5'000, 3);
  apply(EventKind::spawn, 2, 1, 4, 0, 0);
  apply(EventKind::child, 1, 2, 5, 0, 1);
  apply(EventKind::restart, 1, 2, 3, 0, 1);
  apply(EventKind::link, 1, 2, 0, 0, 0);
  apply(EventKind::monitor, 2, 1, 0, 0, 77);
  apply(EventKind::send, 1, 2, 6, 40, 0);
  apply(EventKind::send, 1, 2, 6, 41, 0);
  apply(EventKind::receive, 2, 1, 6, 40, 0);
  apply(EventKind::timer_start, 2, 0, 0, 8, 100);
  apply(EventKind::state, 2, 0, 0, 0, 0);
  apply(EventKind::wait, 2, 1, 7, 0, 0);
  const std::string bytes = world.encode();
  WorldModel copy;
  REQUIRE(copy.decode(bytes, 10));
  REQUIRE(copy.encode() == bytes);
  REQUIRE(copy.seq() == seq);
  const auto* server = copy.find(2);
  REQUIRE(server->waiting);
  REQUIRE(server->wait_whom == 1);
  REQUIRE(server->mailbox_length() == 1);
  REQUIRE(server->timers.size() == 1);
  REQUIRE(server->monitors[0].ref == 77);
  REQUIRE(copy.find(1)->supervisor->children[0].restarts == 1);
  REQUIRE_FALSE(copy.decode(bytes.substr(0, bytes.size() - 1), 10));
  REQUIRE_FALSE(copy.decode(bytes + 'x', 10));
  REQUIRE_FALSE(copy.decode(bytes, 1));
}

TEST_CASE("a process is told with its family, its state and what it waits for", "[reader]") {
  TraceFile file;
  auto recorder = recorder_to(file);
  story::Story told(*recorder, 1);
  told.begin(2);
  const auto a = told.server(0);
  const auto b = told.server(1);
  told.tell(EventKind::monitor, a, b, {}, 0, 5);
  told.tell(EventKind::label, a, {}, {}, 0, 0, "{shard,0}");
  told.tell(EventKind::state, a, {}, {}, 0, 0, "#{n => 1}");
  told.tell(EventKind::state, a, {}, {}, 0, 0, "#{n => 2}");
  told.tell(EventKind::wait, a, b, "call");
  REQUIRE(recorder->finish({}).ok());
  Reader reader = opened(file);
  const Seq end = reader.run().events;
  const auto number = value_of(reader.find_processes("shard_0"))[0];
  const auto other = value_of(reader.find_processes("shard_1"))[0];
  const auto details = value_of(reader.process(number, end));
  REQUIRE(details.row.pid == "<1.101.0>");
  REQUIRE(details.row.name == "shard_0");
  REQUIRE(details.row.label == "{shard,0}");
  REQUIRE(details.row.behaviour == "kv_shard");
  REQUIRE(details.row.state == ProcessState::waiting);
  REQUIRE(details.row.waiting_for == "call");
  REQUIRE(details.waiting_whom.label == "shard_1");
  REQUIRE(details.ancestors.size() == 1);
  REQUIRE(details.ancestors[0].label == "kv_sup");
  REQUIRE(details.supervisor.label == "kv_sup");
  REQUIRE(details.links.size() == 1);
  REQUIRE(details.monitors.size() == 1);
  REQUIRE(details.monitors[0].ref == 5);
  REQUIRE(details.state == "#{n => 2}");
  REQUIRE(details.previous_state == "#{n => 1}");
  REQUIRE(value_of(reader.process(other, end)).monitored_by.size() == 1);
  const auto refused = reader.process(number, 1);
  REQUIRE_FALSE(refused.ok());
  REQUIRE(refused.error().code == "noproc");
}

TEST_CASE("an exited process is told with its reason and its last state", "[reader]") {
  Recorded recorded(2'000);
  Reader reader = recorded.open();
  const auto crash = value_of(reader.crashes()).back();
  const Seq end = reader.run().events;
  const auto details = value_of(reader.process(crash.process.number, end));
  REQUIRE(details.row.state == ProcessState::exited);
  REQUIRE(details.exit_reason == "{badmatch,7}");
  const auto rows = value_of(reader.processes(end, true));
  REQUIRE(rows.size() == reader.run().processes);
  REQUIRE(value_of(reader.processes(end)).size() == 5);
  REQUIRE(std::is_sorted(rows.begin(), rows.end(),
                         [](const auto& a, const auto& b) { return a.number < b.number; }));
}

TEST_CASE("a supervisor is told with its children, decisions and what it has used up", "[reader]") {
  TraceFile file;
  auto recorder = recorder_to(file);
  story::Story told(*recorder, 1);
  told.begin(3);
  told.crash(1);
  told.crash(1);
  REQUIRE(recorder->finish({}).ok());
  Reader reader = opened(file);
  const auto supervisors = value_of(reader.supervisors(reader.run().events));
  REQUIRE(supervisors.size() == 1);
  const SupervisorInfo& info = supervisors[0];
  REQUIRE(info.strategy == "one_for_one");
  REQUIRE(info.intensity == 5);
  REQUIRE(info.period == Duration::seconds(10));
  REQUIRE(info.used == 2);
  REQUIRE(info.children.size() == 3);
  REQUIRE(info.children[1].id == "shard_1");
  REQUIRE(info.children[1].restarts == 2);
  REQUIRE(info.children[1].restart_type == "permanent");
  REQUIRE(info.children[1].process.key == told.server(1));
  REQUIRE(info.restarts.size() == 2);
  REQUIRE(info.restarts[0].child_id == "shard_1");
  for (const auto& row : value_of(reader.processes(reader.run().events))) {
    REQUIRE(row.restarts == (row.key == told.server(1) ? 2U : 0U));
  }
}

TEST_CASE("who has exited is known with reason and reductions", "[reader]") {
  TraceFile file;
  auto recorder = recorder_to(file);
  story::Story told(*recorder, 1);
  told.tell(EventKind::spawn, story::key(1), {}, "worker");
  told.tell(EventKind::wait, story::key(1), {}, "receive", 0, 40);
  told.tell(EventKind::exit, story::key(1), {}, {}, 77, 0, "killed");
  REQUIRE(recorder->finish({}).ok());
  Reader reader = opened(file);
  REQUIRE(value_of(reader.processes(2, true))[0].reductions == 40);
  const auto rows = value_of(reader.processes(3, true));
  REQUIRE(rows.size() == 1);
  REQUIRE(rows[0].state == ProcessState::exited);
  REQUIRE(rows[0].reason == "killed");
  REQUIRE(rows[0].reductions == 77);
}

TEST_CASE("children of a simple_one_for_one supervisor are forgotten when they exit", "[reader]") {
  TraceFile file;
  auto recorder = recorder_to(file);
  story::Story told(*recorder, 1);
  told.tell(EventKind::spawn, story::key(1), {}, "pool");
  told.tell(EventKind::supervisor, story::key(1), {}, "simple_one_for_one", 1'000, 1);
  for (std::uint32_t id = 2; id <= 6; ++id) {
    told.tell(EventKind::spawn, story::key(id), story::key(1), "connection");
    told.tell(EventKind::child, story::key(1), story::key(id), "connection", 0, 2);
  }
  told.tell(EventKind::exit, story::key(3), {}, {}, 0, 0, "normal");
  told.tell(EventKind::exit, story::key(5), {}, {}, 0, 0, "normal");
  REQUIRE(recorder->finish({}).ok());
  Reader reader = opened(file);
  const auto info = value_of(reader.supervisors(reader.run().events))[0];
  REQUIRE(info.children.size() == 3);
  REQUIRE(info.children[0].process.key == story::key(2));
  REQUIRE(info.children[1].process.key == story::key(4));
  REQUIRE(info.children[2].process.key == story::key(6));
}

}  // namespace glasshouse::tracing

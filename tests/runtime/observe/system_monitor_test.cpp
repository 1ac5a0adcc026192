#include "runtime/observe/system_monitor.h"

#include "runtime/io/byte_streams.h"
#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

namespace {

struct Work {};

// Monitors, and notes down what it is told.
Behaviour monitors(Self self, SystemMonitorOptions options, Notes* notes) {
  const auto former = self.node().system_monitor().start(self.pid(), options);
  notes->push_back(former ? "on" : former.error().code);
  for (;;) {
    auto next = self.receive<LongSchedule, LongMessageQueue, BusyStream>();
    const auto news = co_await next;
    notes->push_back(std::visit([](const auto& any) { return text(to_term(any)); }, news));
  }
}

Behaviour gets_mail(Self self, int much) {
  for (int i = 0; i < much; ++i)
    self.send<Work>(self.pid());
  co_await self.sleep(1_s);
  for (int i = 0; i < much; ++i)
    co_await self.receive<Work>();
  co_await self.sleep(10_s);
}

Behaviour toils(Self self, int much) {
  for (int i = 0; i < much; ++i)
    self.send<Work>(self.pid());
  co_await self.sleep(1_s);
}

Behaviour toils_in_many_turns(Self self, int much) {
  for (int i = 0; i < much; ++i) {
    self.send<Work>(self.pid());
    co_await self.yield();
  }
}

Behaviour waits(Self self) {
  co_await self.receive<Exit>();
}

// Connects to itself, and sends more than fits.
Behaviour floods(Self self) {
  self.own_io();
  ByteStreams& network = self.network();
  const auto listening = network.listen(self.node(), self.pid(), {.host = "h", .port = 7});
  network.credit(listening->socket, 1);
  const Socket socket = network.connect(self.node(), self.pid(), {.host = "h", .port = 7});
  co_await self.receive<Connected>();
  const Binary megabyte(std::string(1 << 20, 'x'));
  for (int i = 0; i < 8; ++i)
    network.send(socket, megabyte);
  co_await self.sleep(10_s);
}

Notes notes_of(SystemMonitorOptions options, const std::function<void(OneNode&)>& what) {
  Notes notes;
  OneNode node;
  node.spawn<&monitors>(options, &notes);
  node.world().run_until(Instant::at(1_ms));
  what(node);
  node.world().run_until(Instant::at(5_s));
  return notes;
}

SystemMonitorOptions queues(std::uint32_t disable, std::uint32_t enable) {
  return {.long_message_queue = {.disable = disable, .enable = enable}};
}

}  // namespace

TEST_CASE("a long mailbox is told of once, and once more when it is short", "[system_monitor]") {
  const auto mail = [](int much) {
    return [much](OneNode& node) { node.spawn<&gets_mail>(much); };
  };
  const std::string is_long = "{monitor,<0.101.1>,long_message_queue,true}";
  const std::string is_short = "{monitor,<0.101.1>,long_message_queue,false}";
  REQUIRE(notes_of(queues(2, 10), mail(10)) == Notes{"on", is_long, is_short});
  REQUIRE(notes_of(queues(2, 10), mail(500)) == Notes{"on", is_long, is_short});
  REQUIRE(notes_of(queues(2, 10), mail(9)) == Notes{"on"});
  REQUIRE(notes_of({.busy_stream = true}, mail(500)) == Notes{"on"});
}

TEST_CASE("a process is watched wherever it was spawned, before or after", "[system_monitor]") {
  Notes notes;
  OneNode node;
  const Pid old = node.spawn<&gets_mail>(0);
  node.world().run_until(Instant::at(1_ms));
  const Pid monitor = node.spawn<&monitors>(queues(2, 10), &notes);
  node.world().run_until(Instant::at(2_ms));
  for (int i = 0; i < 10; ++i)
    node.node().deliver<Work>(old);
  for (int i = 0; i < 300; ++i)  // beyond the slots that are there
    node.spawn<&gets_mail>(10);
  node.world().run_until(Instant::at(100_ms));
  REQUIRE(notes.size() == 1 + 301);
  node.node().exit(monitor, Term(atoms::kill));
  node.world().run_until(Instant::at(5_s));
  REQUIRE(notes.size() == 1 + 301);
}

TEST_CASE("who begins to monitor is told of the mailboxes that are long already",
          "[system_monitor]") {
  Notes notes;
  OneNode node;
  const Pid full = node.spawn<&gets_mail>(10);
  node.spawn<&gets_mail>(9);
  node.world().run_until(Instant::at(1_ms));
  for (int i = 0; i < 2; ++i) {
    node.spawn<&monitors>(queues(2, 10), &notes);
    node.world().run_until(Instant::at(Duration::milliseconds(2 + i)));
  }
  const std::string is_long = "{monitor," + text(Term(full)) + ",long_message_queue,true}";
  REQUIRE(notes == Notes{"on", is_long, "on", is_long});
}

TEST_CASE("a turn that does much is told of, many that do the same are not", "[system_monitor]") {
  const SystemMonitorOptions options{.long_schedule = 2_ms};
  REQUIRE(notes_of(options, [](OneNode& node) { node.spawn<&toils>(8000); }) ==
          Notes{"on", "{monitor,<0.101.1>,long_schedule,[{timeout,2},{in,toils}]}"});
  REQUIRE(notes_of(options, [](OneNode& node) { node.spawn<&toils>(7000); }) == Notes{"on"});
  REQUIRE(notes_of(options, [](OneNode& node) { node.spawn<&toils_in_many_turns>(20'000); }) ==
          Notes{"on"});
}

TEST_CASE("a stream that cannot keep up is told of once", "[system_monitor]") {
  const Notes notes = notes_of({.busy_stream = true}, [](OneNode& node) { node.spawn<&floods>(); });
  REQUIRE(notes.size() == 2);
  REQUIRE(notes.back().starts_with("{monitor,<0.101.1>,busy_stream,"));
  REQUIRE(notes_of({.long_schedule = 1_s}, [](OneNode& node) { node.spawn<&floods>(); }) ==
          Notes{"on"});
}

TEST_CASE("the monitoring process is not told of itself", "[system_monitor]") {
  Notes notes;
  OneNode node;
  const Pid busy = node.spawn<&gets_mail>(500);
  REQUIRE(node.node().system_monitor().start(busy, queues(2, 10)).ok());
  const Pid other = node.spawn<&waits>();
  node.world().run_until(Instant::at(500_ms));
  REQUIRE(node.node().find(busy)->mail_length() == 500);
  REQUIRE(node.node().find(other)->mail_length() == 0);
}

TEST_CASE("there is one monitoring process, and none once it is gone", "[system_monitor]") {
  OneNode node;
  SystemMonitor& monitor = node.node().system_monitor();
  const Pid first = node.spawn<&waits>();
  const Pid second = node.spawn<&waits>();
  node.run();
  REQUIRE_FALSE(monitor.current());
  REQUIRE_FALSE(monitor.start(first, queues(2, 10)).value());
  const auto former = monitor.start(second, {.busy_stream = true}).value();
  REQUIRE(former);
  REQUIRE(former->monitor == first);
  REQUIRE(former->options == queues(2, 10));
  REQUIRE(monitor.current()->monitor == second);
  REQUIRE(monitor.current()->options == SystemMonitorOptions{.busy_stream = true});
  node.node().exit(second, Term(atoms::kill));
  node.run();
  REQUIRE_FALSE(monitor.current());
  REQUIRE_FALSE(monitor.start(first, queues(2, 10)).value());
  REQUIRE(monitor.start(first, {}).value()->monitor == first);  // options that ask for nothing
  REQUIRE_FALSE(monitor.current());
}

TEST_CASE("options that make no sense are refused, and nothing changes", "[system_monitor]") {
  OneNode node;
  SystemMonitor& monitor = node.node().system_monitor();
  const Pid pid = node.spawn<&waits>();
  node.run();
  REQUIRE(monitor.start(pid, queues(2, 10)).ok());
  REQUIRE(monitor.start(pid, queues(10, 10)).error().code == "badarg");
  REQUIRE(monitor.start(pid, queues(1, 0)).error().code == "badarg");
  REQUIRE(monitor.start(pid, {.long_schedule = -1_ms}).error().code == "badarg");
  REQUIRE(monitor.start(Pid(), {.busy_stream = true}).error().code == "badarg");
  REQUIRE(monitor.current()->options == queues(2, 10));
}

TEST_CASE("what a monitor is told is read again as it was printed", "[system_monitor]") {
  const Pid pid{"a@h"_atom, 7, 1, 1};
  const LongSchedule schedule{.pid = pid, .time = 12_ms, .in = "shop"_atom};
  const auto again = from_term<LongSchedule>(to_term(schedule));
  REQUIRE(again->pid == pid);
  REQUIRE(again->time == 12_ms);
  REQUIRE(again->in == "shop"_atom);
  REQUIRE(from_term<LongMessageQueue>(to_term(LongMessageQueue{pid, true, 0}))->is_long);
  REQUIRE(from_term<BusyStream>(to_term(BusyStream{pid, {5}}))->socket == Socket{5});
  REQUIRE_FALSE(from_term<BusyStream>(to_term(schedule)).ok());
}

}  // namespace glasshouse::tests

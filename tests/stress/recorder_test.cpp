// Real threads emit at once; the recording is then held against what they emitted.

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <semaphore.h>

#include "tests/catch.h"
#include "tests/tracing/trace_file.h"

namespace glasshouse::tracing {

namespace {

constexpr int producers = 4;
constexpr std::size_t small_ring = 4'096;  // bytes: full all the time

Event made(EventKind kind, std::uint32_t subject, std::uint32_t peer, std::uint64_t message,
           std::int64_t time) {
  Event event;
  event.kind = kind;
  event.node = 1;
  event.subject = story::key(subject);
  if (peer != 0) event.peer = story::key(peer);
  event.message = message;
  event.time = Instant::at(Duration::nanoseconds(time));
  return event;
}

RecorderOptions options_for(const TraceFile& file, Pressure pressure, std::size_t ring_bytes) {
  return {.path = file.path(), .pressure = pressure, .ring_bytes = ring_bytes};
}

RunDescription on_many_cores() {
  RunDescription run = described();
  run.world = WorldKind::multicore;
  return run;
}

}  // namespace

TEST_CASE("nothing is lost and every thread's order is kept, however small the rings",
          "[recorder]") {
  constexpr std::int64_t each = 20'000;
  TraceFile file;
  auto recorder = value_of(
      Recorder::create(options_for(file, Pressure::lossless, small_ring), on_many_cores()));
  std::atomic<std::int64_t> clock{0};
  std::vector<std::thread> threads;
  for (std::uint32_t self = 1; self <= producers; ++self) {
    threads.emplace_back([&, self] {
      for (std::int64_t i = 0; i < each; ++i) {
        Event event = made(EventKind::log, self, 0, 0, clock.fetch_add(1) + 1);
        event.argument = i;
        recorder->emit(event, i % 3 == 0 ? "with a text" : "");
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
  REQUIRE(recorder->finish({}).ok());
  REQUIRE(recorder->dropped() == 0);
  Reader reader = opened(file);
  REQUIRE(reader.run().events == each * producers);
  std::map<std::uint64_t, std::int64_t> next;
  Instant last;
  for (const auto& event : value_of(reader.events({.limit = each * producers}))) {
    REQUIRE(event.argument == next[event.subject.key.value]++);
    REQUIRE(event.detail == (event.argument % 3 == 0 ? "with a text" : ""));
    REQUIRE(event.time >= last);
    last = event.time;
  }
}

TEST_CASE("a receive never stands before its send", "[recorder]") {
  constexpr std::uint64_t rounds = GLASSHOUSE_SANITIZED ? 2'000 : 20'000;
  TraceFile file;
  auto recorder =
      value_of(Recorder::create(options_for(file, Pressure::lossless, 65'536), on_many_cores()));
  for (std::uint32_t self = 1; self <= 2; ++self) {
    recorder->emit(made(EventKind::spawn, self, 0, 0, 0));
  }
  // Two threads pass messages back and forth; a coarse clock gives many equal times.
  // Who waits sleeps: one that yields gives its time to whatever else runs.
  sem_t passed[2];
  for (sem_t& each : passed)
    sem_init(&each, 0, 0);
  std::atomic<std::int64_t> clock{0};
  const auto play = [&](std::uint32_t self) {
    const std::uint32_t other = 3 - self;
    for (std::uint64_t round = 1; round <= rounds; ++round) {
      const std::uint64_t message = round * 2 + self;
      recorder->emit(made(EventKind::send, self, other, message, clock.fetch_add(1) / 16));
      sem_post(&passed[self - 1]);
      while (sem_wait(&passed[other - 1]) != 0) {
      }
      const std::uint64_t theirs = round * 2 + other;
      recorder->emit(made(EventKind::receive, self, other, theirs, clock.fetch_add(1) / 16));
    }
  };
  std::thread first(play, 1);
  std::thread second(play, 2);
  first.join();
  second.join();
  for (sem_t& each : passed)
    sem_destroy(&each);
  REQUIRE(recorder->finish({}).ok());
  Reader reader = opened(file);
  REQUIRE(reader.run().events == 2 + 4 * rounds);
  std::map<std::uint64_t, Seq> sent;
  std::uint64_t received = 0;
  for (const auto& event : value_of(reader.events({.limit = 4 * rounds + 2}))) {
    if (event.kind == EventKind::send) sent[event.message] = event.seq;
    if (event.kind != EventKind::receive) continue;
    ++received;
    REQUIRE(sent.count(event.message) == 1);
    REQUIRE(event.cause == sent[event.message]);
  }
  REQUIRE(received == 2 * rounds);
}

TEST_CASE("under monitoring nobody waits, and what is dropped is counted in the file",
          "[recorder]") {
  constexpr std::uint64_t each = 50'000;
  TraceFile file;
  auto recorder = value_of(
      Recorder::create(options_for(file, Pressure::monitoring, small_ring), on_many_cores()));
  std::vector<std::thread> threads;
  for (std::uint32_t self = 1; self <= producers; ++self) {
    threads.emplace_back([&, self] {
      for (std::uint64_t i = 0; i < each; ++i) {
        recorder->emit(made(EventKind::log, self, 0, i, static_cast<std::int64_t>(i)));
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
  REQUIRE(recorder->finish({}).ok());
  Reader reader = opened(file);
  REQUIRE(reader.run().dropped > 0);
  REQUIRE_FALSE(reader.run().lossless);
  REQUIRE(reader.run().events + reader.run().dropped == each * producers);
  REQUIRE(reader.run().dropped == recorder->dropped());
}

TEST_CASE("message numbers of different threads differ", "[recorder]") {
  TraceFile file;
  auto recorder =
      value_of(Recorder::create(options_for(file, Pressure::lossless, 65'536), on_many_cores()));
  std::mutex mutex;
  std::map<std::uint64_t, int> numbers;
  std::vector<std::thread> threads;
  for (int i = 0; i < producers; ++i) {
    threads.emplace_back([&] {
      std::vector<std::uint64_t> own;
      for (int n = 0; n < 1'000; ++n)
        own.push_back(recorder->new_message_id());
      const std::lock_guard lock(mutex);
      for (const std::uint64_t number : own)
        ++numbers[number];
    });
  }
  for (auto& thread : threads)
    thread.join();
  REQUIRE(numbers.size() == producers * 1'000);
}

TEST_CASE("a reader sees whole batches while threads record", "[recorder]") {
  TraceFile file;
  auto recorder =
      value_of(Recorder::create(options_for(file, Pressure::lossless, 65'536), on_many_cores()));
  std::atomic<bool> stop{false};
  std::atomic<std::int64_t> clock{0};
  std::vector<std::thread> threads;
  for (std::uint32_t self = 1; self <= 2; ++self) {
    threads.emplace_back([&, self] {
      while (!stop.load(std::memory_order_relaxed)) {
        recorder->emit(made(EventKind::log, self, 0, 0, clock.fetch_add(1)), "text");
      }
    });
  }
  REQUIRE(recorder->flush().ok());
  Reader reader = opened(file);
  Seq seen = 0;
  for (int i = 0; i < 20; ++i) {
    REQUIRE(recorder->flush().ok());
    static_cast<void>(value_of(reader.refresh()));
    REQUIRE(reader.run().events >= seen);
    seen = reader.run().events;
    REQUIRE(value_of(reader.events({.last = seen, .limit = 10})).size() ==
            std::min<std::size_t>(10, seen));
  }
  stop.store(true, std::memory_order_relaxed);
  for (auto& thread : threads)
    thread.join();
  REQUIRE(recorder->finish({}).ok());
}

}  // namespace glasshouse::tracing

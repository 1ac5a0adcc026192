// How many events a second the recorder takes from one lossless producer, how large they are in
// the file, what the digest costs, and how long a reader takes for what the observer asks.
//
// Usage: trace_rate [EVENTS] [FILE]

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "runtime/base/random.h"
#include "tracing/digest.h"
#include "tracing/reader.h"
#include "tracing/recorder.h"

namespace {

using namespace glasshouse;
using runtime::Atom;
using runtime::Event;
using runtime::EventKind;

constexpr std::uint32_t servers = 200;
constexpr std::uint64_t node_bits = std::uint64_t{1} << 48;

// Requests and replies between clients and servers, as a key-value store has them: of eight events
// four are messages, two waits, one a state and one a storage request.
class Work {
 public:
  Work(runtime::Tracer& tracer, bool with_text) : tracer_(tracer), with_text_(with_text) {
    tell(EventKind::node_up, 0, 0, Atom("kv@host"), 0, 1);
    for (std::uint64_t i = 1; i <= servers; ++i) {
      tell(EventKind::spawn, i, 0, Atom("kv_shard"), 0, 0);
    }
  }

  void run(std::uint64_t events) {
    const Atom get("get"), reply("reply"), receive("receive"), append("append");
    for (std::uint64_t done = 0; done < events; done += 8) {
      const std::uint64_t client = 1 + draws_.below(servers / 2);
      const std::uint64_t server = 1 + servers / 2 + draws_.below(servers / 2);
      const std::uint64_t request = tracer_.new_message_id();
      tell(EventKind::send, client, server, get, request, hash(), "{get,<<\"key:000000012\">>}");
      tell(EventKind::wait, client, server, Atom("call"), 0, 0);
      tell(EventKind::receive, server, client, get, request, 0);
      tell(EventKind::state, server, 0, Atom(), 0, hash(), "#{handled => 12345,keys => 100}");
      tell(EventKind::storage, server, 0, append, done, 64, "shard-3/wal");
      const std::uint64_t answer = tracer_.new_message_id();
      tell(EventKind::send, server, client, reply, answer, hash(), "{ok,<<\"value\">>}");
      tell(EventKind::wait, server, 0, receive, 0, 0);
      tell(EventKind::receive, client, server, reply, answer, 0);
    }
  }

 private:
  std::int64_t hash() { return static_cast<std::int64_t>(draws_.next()); }

  void tell(EventKind kind, std::uint64_t subject, std::uint64_t peer, Atom name,
            std::uint64_t message, std::int64_t argument, std::string_view text = {}) {
    time_ += 700;
    Event event;
    event.kind = kind;
    event.node = 1;
    event.name = name;
    event.time = runtime::Instant::at(runtime::Duration::nanoseconds(time_));
    event.subject.value = subject == 0 ? 0 : node_bits | subject;
    event.peer.value = peer == 0 ? 0 : node_bits | peer;
    event.message = message;
    event.argument = argument;
    tracer_.emit(event, with_text_ ? text : std::string_view());
  }

  runtime::Tracer& tracer_;
  bool with_text_;
  runtime::Draws draws_{1};
  std::int64_t time_ = 0;
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void measure_digest(std::uint64_t events) {
  tracing::DigestTracer digest({});
  Work work(digest, false);
  const auto start = std::chrono::steady_clock::now();
  work.run(events);
  const double seconds = seconds_since(start);
  std::printf("digest only:       %6.1f ns an event (with its source), digest %s\n",
              seconds * 1e9 / static_cast<double>(events),
              tracing::digest_text(digest.digest()).c_str());
}

void measure_recording(std::uint64_t events, const std::string& path, bool with_text) {
  const auto detail = with_text ? runtime::Detail::text : runtime::Detail::digest;
  auto recorder = tracing::Recorder::create({.path = path, .detail = detail}, {});
  if (!recorder) {
    std::printf("%s\n", recorder.error().what.c_str());
    std::exit(1);
  }
  const auto start = std::chrono::steady_clock::now();
  tracing::DigestTracer digest(
      {.next = recorder->get(), .checkpoint = [&](std::uint64_t count, std::uint64_t value) {
         (*recorder)->digest_point(count, value);
       }});
  Work work(digest, with_text);
  work.run(events);
  const double emitted = seconds_since(start);
  const auto finished = (*recorder)->finish({.words = "finished"});
  const double seconds = seconds_since(start);
  if (!finished) std::printf("%s\n", finished.error().what.c_str());
  const auto bytes = static_cast<double>(std::filesystem::file_size(path));
  std::printf("%s %9.0f events/s (emitted after %.2f s, in the file after %.2f s), %.1f B each\n",
              with_text ? "recorded with text:" : "recorded:          ",
              static_cast<double>(events) / seconds, emitted, seconds,
              bytes / static_cast<double>(events));
  recorder->reset();
}

// The median and the slowest but one in a hundred of 200 questions, in milliseconds.
template <class Ask>
void measure_asking(const char* what, const Ask& ask) {
  std::vector<double> times;
  for (int i = 0; i < 200; ++i) {
    const auto start = std::chrono::steady_clock::now();
    ask();
    times.push_back(seconds_since(start) * 1e3);
  }
  std::sort(times.begin(), times.end());
  std::printf("%-19s%6.2f ms at the median, %6.2f ms at 99 of 100\n", what, times[100], times[198]);
}

void measure_reading(const std::string& path) {
  const auto start = std::chrono::steady_clock::now();
  auto reader = tracing::Reader::open(path);
  if (!reader) return;
  std::printf("open:              %6.2f ms\n", seconds_since(start) * 1e3);
  const tracing::Seq last = reader->run().events;
  const std::int64_t end = reader->run().end.nanoseconds();
  runtime::Draws draws(9);
  measure_asking("the world then:", [&] { return reader->processes(1 + draws.below(last)).ok(); });
  measure_asking("2,000 events:", [&] {
    return reader->events({.first = 1 + draws.below(last), .limit = 2'000}).ok();
  });
  measure_asking("next of a process:", [&] {
    const auto process = static_cast<tracing::ProcessNumber>(1 + draws.below(servers));
    const tracing::EventFilter filter{.processes = {process}, .as_subject = true};
    return reader->next(draws.below(last), filter).ok();
  });
  measure_asking("cause:", [&] { return reader->cause(1 + draws.below(last)).ok(); });
  measure_asking("effect:", [&] { return reader->effect(1 + draws.below(last)).ok(); });
  measure_asking("overview, 1,600:", [&] {
    const auto width = static_cast<std::int64_t>(draws.below(static_cast<std::uint64_t>(end)));
    return reader->overview(tracing::Axis::time, end - width, end, 1'600).ok();
  });
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t events = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 2'000'000;
  const std::string path =
      argc > 2 ? argv[2]
               : (std::filesystem::temp_directory_path() / "glasshouse_trace_rate.db").string();
  measure_digest(events);
  measure_recording(events, path, false);
  measure_recording(events, path, true);
  measure_reading(path);
  std::filesystem::remove(path);
  return 0;
}

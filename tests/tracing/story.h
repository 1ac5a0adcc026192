#pragma once
// A small made-up world that emits events as the runtime would: a supervisor, servers that send
// each other messages, crashes, restarts, timers, faults. Equal for equal seeds. It keeps what it
// emitted, so that tests can look everything up the slow and obvious way.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/random.h"
#include "runtime/observe/tracer.h"

namespace glasshouse::tracing::story {

using runtime::Atom;
using runtime::Event;
using runtime::EventKind;
using runtime::ProcessKey;

struct Told {
  Event event;
  std::string text;
};

// Node 1, process `id`.
inline ProcessKey key(std::uint32_t id, std::uint16_t node = 1) {
  return ProcessKey{(std::uint64_t{node} << 48) | id};
}

// Numbers messages and forgets everything.
class Forgetful final : public runtime::Tracer {
 public:
  using Tracer::emit;
  void emit(const Event&, std::string_view) override {}
  std::uint64_t new_message_id() override { return ++last_; }

 private:
  std::uint64_t last_ = 0;
};

class Story {
 public:
  Story(runtime::Tracer& tracer, std::uint64_t seed) : tracer_(tracer), draws_(seed) {}

  // Node up, a supervisor and `servers` children.
  void begin(std::uint32_t servers) {
    tell(EventKind::node_up, {}, {}, "kv@host", 0, 1);
    tell(EventKind::spawn, supervisor_, {}, "kv_sup");
    tell(EventKind::register_name, supervisor_, {}, "kv_sup");
    tell(EventKind::supervisor, supervisor_, {}, "one_for_one", 10'000'000'000, 5);
    for (std::uint32_t i = 0; i < servers; ++i) {
      servers_.push_back({});
      start(i);
    }
    wait(supervisor_);
  }

  // One thing happens, drawn.
  void step() {
    time_ += 1'000 + draws_.below(200'000);
    const auto from = static_cast<std::size_t>(draws_.below(servers_.size()));
    const auto to = static_cast<std::size_t>(draws_.below(servers_.size()));
    switch (draws_.below(24)) {
      case 0:
        return crash(static_cast<std::uint32_t>(from));
      case 1:
        return timer(from);
      case 2:
        return fault();
      case 3:
      case 4:
      case 5:
      case 6:
      case 7:
      case 8:
      case 9:
      case 10:
        return receive(from);
      default:
        return send(from, to);
    }
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i)
      step();
  }

  void tell(EventKind kind, ProcessKey subject, ProcessKey peer = {}, std::string_view name = {},
            std::uint64_t message = 0, std::int64_t argument = 0, std::string_view text = {}) {
    Event event;
    event.kind = kind;
    event.node = 1;
    event.subject = subject;
    event.peer = peer;
    if (!name.empty()) event.name = Atom(name);
    event.message = message;
    event.argument = argument;
    event.time =
        runtime::Instant::at(runtime::Duration::nanoseconds(static_cast<std::int64_t>(time_)));
    told_.push_back({event, std::string(text)});
    tracer_.emit(event, text);
  }

  void send(std::size_t from, std::size_t to) {
    const std::uint64_t message = tracer_.new_message_id();
    const std::string text = "{get,<<\"key" + std::to_string(message % 10) + "\">>}";
    tell(EventKind::send, servers_[from].key, servers_[to].key, "get", message,
         static_cast<std::int64_t>(draws_.next()), text);
    servers_[to].mailbox.push_back({message, servers_[from].key});
  }

  void receive(std::size_t who) {
    Server& server = servers_[who];
    if (server.mailbox.empty()) return wait(server.key);
    // Now and then not the oldest: a selective receive.
    const std::size_t place = draws_.below(4) == 0 ? draws_.below(server.mailbox.size()) : 0;
    const auto [message, sender] = server.mailbox[place];
    server.mailbox.erase(server.mailbox.begin() + static_cast<std::ptrdiff_t>(place));
    tell(EventKind::receive, server.key, sender, "get", message);
    tell(EventKind::state, server.key, {}, {}, 0, 0,
         "#{handled => " + std::to_string(++server.handled) + "}");
  }

  // The server dies and its supervisor starts it again.
  void crash(std::uint32_t who) {
    const ProcessKey dead = servers_[who].key;
    tell(EventKind::crash, dead, {}, {}, 0, 0, "{crash_report,{badmatch,7}}");
    tell(EventKind::exit, dead, {}, {}, 0, 0, "{badmatch,7}");
    for (const auto& [message, sender] : servers_[who].mailbox) {
      tell(EventKind::drop, {}, dead, "dead", message);
    }
    servers_[who].mailbox.clear();
    tell(EventKind::exit_signal, supervisor_, dead, "trapped");
    tell(EventKind::restart, supervisor_, dead, "restart", 0, 1, "it crashed with {badmatch,7}");
    start(who);
  }

  void timer(std::size_t who) {
    const std::uint64_t number = ++timers_;
    tell(EventKind::timer_start, servers_[who].key, {}, {}, number, 1'000'000);
    time_ += 1'000'000;
    tell(EventKind::timer_fire, servers_[who].key, {}, {}, number);
  }

  void fault() {
    tell(EventKind::fault_begin, {}, {}, "partition", ++faults_, 0, "{n1,n2}");
    time_ += 5'000'000;
    tell(EventKind::fault_end, {}, {}, "partition", faults_);
  }

  void wait(ProcessKey who) { tell(EventKind::wait, who, {}, "receive"); }

  const std::vector<Told>& told() const { return told_; }
  ProcessKey supervisor() const { return supervisor_; }
  ProcessKey server(std::size_t i) const { return servers_[i].key; }
  // The messages in a server's mailbox now, oldest first.
  std::vector<std::uint64_t> mailbox(std::size_t i) const {
    std::vector<std::uint64_t> messages;
    for (const auto& mail : servers_[i].mailbox)
      messages.push_back(mail.first);
    return messages;
  }
  std::size_t servers() const { return servers_.size(); }
  std::int64_t handled(std::size_t i) const { return servers_[i].handled; }

 private:
  struct Server {
    ProcessKey key;
    std::deque<std::pair<std::uint64_t, ProcessKey>> mailbox;
    std::int64_t handled = 0;
  };

  void start(std::uint32_t who) {
    servers_[who] = {};
    servers_[who].key = key(++last_id_);
    const std::string name = "shard_" + std::to_string(who);
    tell(EventKind::spawn, servers_[who].key, supervisor_, "kv_shard");
    tell(EventKind::link, supervisor_, servers_[who].key);
    tell(EventKind::register_name, servers_[who].key, {}, name);
    tell(EventKind::child, supervisor_, servers_[who].key, name, 0, 0);
  }

  runtime::Tracer& tracer_;
  runtime::Draws draws_;
  std::vector<Told> told_;
  std::vector<Server> servers_;
  ProcessKey supervisor_ = key(100);
  std::uint32_t last_id_ = 100;
  std::uint64_t time_ = 0;
  std::uint64_t timers_ = 0;
  std::uint64_t faults_ = 0;
};

}  // namespace glasshouse::tracing::story

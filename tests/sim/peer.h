#pragma once
// A process that uses sockets as it is told, and keeps a diary that outlives it.

#include <string>
#include <variant>
#include <vector>

#include "runtime/io/byte_streams.h"
#include "runtime/process/self.h"
#include "sim/world.h"

namespace glasshouse::sim {

using runtime::Accepted;
using runtime::Behaviour;
using runtime::Binary;
using runtime::Bytes;
using runtime::Closed;
using runtime::Connected;
using runtime::Drained;
using runtime::Self;
using runtime::Socket;

struct Say {
  Binary bytes;
};
struct Grant {
  std::uint64_t credit = 0;
};
struct HangUp {};

struct Diary {
  std::vector<std::string> lines;   // "accepted", "connected", "closed normal", "drained"
  std::vector<std::size_t> pieces;  // the sizes of Bytes
  std::string bytes;
  Instant last;  // when the latest message came
  bool told_full = false;
  Socket socket;

  bool has(const std::string& line) const {
    for (const auto& one : lines) {
      if (one == line) return true;
    }
    return false;
  }
};

struct PeerPlan {
  std::string to{};  // connects there; empty: listens
  std::uint16_t port = 80;
  std::uint64_t credit = 1 << 30;  // bytes, granted when a connection is there
  std::uint64_t accepts = 100;     // connections
  bool echoes = false;
};

inline Behaviour peer(Self self, Diary* diary, PeerPlan plan) {
  auto& network = self.network();
  self.own_io();
  Socket listener;
  if (plan.to.empty()) {
    const auto listening = network.listen(self.node(), self.pid(), {.host = {}, .port = plan.port});
    listener = listening->socket;
    network.credit(listener, plan.accepts);
  } else {
    network.connect(self.node(), self.pid(), {.host = plan.to, .port = plan.port});
  }
  for (;;) {
    auto message =
        co_await self.receive<Accepted, Connected, Bytes, Drained, Closed, Say, Grant, HangUp>();
    diary->last = self.now();
    if (auto* accepted = std::get_if<Accepted>(&message)) {
      diary->socket = accepted->socket;
      diary->lines.emplace_back("accepted");
      network.credit(diary->socket, plan.credit);
    } else if (auto* connected = std::get_if<Connected>(&message)) {
      diary->socket = connected->socket;
      diary->lines.emplace_back("connected");
      network.credit(diary->socket, plan.credit);
    } else if (auto* bytes = std::get_if<Bytes>(&message)) {
      diary->bytes += bytes->bytes.view();
      diary->pieces.push_back(bytes->bytes.size());
      if (plan.echoes) network.send(bytes->socket, bytes->bytes);
    } else if (std::holds_alternative<Drained>(message)) {
      diary->lines.emplace_back("drained");
    } else if (auto* closed = std::get_if<Closed>(&message)) {
      diary->lines.push_back("closed " + std::string(closed->reason.text()));
    } else if (auto* say = std::get_if<Say>(&message)) {
      diary->told_full = !network.send(diary->socket, std::move(say->bytes));
    } else if (auto* grant = std::get_if<Grant>(&message)) {
      network.credit(diary->socket, grant->credit);
    } else {
      network.close(diary->socket);
    }
  }
}

// Two hosts, a server on one and a client on the other.
struct Pair {
  explicit Pair(WorldOptions options = {}, PeerPlan server_plan = {}, PeerPlan client_plan = {})
      : world(std::move(options)) {
    client_plan.to = "left";
    left = world.add_host("left");
    right = world.add_host("right");
    server = world.start_node(left, "server", [this, server_plan](Node& node) {
      server_pid = node.spawn<peer>(&server_diary, server_plan);
    });
    world.run_for(Duration::milliseconds(1));
    client = world.start_node(right, "client", [this, client_plan](Node& node) {
      client_pid = node.spawn<peer>(&client_diary, client_plan);
    });
  }
  void connect() { world.run_for(Duration::seconds(1)); }
  void client_says(std::string_view text) {
    world.node(client)->deliver<Say>(client_pid, Binary(text));
  }
  void server_says(std::string_view text) {
    world.node(server)->deliver<Say>(server_pid, Binary(text));
  }

  Diary server_diary;  // outlive the world
  Diary client_diary;
  World world;
  HostId left{};
  HostId right{};
  NodeId server{};
  NodeId client{};
  Pid server_pid;
  Pid client_pid;
};

}  // namespace glasshouse::sim

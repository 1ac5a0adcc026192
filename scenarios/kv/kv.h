#pragma once
// The flagship: a supervised key-value store in actors that speaks the Redis protocol (RESP2).
//
//   kv_sup            rest_for_one
//   ├─ kv_shard_sup       one_for_one: kv_shard_0 ... each a table and its write-ahead log
//   ├─ kv_connection_sup  simple_one_for_one, temporary: one process for each connection
//   └─ kv_acceptor        listens, starts connections
//
// Every process above is registered under the name shown (connections have none, they are labelled
// with their peer). What a client was told is done is on the disk before it is told, and nobody
// reads a value that a crash could take back. A shard that crashes recovers from its log; meanwhile
// its clients wait a little, or are answered -TRYAGAIN, and never get a false OK.
//
// The same functions start the same actors in both worlds. Threads: as Node::spawn.

#include <cstdint>
#include <functional>
#include <string>

#include "runtime/base/time.h"
#include "runtime/process/pid.h"
#include "runtime/term/atom.h"

namespace glasshouse::runtime {
class Node;
}

namespace glasshouse::scenarios::kv {

class History;

// When a write is answered. before_sync is a bug, shipped to be found: a node that loses power
// forgets writes it had acknowledged.
enum class Acknowledge : std::uint8_t { after_sync, before_sync };

struct Options {
  std::string host = "127.0.0.1";  // where to listen; in the simulator the name of the host
  std::uint16_t port = 0;          // 0: any free one, another one after the acceptor crashed
  std::uint32_t shards = 4;        // fixed for the life of a data folder
  Acknowledge acknowledge = Acknowledge::after_sync;
  std::uint32_t connections_max = 1024;  // more wait in the operating system's queue
  std::uint32_t pipeline_max = 1024;     // commands of one connection that wait for an answer
  std::uint32_t restarts_max = 100;      // of shards within 5 s; one more restarts the whole tree
  std::string folder = "kv";             // of the logs, in the node's storage
  // A shard writes its table to a new log when the old one has grown to four times what it held at
  // first, and by so much more.
  std::uint64_t rewrite_bytes_least = 16 << 20;
  // Called by the acceptor when it listens, with the real port. Any thread; must not block.
  std::function<void(std::uint16_t)> on_listening;
};

// Spawns the tree and returns kv_sup without waiting for it; the store is open when it listens.
// REQUIRES: shards is in 1..shards_max.
runtime::Pid start(runtime::Node& node, const Options& options);

inline constexpr std::uint32_t shards_max = 256;

// kv_shard_<index>.
runtime::Atom shard_name(std::uint32_t index);

// What CLIENT ID answers to a client whose connection is this process: for tests that end it.
std::int64_t client_id(runtime::Pid connection);

// One client of a workload: writes, reads, counts and deletes its own keys over one connection, one
// command after the other, and writes down what it asked and what it was told. It reconnects with
// backoff, and after its last operation reads every key once more and exits normally.
struct ClientOptions {
  std::uint32_t number = 1;  // of this client among all of a history; its draws are its own
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::uint32_t operations = 200;
  std::uint32_t keys = 8;  // of each kind: registers and counters
  std::uint32_t value_bytes = 16;
  runtime::Duration timeout = runtime::Duration::milliseconds(500);  // then: outcome unknown
  runtime::Duration pause = runtime::Duration::milliseconds(5);      // mean, between operations
  runtime::Duration backoff = runtime::Duration::milliseconds(20);   // first; doubles to 1 s
};

// `history` must outlive the node; clients on many nodes may share one.
runtime::Pid start_client(runtime::Node& node, const ClientOptions& options, History& history);

}  // namespace glasshouse::scenarios::kv

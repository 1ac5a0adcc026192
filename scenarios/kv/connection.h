#pragma once
// One client's connection: cuts its bytes into commands, sends each command's steps to the shards
// that keep the keys, and answers in the order asked, however the shards answer.
//
// Bounds: at most `pipeline_max` commands wait for an answer, and at most `window_bytes` that were
// not looked at arrive; beyond that, and while the client does not read its replies, nothing more
// is taken from the socket.
//
// A shard that is down: what was sent to it and not answered is asked again, under the same
// numbers, when it is back; the shard finds in its log what of it was done. What came since goes
// behind it. If the shard is not back within shard_patience, reads and what was not sent are
// refused with TRYAGAIN, and writes that were sent with UNKNOWN: they may be done or not.

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "runtime/behaviour/gen_server.h"
#include "runtime/io/byte_streams.h"
#include "scenarios/kv/commands.h"
#include "scenarios/kv/kv.h"
#include "scenarios/kv/messages.h"
#include "scenarios/kv/resp.h"

namespace glasshouse::scenarios::kv {

inline constexpr std::size_t window_bytes = 128 << 10;
inline constexpr runtime::Duration shard_patience = runtime::Duration::seconds(5);
inline constexpr runtime::Duration shard_retry_pause = runtime::Duration::milliseconds(10);

struct ConnectionOptions {
  runtime::Socket socket;
  std::string peer;
  std::uint32_t shards = 1;
  std::uint32_t pipeline_max = 1;
};

// From the acceptor: the socket is yours now.
struct Serve {};
// To itself: look whether that shard is back.
struct LookForShard {
  std::uint32_t shard = 0;
};

class KvConnection {
 public:
  using Accepts = runtime::Messages<ShardReply, runtime::Bytes, runtime::Drained, runtime::Closed,
                                    runtime::Down, LookForShard, Serve>;

  KvConnection(runtime::Self self, ConnectionOptions options);

  void handle(Serve);
  void handle(runtime::Bytes bytes);
  void handle(ShardReply reply);
  void handle(runtime::Drained);
  void handle(runtime::Closed closed);
  void handle(runtime::Down down);
  void handle(LookForShard look);
  runtime::Term describe() const;

 private:
  // A command that was read and not yet answered.
  struct Slot {
    CommandPlan::Shape shape = CommandPlan::Shape::one;
    std::uint32_t parts_left = 0;
    std::string reply{};  // when there are no parts
    std::vector<StepResult> results{};
  };
  // Where the result of a step goes.
  struct Target {
    std::uint64_t slot = 0;
    std::uint32_t part = 0;
  };
  // Steps for one shard, in the order of their commands.
  struct Request {
    std::vector<Step> steps{};
    std::vector<Target> targets{};
    bool empty() const { return steps.empty(); }
  };
  struct Shard {
    runtime::Atom name;
    Pid pid{};  // null: down, or not met yet
    runtime::Ref monitor{};
    std::map<std::uint64_t, Request> asked{};  // by number
    Request gathered{};                        // not sent yet
    bool looking = false;
    runtime::Instant patience_ends{};
  };

  void work();
  void read_commands();
  bool is_full() const;
  void add_command(CommandPlan plan);
  void add_step(std::uint32_t shard, Step step, Target target);
  void send_gathered();
  void send_to(std::uint32_t index);
  bool meet(Shard& shard);
  void wait_for(std::uint32_t index);
  void put(const Target& target, StepResult result);
  void ask(Shard& shard, std::uint64_t number);
  void ask_again(Shard& shard);
  void refuse(Shard& shard);
  void send_replies();
  void grant();

  runtime::Self self_;
  ConnectionOptions options_;
  CommandParser parser_;
  std::vector<Shard> shards_;
  std::deque<Slot> slots_;  // the first is the oldest command that is not answered
  std::uint64_t first_slot_ = 0;
  std::uint64_t next_request_ = 1;
  std::size_t owed_credit_ = 0;
  bool must_drain_ = false;  // the client does not read its replies
  bool is_last_ = false;     // nothing more is read; ends when all is answered
};

}  // namespace glasshouse::scenarios::kv

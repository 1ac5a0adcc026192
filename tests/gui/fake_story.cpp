// The story that FakeSource tells: who is started, what they say to each other, what breaks.

#include <algorithm>

#include "tests/gui/fake_source.h"

namespace glasshouse::gui {
namespace {

constexpr std::int64_t ms = 1'000'000;
constexpr std::uint16_t nodes = 3;

}  // namespace

// A linear congruential generator: any would do, as long as it is always the same.
std::uint64_t FakeSource::draw(std::uint64_t below) {
  random_ = random_ * 6364136223846793005U + 1442695040888963407U;
  return (random_ >> 33) % below;
}

void FakeSource::add(EventRow event) {
  auto fill = [&](ProcessKey key, std::string& name, std::string& pid) {
    if (key == 0) return;
    const auto& [node, known] = named_.at(key);
    name = known;
    pid = "<" + std::to_string(node) + "." + std::to_string(100 + key) + ".0>";
  };
  fill(event.subject, event.subject_name, event.subject_pid);
  fill(event.peer, event.peer_name, event.peer_pid);
  if (event.node == 0 && event.subject != 0) event.node = named_.at(event.subject).first;
  events_.push_back(std::move(event));
}

ProcessKey FakeSource::spawn(std::int64_t time, ProcessKey parent, std::uint16_t node,
                             const std::string& name, const std::string& behaviour) {
  ProcessKey key = next_process_++;
  named_[key] = {node, name};
  add({.time_ns = time,
       .kind = EventKind::spawn,
       .node = node,
       .subject = key,
       .peer = parent,
       .name = behaviour});
  if (parent != 0) add({.time_ns = time, .kind = EventKind::link, .subject = key, .peer = parent});
  return key;
}

void FakeSource::supervise(std::int64_t time, ProcessKey supervisor, const std::string& strategy,
                           std::int64_t intensity) {
  add({.time_ns = time,
       .kind = EventKind::supervisor,
       .subject = supervisor,
       .name = strategy,
       .message = 10'000 * ms,
       .argument = intensity});
}

ProcessKey FakeSource::start_child(std::int64_t time, ProcessKey supervisor, const std::string& id,
                                   const std::string& behaviour) {
  ProcessKey child = spawn(time, supervisor, named_.at(supervisor).first, id, behaviour);
  add({.time_ns = time,
       .kind = EventKind::child,
       .subject = supervisor,
       .peer = child,
       .name = id});
  return child;
}

void FakeSource::boot(std::uint16_t node) {
  std::string n = std::to_string(node);
  std::int64_t t = node * 3 * ms;
  add({.time_ns = t, .kind = EventKind::node_up, .node = node, .name = "n" + n});
  ProcessKey top = spawn(t, 0, node, "kv_sup", "supervisor");
  supervise(t, top, "rest_for_one", 3);
  ProcessKey store = start_child(t + ms, top, "kv_store_sup", "supervisor");
  supervise(t + ms, store, "one_for_one", 5);
  shard_sups_.push_back(store);
  std::vector<ProcessKey> shards;
  for (int i = 1; i <= 6; ++i) {
    std::string id = "kv_shard_" + std::to_string(i);
    shards.push_back(start_child(t + (1 + i) * ms, store, id, "kv::Shard"));
  }
  shards_.push_back(shards);
  start_child(t + 9 * ms, top, "kv_acceptor", "kv::Acceptor");
  start_child(t + 9 * ms, top, "raft_member", "raft::Member");
  ProcessKey sup = start_child(t + 10 * ms, top, "kv_connection_sup", "supervisor");
  supervise(t + 10 * ms, sup, "simple_one_for_one", 100);
  std::vector<ProcessKey> clients;
  for (int i = 1; i <= options_.connections; ++i) {
    std::int64_t at = t + (10 + 2 * std::min(i, 100)) * ms;
    clients.push_back(start_child(at, sup, "kv_conn_" + std::to_string(i), "kv::Connection"));
  }
  clients_.push_back(clients);
}

// A call of a connection to a shard, and the answer.
void FakeSource::converse(std::int64_t time, ProcessKey client, ProcessKey shard) {
  static constexpr const char* verbs[] = {"get", "set", "incr", "del"};
  std::string verb = verbs[draw(4)];
  std::string k = "<<\"k" + std::to_string(draw(40)) + "\">>";
  std::string body = verb == "set" ? "{set, " + k + ", " + std::to_string(draw(900)) + "}"
                                   : "{" + verb + ", " + k + "}";
  std::uint64_t call = ++message_;
  std::uint64_t reply = ++message_;
  bool is_far = named_.at(client).first != named_.at(shard).first;
  std::int64_t there = (is_far ? 8 + static_cast<std::int64_t>(draw(20)) : 1) * ms;
  bool is_split = time > 4'200 * ms && time < 5'810 * ms &&
                  (named_.at(client).first == 3) != (named_.at(shard).first == 3);
  if (is_split) there += 5'900 * ms - time;
  std::int64_t work = static_cast<std::int64_t>(1 + draw(4)) * ms;
  std::int64_t end = time + there + work;
  add({.time_ns = time,
       .kind = EventKind::send,
       .subject = client,
       .peer = shard,
       .name = "call",
       .message = call,
       .argument = 7,
       .text = "{call, " + body + "}"});
  add({.time_ns = time, .kind = EventKind::wait, .subject = client, .peer = shard, .name = "call"});
  add({.time_ns = time + there,
       .kind = EventKind::receive,
       .subject = shard,
       .peer = client,
       .name = "call",
       .message = call,
       .text = "{call, " + body + "}"});
  const auto reductions = static_cast<std::int64_t>(40 + draw(400));
  const std::uint64_t unsynced = draw(4);
  const std::uint64_t keys = 20 + draw(20);
  add({.time_ns = end,
       .kind = EventKind::state,
       .subject = shard,
       .text = "#{keys => " + std::to_string(keys) + ", last => " + k + ", log_bytes => " +
               std::to_string(4'096 + time / ms * 3) + ", role => leader, unsynced => " +
               std::to_string(unsynced) + "}"});
  add({.time_ns = end,
       .kind = EventKind::send,
       .subject = shard,
       .peer = client,
       .name = "reply",
       .message = reply,
       .text = "{reply, ok}"});
  add({.time_ns = end,
       .kind = EventKind::wait,
       .subject = shard,
       .name = "receive",
       .argument = reductions});
  add({.time_ns = end + there,
       .kind = EventKind::receive,
       .subject = client,
       .peer = shard,
       .name = "reply",
       .message = reply,
       .text = "{reply, ok}"});
  add({.time_ns = end + there, .kind = EventKind::wait, .subject = client, .name = "receive"});
}

void FakeSource::crash(std::int64_t time, ProcessKey& shard, const std::string& reason) {
  std::uint16_t node = named_.at(shard).first;
  std::string id = named_.at(shard).second;
  ProcessKey supervisor = shard_sups_[node - 1U];
  add({.time_ns = time,
       .kind = EventKind::crash,
       .subject = shard,
       .text = "{crash_report, " + reason +
               ", [{initial_call, 'kv::Shard'}, "
               "{messages, [{call, {get, <<\"k17\">>}}, {call, {set, <<\"k3\">>, 12}}]}, "
               "{stack, [\"kv::Shard::handle(Set)\", \"gen_server::serve\"]}]}"});
  add({.time_ns = time, .kind = EventKind::exit, .subject = shard, .text = reason});
  add({.time_ns = time,
       .kind = EventKind::exit_signal,
       .subject = supervisor,
       .peer = shard,
       .name = "trapped"});
  add({.time_ns = time + ms,
       .kind = EventKind::restart,
       .subject = supervisor,
       .peer = shard,
       .name = "restart",
       .argument = 1,
       .text = id + " is permanent and ended with " + reason});
  shard = start_child(time + 2 * ms, supervisor, id, "kv::Shard");
}

void FakeSource::talk() {
  std::int64_t end = static_cast<std::int64_t>(options_.seconds * 1'000) * ms;
  struct Plan {
    std::int64_t time;
    std::uint16_t node;
    std::size_t shard;
    const char* reason;
  };
  const Plan plans[] = {
      {1'900 * ms, 1, 1, "{badmatch, {error, eio}}"},
      {3'300 * ms, 2, 3, "{timeout, {gen_server, call, [raft_member]}}"},
      {3'900 * ms, 2, 3, "{timeout, {gen_server, call, [raft_member]}}"},
      {4'900 * ms, 3, 0, "noproc"},
      {5'300 * ms, 3, 0, "noproc"},
      {6'700 * ms, 1, 4, "{badmatch, {error, enospc}}"},
  };
  std::size_t done = 0;
  for (std::int64_t time = 60 * ms; time < end;
       time += (2 + static_cast<std::int64_t>(draw(9))) * ms) {
    while (done < std::size(plans) && plans[done].time <= time) {
      const Plan& plan = plans[done++];
      crash(plan.time, shards_[plan.node - 1U][plan.shard], plan.reason);
    }
    const auto& clients = clients_[draw(nodes)];
    const auto& shards = shards_[draw(4) < 3 ? 0 : draw(nodes)];
    if (clients.empty()) continue;
    // One draw a statement: compilers differ in which of two arguments they evaluate first.
    ProcessKey shard = shards[draw(shards.size())];
    ProcessKey client = clients[draw(clients.size())];
    converse(time, client, shard);
  }
  add({.time_ns = 4'200 * ms,
       .kind = EventKind::fault_begin,
       .name = "partition",
       .message = 1,
       .text = "{[n1, n2], [n3]}"});
  add({.time_ns = 5'810 * ms, .kind = EventKind::fault_end, .name = "partition", .message = 1});
  add({.time_ns = 1'700 * ms,
       .kind = EventKind::fault_begin,
       .name = "slow disk",
       .message = 2,
       .text = "n1"});
  add({.time_ns = 2'300 * ms, .kind = EventKind::fault_end, .name = "slow disk", .message = 2});
  add({.time_ns = 7'400 * ms,
       .kind = EventKind::property,
       .name = "no_acknowledged_write_is_lost",
       .argument = 0,
       .text = "k17 is gone on n3"});
}

FakeSource::FakeSource(FakeOptions options) : options_(options) {
  for (std::uint16_t node = 1; node <= nodes; ++node)
    boot(node);
  talk();
  std::stable_sort(events_.begin(), events_.end(),
                   [](const EventRow& a, const EventRow& b) { return a.time_ns < b.time_ns; });
  for (std::size_t i = 0; i < events_.size(); ++i)
    events_[i].moment = i + 1;
  shown_ = events_.size();
  if (options_.is_live) shown_ = moment_at(1'000 * ms);
}

}  // namespace glasshouse::gui

#include "scenarios/kv/connection.h"

#include <algorithm>
#include <utility>

namespace glasshouse::scenarios::kv {

using runtime::Bytes;
using runtime::Closed;
using runtime::Down;
using runtime::Drained;
using runtime::Ref;
using runtime::Self;
using runtime::Term;
using namespace runtime::literals;
namespace atoms = runtime::atoms;

namespace {

constexpr std::string_view shard_is_down =
    "TRYAGAIN shard restarting: nothing was done for this key";
constexpr std::string_view shard_stopped = "UNKNOWN shard restarting: the write may be done or not";

}  // namespace

std::int64_t client_id(Pid connection) {
  return std::int64_t{connection.serial} << 32 | connection.id;
}

KvConnection::KvConnection(Self self, ConnectionOptions options)
    : self_(self), options_(std::move(options)) {
  self_.own_io();
  self_.set_label(Term(Binary(options_.peer)));
  for (std::uint32_t index = 0; index < options_.shards; ++index)
    shards_.push_back({.name = shard_name(index)});
}

void KvConnection::handle(Serve) {
  self_.network().credit(options_.socket, window_bytes);
}

void KvConnection::handle(Bytes bytes) {
  owed_credit_ += bytes.bytes.size();
  if (is_last_) return;
  parser_.feed(bytes.bytes.view());
  work();
}

void KvConnection::handle(Drained) {
  must_drain_ = false;
  work();
}

void KvConnection::handle(Closed closed) {
  const bool is_orderly = closed.reason == atoms::normal || closed.reason == "econnreset"_atom;
  self_.stop(is_orderly ? Term(atoms::normal)
                        : runtime::tuple(Term(atoms::shutdown), Term(closed.reason)));
}

void KvConnection::work() {
  bool was_full = false;
  do {
    read_commands();
    send_gathered();
    was_full = is_full();
    send_replies();
  } while (was_full && !is_full());  // replies made room for more commands
  grant();
}

bool KvConnection::is_full() const {
  return is_last_ || must_drain_ || slots_.size() >= options_.pipeline_max;
}

void KvConnection::read_commands() {
  while (!is_full()) {
    switch (parser_.next()) {
      case CommandParser::Status::command:
        add_command(plan_command(parser_.arguments()));
        break;
      case CommandParser::Status::need_more:
        return;
      case CommandParser::Status::broken: {
        CommandPlan plan{.kind = CommandPlan::Kind::quit};
        append_error(plan.reply, "ERR " + parser_.error());
        add_command(std::move(plan));
        break;
      }
    }
  }
}

void KvConnection::add_command(CommandPlan plan) {
  const std::uint64_t number = first_slot_ + slots_.size();
  Slot& slot = slots_.emplace_back();
  slot.shape = plan.shape;
  slot.reply = std::move(plan.reply);
  switch (plan.kind) {
    case CommandPlan::Kind::reply:
      break;
    case CommandPlan::Kind::who:
      append_integer(slot.reply, client_id(self_.pid()));
      break;
    case CommandPlan::Kind::quit:
      is_last_ = true;
      break;
    case CommandPlan::Kind::steps:
      slot.parts_left = static_cast<std::uint32_t>(plan.steps.size());
      slot.results.resize(plan.steps.size());
      for (std::uint32_t part = 0; part < slot.parts_left; ++part) {
        Step& step = plan.steps[part];
        const std::uint32_t shard = shard_of(step.key.view(), options_.shards);
        add_step(shard, std::move(step), {.slot = number, .part = part});
      }
      break;
    case CommandPlan::Kind::all_shards:
      slot.parts_left = options_.shards;
      slot.results.resize(options_.shards);
      for (std::uint32_t shard = 0; shard < options_.shards; ++shard)
        add_step(shard, plan.steps.front(), {.slot = number, .part = shard});
      break;
  }
}

void KvConnection::add_step(std::uint32_t shard, Step step, Target target) {
  Request& gathered = shards_[shard].gathered;
  gathered.steps.push_back(std::move(step));
  gathered.targets.push_back(target);
}

void KvConnection::send_gathered() {
  for (std::uint32_t index = 0; index < options_.shards; ++index) {
    if (!shards_[index].gathered.empty()) send_to(index);
  }
}

// While a shard is down everything for it gathers, so that the order stays.
void KvConnection::send_to(std::uint32_t index) {
  Shard& shard = shards_[index];
  if (shard.looking) return;
  if (!meet(shard)) return wait_for(index);
  const std::uint64_t number = next_request_++;
  shard.asked.emplace(number, std::exchange(shard.gathered, {}));
  ask(shard, number);
}

// Its steps stay here in case they must be asked again.
void KvConnection::ask(Shard& shard, std::uint64_t number) {
  self_.send<ShardRequest>(shard.pid, self_.pid(), number, shard.asked.begin()->first,
                           shard.asked.at(number).steps);
}

bool KvConnection::meet(Shard& shard) {
  if (!shard.pid.is_null()) return true;
  const auto pid = self_.whereis(shard.name);
  if (!pid) return false;
  shard.pid = *pid;
  shard.monitor = self_.monitor(*pid);
  return true;
}

void KvConnection::wait_for(std::uint32_t index) {
  Shard& shard = shards_[index];
  shard.looking = true;
  shard.patience_ends = self_.now() + shard_patience;
  self_.send_after<LookForShard>(shard_retry_pause, self_.pid(), index);
}

void KvConnection::handle(LookForShard look) {
  Shard& shard = shards_[look.shard];
  if (!meet(shard) && self_.now() < shard.patience_ends) {
    self_.send_after<LookForShard>(shard_retry_pause, self_.pid(), look.shard);
    return;
  }
  shard.looking = false;
  if (shard.pid.is_null()) {
    refuse(shard);
  } else {
    ask_again(shard);
  }
  work();
}

// In the order of their numbers, before anything new.
void KvConnection::ask_again(Shard& shard) {
  for (const auto& [number, request] : shard.asked)
    ask(shard, number);
}

void KvConnection::refuse(Shard& shard) {
  for (const auto& [number, request] : shard.asked) {
    const bool writes = std::any_of(request.steps.begin(), request.steps.end(),
                                    [](const Step& step) { return is_write(step.verb); });
    for (const Target& target : request.targets)
      put(target, error_result(writes ? shard_stopped : shard_is_down));
  }
  shard.asked.clear();
  for (const Target& target : std::exchange(shard.gathered, {}).targets)
    put(target, error_result(shard_is_down));
}

void KvConnection::handle(ShardReply reply) {
  auto& asked = shards_[reply.shard].asked;
  const auto found = asked.find(reply.number);
  if (found == asked.end()) return;  // refused since
  const Request request = std::move(found->second);
  asked.erase(found);
  for (std::size_t i = 0; i < request.targets.size(); ++i)
    put(request.targets[i], std::move(reply.results[i]));
  work();
}

void KvConnection::put(const Target& target, StepResult result) {
  Slot& slot = slots_[target.slot - first_slot_];
  slot.results[target.part] = std::move(result);
  --slot.parts_left;
}

void KvConnection::handle(Down down) {
  for (std::uint32_t index = 0; index < options_.shards; ++index) {
    Shard& shard = shards_[index];
    if (shard.monitor != down.ref) continue;
    shard.pid = Pid();
    shard.monitor = Ref();
    if (!shard.asked.empty() && !shard.looking) wait_for(index);
    return;
  }
}

void KvConnection::send_replies() {
  std::string out;
  while (!slots_.empty() && slots_.front().parts_left == 0) {
    const Slot& slot = slots_.front();
    if (slot.results.empty()) {
      out += slot.reply;
    } else {
      append_reply(out, slot.shape, slot.results);
    }
    slots_.pop_front();
    ++first_slot_;
  }
  if (!out.empty())
    must_drain_ = !self_.network().send(options_.socket, Binary(out)) || must_drain_;
  if (is_last_ && slots_.empty()) {
    self_.network().close(options_.socket);
    self_.stop(Term(atoms::normal));
  }
}

// Bytes are looked at as long as there is room for commands; only then may more come.
void KvConnection::grant() {
  if (is_full() || owed_credit_ == 0) return;
  self_.network().credit(options_.socket, std::exchange(owed_credit_, 0));
}

Term KvConnection::describe() const {
  std::size_t asked = 0;
  for (const Shard& shard : shards_)
    asked += shard.asked.size();
  return runtime::map("peer"_atom, Binary(options_.peer), "unanswered"_atom, slots_.size(),
                      "asked"_atom, asked);
}

}  // namespace glasshouse::scenarios::kv

#include "runtime/load/regulator.h"

#include <utility>

namespace glasshouse::runtime {

namespace {

const LoadLimits& checked(const LoadLimits& limits) {
  if (!is_valid(limits)) throw ExitException(Term("bad_limits"_atom));
  return limits;
}

Term queue_term(const LoadQueueInfo& info) {
  const LoadCounts& counts = info.counts;
  return map("specification"_atom, to_term(info.queue), "waiting"_atom, info.waiting,
             "at_work"_atom, info.at_work, "is_shedding"_atom, to_term(info.is_shedding), "ok"_atom,
             counts.ok, "timeout"_atom, counts.timeout, "queue_full"_atom, counts.queue_full,
             "shed"_atom, counts.shed, "gave_up"_atom, counts.gave_up);
}

}  // namespace

Regulator::Regulator(Self self, RegulatorSpec spec)
    : self_(self), regulation_(checked(spec.limits), self.now()) {
  for (const LoadQueue& queue : spec.queues) {
    if (is_valid(queue) && regulation_.add(queue, self.now())) continue;
    throw ExitException(tuple(Term("bad_queue"_atom), Term(queue.name)));
  }
}

Term Regulator::describe() const {
  const LoadInfo info = regulation_.info();
  std::vector<MapEntry> queues;
  for (const LoadQueueInfo& queue : info.queues)
    queues.push_back({Term(queue.queue.name), queue_term(queue)});
  return map("limits"_atom, to_term(info.limits), "at_work"_atom, info.at_work, "no_queue"_atom,
             info.no_queue, "queues"_atom, map_of(std::move(queues)));
}

void Regulator::handle(Request<AskPermission> request) {
  const Ref ticket = request.from.ref;
  const Pid asker = request.from.pid;
  const Atom queue = request.value.queue;
  Client& client = clients_.try_emplace(ticket, Client{std::move(request), Ref()}).first->second;
  regulation_.ask(ticket, queue, self_.now());
  // Whoever is refused at once is not watched: refusing must stay cheap.
  proceed();
  if (!regulation_.knows(ticket)) return;
  client.monitor = self_.monitor(asker);
  tickets_.emplace(client.monitor, ticket);
}

void Regulator::handle(PermissionDone done) {
  if (!regulation_.end(done.ticket)) return;
  forget(done.ticket);
  proceed();
}

void Regulator::handle(Down down) {
  const auto found = tickets_.find(down.ref);
  if (found == tickets_.end()) return;
  handle(PermissionDone{found->second});
}

void Regulator::handle(LoadTick) {
  timer_ = TimerId();
  timer_at_ = Instant::max();
  proceed();
}

Atom Regulator::done_with(bool found, Atom otherwise) {
  if (!found) return otherwise;
  proceed();
  return atoms::ok;
}

Atom Regulator::handle(AddLoadQueue request) {
  if (!is_valid(request.queue)) return atoms::badarg;
  return done_with(regulation_.add(request.queue, self_.now()), "already_present"_atom);
}

Atom Regulator::handle(ModifyLoadQueue request) {
  if (!is_valid(request.queue)) return atoms::badarg;
  return done_with(regulation_.modify(request.queue, self_.now()), atoms::not_found);
}

Atom Regulator::handle(DeleteLoadQueue request) {
  return done_with(regulation_.remove(request.queue, self_.now()), atoms::not_found);
}

Atom Regulator::handle(ModifyLoadLimits request) {
  if (!is_valid(request.limits)) return atoms::badarg;
  regulation_.modify_shared(request.limits, self_.now());
  proceed();
  return atoms::ok;
}

void Regulator::proceed() {
  for (const LoadDecision& decision : regulation_.decide(self_.now()))
    tell(decision);
  plan_tick();
}

void Regulator::tell(const LoadDecision& decision) {
  const Client& client = clients_.at(decision.ticket);
  self_.reply(client.request, decision.verdict, decision.waited);
  if (decision.verdict != LoadVerdict::ok) forget(decision.ticket);
}

void Regulator::forget(const Ref& ticket) {
  const auto found = clients_.find(ticket);
  const Ref monitor = found->second.monitor;
  // Told of our exit no more, should it be waiting still.
  self_.process().forget_watcher(ticket);
  clients_.erase(found);
  if (monitor.is_null()) return;
  tickets_.erase(monitor);
  // A Down that has come already finds no ticket; to look for it would cost the whole mailbox.
  self_.demonitor(monitor, Self::Flush::keep);
}

// A timer that is early does no harm, and most are overtaken by a permission that comes back: one
// is moved only if it would be late, and taken back when there is nothing to wait for.
void Regulator::plan_tick() {
  const Instant next = regulation_.next(self_.now());
  if (!next.is_max() && next >= timer_at_) return;
  if (!timer_at_.is_max()) self_.cancel_timer(timer_);
  timer_at_ = next;
  if (!next.is_max()) timer_ = self_.send_after<LoadTick>(next - self_.now(), self_.pid());
}

}  // namespace glasshouse::runtime

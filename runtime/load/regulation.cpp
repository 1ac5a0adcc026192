#include "runtime/load/regulation.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "runtime/base/check.h"

namespace glasshouse::runtime {

bool is_valid(const LoadLimits& limits) {
  return !limits.rate || is_valid(*limits.rate);
}

bool is_valid(const LoadQueue& queue) {
  return queue.name != Atom() && is_valid(queue.limits) && queue.wait_max > Duration::zero() &&
         (!queue.shed || is_valid(*queue.shed));
}

// -- limits ---------------------------------------------------------------------------------------

// A bucket that stays keeps its tokens: who changes a rate often gains none.
void Regulation::Use::limit(const LoadLimits& wanted, Instant now) {
  limits = wanted;
  if (!wanted.rate) {
    bucket.reset();
  } else if (!bucket) {
    bucket.emplace(*wanted.rate, now);
  } else if (bucket->rate() != *wanted.rate) {
    bucket->change(*wanted.rate, now);
  }
}

void Regulation::Use::begin(Instant now) {
  ++at_work;
  if (bucket) bucket->take(now);
}

// -- queues ---------------------------------------------------------------------------------------

Regulation::Regulation(const LoadLimits& shared, Instant now) {
  modify_shared(shared, now);
}

void Regulation::modify_shared(const LoadLimits& limits, Instant now) {
  CHECK(is_valid(limits));
  shared_.limit(limits, now);
}

Regulation::Queue* Regulation::find(Atom name) {
  const auto found = std::find_if(queues_.begin(), queues_.end(),
                                  [&](const Queue& queue) { return queue.spec.name == name; });
  return found == queues_.end() ? nullptr : &*found;
}

Regulation::Queue* Regulation::find(std::uint64_t id) {
  const auto found = std::find_if(queues_.begin(), queues_.end(),
                                  [&](const Queue& queue) { return queue.id == id; });
  return found == queues_.end() ? nullptr : &*found;
}

bool Regulation::add(const LoadQueue& queue, Instant now) {
  CHECK(is_valid(queue));
  if (find(queue.name) != nullptr) return false;
  queues_.emplace_back();
  queues_.back().id = ++numbers_;
  queues_.back().spec.name = queue.name;
  return modify(queue, now);
}

bool Regulation::modify(const LoadQueue& queue, Instant now) {
  CHECK(is_valid(queue));
  Queue* const changed = find(queue.name);
  if (changed == nullptr) return false;
  changed->spec = queue;
  changed->use.limit(queue.limits, now);
  if (!queue.shed) {
    changed->codel.reset();
  } else if (!changed->codel || changed->codel->times() != *queue.shed) {
    changed->codel.emplace(*queue.shed);
  }
  return true;
}

bool Regulation::remove(Atom name, Instant now) {
  Queue* const gone = find(name);
  if (gone == nullptr) return false;
  while (!gone->waiting.empty())
    refuse(*gone, gone->waiting.begin(), LoadVerdict::deleted, now);
  queues_.erase(queues_.begin() + (gone - queues_.data()));
  return true;
}

// -- who comes and goes ---------------------------------------------------------------------------

void Regulation::ask(const Ref& ticket, Atom queue, Instant now) {
  CHECK(!knows(ticket));
  Queue* const asked = find(queue);
  if (asked == nullptr) {
    ++no_queue_;
    decided_.push_back({ticket, LoadVerdict::no_queue, Duration::zero()});
    return;
  }
  const std::uint64_t number = ++numbers_;
  asked->waiting.emplace(number, Waiting{ticket, now});
  tickets_.emplace(ticket, Ticket{asked->id, number});
}

bool Regulation::end(const Ref& ticket) {
  const auto found = tickets_.find(ticket);
  if (found == tickets_.end()) return false;
  const Ticket ended = found->second;
  tickets_.erase(found);
  Queue* const queue = find(ended.queue);  // null: it was deleted meanwhile
  if (ended.number == 0) {
    --shared_.at_work;
    if (queue != nullptr) --queue->use.at_work;
  } else {
    queue->waiting.erase(ended.number);
    ++queue->counts.gave_up;
  }
  return true;
}

// -- deciding -------------------------------------------------------------------------------------

void Regulation::refuse(Queue& queue, WaitingAt which, LoadVerdict verdict, Instant now) {
  if (verdict == LoadVerdict::timeout) ++queue.counts.timeout;
  if (verdict == LoadVerdict::queue_full) ++queue.counts.queue_full;
  if (verdict == LoadVerdict::shed) ++queue.counts.shed;
  decided_.push_back({which->second.ticket, verdict, now - which->second.arrived});
  tickets_.erase(which->second.ticket);
  queue.waiting.erase(which);
}

// All of a queue have the same time, so the oldest is the first whose time is over.
void Regulation::expire(Queue& queue, Instant now) {
  while (!queue.waiting.empty() &&
         now - queue.waiting.begin()->second.arrived >= queue.spec.wait_max) {
    refuse(queue, queue.waiting.begin(), LoadVerdict::timeout, now);
  }
}

Regulation::Queue* Regulation::whose_turn(Instant now) {
  if (!shared_.allows(now)) return nullptr;
  Queue* best = nullptr;
  for (Queue& queue : queues_) {
    if (queue.waiting.empty() || !queue.use.allows(now)) continue;
    const auto rank = [](const Queue& one) {
      return std::pair(-std::int64_t{one.spec.priority}, one.served);
    };
    if (best == nullptr || rank(queue) < rank(*best)) best = &queue;
  }
  return best;
}

void Regulation::shed(Queue& queue, Instant now) {
  auto head = queue.waiting.begin();
  const std::size_t drops = queue.codel->drops(now, queue.waiting.size(),
                                               [&, at = std::size_t{0}](std::size_t i) mutable {
                                                 for (; at < i; ++at)
                                                   ++head;
                                                 return head->second.arrived;
                                               });
  for (std::size_t i = 0; i < drops; ++i)
    refuse(queue, queue.waiting.begin(), LoadVerdict::shed, now);
}

void Regulation::serve(Queue& queue, Instant now) {
  if (queue.codel) shed(queue, now);
  const auto next =
      queue.spec.order == LoadOrder::fifo ? queue.waiting.begin() : std::prev(queue.waiting.end());
  const Waiting served = next->second;
  queue.waiting.erase(next);
  tickets_[served.ticket].number = 0;
  queue.use.begin(now);
  shared_.begin(now);
  queue.served = ++turns_;
  ++queue.counts.ok;
  decided_.push_back({served.ticket, LoadVerdict::ok, now - served.arrived});
}

void Regulation::cut(Queue& queue, Instant now) {
  while (queue.waiting.size() > queue.spec.length_max) {
    const auto last = queue.spec.order == LoadOrder::fifo ? std::prev(queue.waiting.end())
                                                          : queue.waiting.begin();
    refuse(queue, last, LoadVerdict::queue_full, now);
  }
}

std::vector<LoadDecision> Regulation::decide(Instant now) {
  for (Queue& queue : queues_)
    expire(queue, now);
  while (Queue* const queue = whose_turn(now))
    serve(*queue, now);
  for (Queue& queue : queues_)
    cut(queue, now);
  return std::exchange(decided_, {});
}

Instant Regulation::next(Instant now) {
  Instant next = Instant::max();
  for (Queue& queue : queues_) {
    if (queue.waiting.empty()) continue;
    next = std::min(next, queue.waiting.begin()->second.arrived + queue.spec.wait_max);
    if (!shared_.has_place() || !queue.use.has_place()) continue;
    next = std::min(next, std::max(shared_.next_token(now), queue.use.next_token(now)));
  }
  return next;
}

LoadInfo Regulation::info() const {
  LoadInfo info{
      .limits = shared_.limits, .at_work = shared_.at_work, .no_queue = no_queue_, .queues = {}};
  for (const Queue& queue : queues_) {
    info.queues.push_back({.queue = queue.spec,
                           .waiting = queue.waiting.size(),
                           .at_work = queue.use.at_work,
                           .is_shedding = queue.codel && queue.codel->is_dropping(),
                           .counts = queue.counts});
  }
  return info;
}

}  // namespace glasshouse::runtime

#include "tracing/recorder.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "tracing/file_claim.h"
#include "tracing/ring.h"
#include "tracing/trace_writer.h"

namespace glasshouse::tracing {

namespace {

// How often an idle recorder looks into its rings: what is emitted is seen at most so much later.
constexpr std::chrono::milliseconds idle_wait{20};
// An event that waits for another (a receive for its send) waits so many rounds. Once events were
// dropped the other may never come, and such waits would drop more.
constexpr int rounds_waited_max = 8;
constexpr int rounds_waited_max_with_drops = 1;
constexpr std::uint64_t records_per_release = 256;
constexpr std::uint64_t message_block = 65'536;
constexpr std::uint64_t message_kinds =
    kind_bit(runtime::EventKind::send) | kind_bit(runtime::EventKind::receive);

// A ring and what only its producer or only the recorder knows of it.
struct Channel {
  explicit Channel(std::size_t bytes) : ring(bytes) {}

  Ring ring;
  std::atomic<bool> producer_waits{false};  // for room; partner: the recorder after `release`
  std::atomic<std::uint64_t> dropped{0};    // written by the producer
  std::uint64_t next_message = 0;           // the producer's block of message numbers
  std::uint64_t messages_end = 0;
  int rounds_waited = 0;  // the recorder: how long its first event is held back
};

// Which channel this thread last used, and of which recorder.
struct Recent {
  std::uint64_t recorder = 0;
  Channel* channel = nullptr;
};
thread_local Recent recent;

std::atomic<std::uint64_t> recorders_made{0};

// The text up to the limit, cut between characters.
std::string cut_text(std::string_view text, std::size_t limit) {
  const std::string note = "...+" + std::to_string(text.size() - limit) + " bytes";
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0) == 0x80)
    --limit;
  return std::string(text.substr(0, limit)) + note;
}

}  // namespace

struct Recorder::Implementation {
  Implementation(RecorderOptions settings, FileClaim claimed, std::unique_ptr<TraceWriter> made)
      : options(std::move(settings)),
        claim(std::move(claimed)),
        writer(std::move(made)),
        id(++recorders_made) {}

  Channel& channel();
  void push(const Event& event, std::string_view text);
  bool is_pressed(Channel& channel);
  bool wait_for_room(Channel& channel, const Event& event, std::string_view text);
  void poke();

  void record();  // the recorder's thread
  std::uint64_t drain();
  std::uint64_t drain_one(Channel& channel);
  std::uint64_t drain_many();
  Channel* next_channel(Ring::Record& record);
  bool may_go(Channel& channel, const Event& event);
  void write(const Ring::Record& record);
  void release(Channel& channel);
  void commit();
  bool all_drained();
  std::uint64_t count_dropped();

  const RecorderOptions options;
  const FileClaim claim;                // given up last
  std::unique_ptr<TraceWriter> writer;  // the recorder's thread; after it ended, `finish`
  const std::uint64_t id;

  std::mutex mutex;              // guards what follows, up to the atomics
  std::condition_variable wake;  // the recorder
  std::condition_variable done;  // who flushes
  std::condition_variable room;  // producers
  std::vector<std::pair<std::thread::id, std::unique_ptr<Channel>>> channels;
  std::uint64_t flushes_wanted = 0;
  std::uint64_t flushes_done = 0;
  bool stopping = false;
  std::optional<Error> failure;

  std::atomic<bool> poked{false};
  std::atomic<bool> closed{false};  // nothing is taken any more: nobody may wait for room
  std::atomic<std::uint64_t> message_blocks{0};
  std::atomic<std::uint64_t> recorded{0};

  std::vector<Channel*> draining;  // the recorder's copy of `channels`
  bool has_dropped = false;        // at any time
  Instant horizon;                 // the newest event that the round before saw
  std::chrono::steady_clock::time_point last_commit;
  std::thread thread;
};

// -- producers ------------------------------------------------------------------------------------

Channel& Recorder::Implementation::channel() {
  if (recent.recorder == id) [[likely]]
    return *recent.channel;
  const std::lock_guard lock(mutex);
  const auto self = std::this_thread::get_id();
  auto found = std::find_if(channels.begin(), channels.end(),
                            [&](const auto& channel) { return channel.first == self; });
  if (found == channels.end()) {
    channels.emplace_back(self, std::make_unique<Channel>(options.ring_bytes));
    found = channels.end() - 1;
  }
  recent = {id, found->second.get()};
  return *recent.channel;
}

void Recorder::Implementation::poke() {
  if (poked.load(std::memory_order_relaxed) || poked.exchange(true, std::memory_order_relaxed)) {
    return;
  }
  const std::lock_guard lock(mutex);
  wake.notify_one();
}

// True if what happens with each message is to be dropped; one such thing is counted then.
bool Recorder::Implementation::is_pressed(Channel& own) {
  if (options.pressure != Pressure::monitoring || !own.ring.is_half_full_now()) return false;
  own.dropped.store(own.dropped.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  poke();
  return true;
}

void Recorder::Implementation::push(const Event& event, std::string_view text) {
  Channel& own = channel();
  // Of a message with a number the send was let in, so its receive is, too.
  const bool is_optional =
      event.kind < decision_record && (kind_bit(event.kind) & (life_kinds | message_kinds)) == 0;
  if (is_optional && is_pressed(own)) return;
  const std::size_t limit = std::min(options.detail_bytes_max, own.ring.text_bytes_max() / 2);
  std::string cut;
  if (text.size() > limit) [[unlikely]]
    text = cut = cut_text(text, limit);
  if (!own.ring.push(event, text)) [[unlikely]] {
    if (options.pressure == Pressure::monitoring || !wait_for_room(own, event, text)) {
      own.dropped.store(own.dropped.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
  }
  if (own.ring.is_half_full()) poke();
}

// 1. The producer sets producer_waits, then looks for room again.
// 2. The recorder gives room back, then looks at producer_waits.
// Both are sequentially consistent, so one of them sees the other.
bool Recorder::Implementation::wait_for_room(Channel& own, const Event& event,
                                             std::string_view text) {
  poke();
  std::unique_lock lock(mutex);
  while (!closed.load(std::memory_order_relaxed)) {
    own.producer_waits.store(true, std::memory_order_seq_cst);
    if (own.ring.push(event, text)) {
      own.producer_waits.store(false, std::memory_order_relaxed);
      return true;
    }
    wake.notify_one();
    room.wait(lock);
  }
  return false;
}

// -- the recorder's thread ------------------------------------------------------------------------

void Recorder::Implementation::record() {
  last_commit = std::chrono::steady_clock::now();
  const std::chrono::nanoseconds commit_after(options.commit_after.nanoseconds());
  for (;;) {
    std::uint64_t wanted = 0;
    bool stop = false;
    {
      const std::lock_guard lock(mutex);
      wanted = flushes_wanted;
      stop = stopping;
      draining.clear();
      for (const auto& channel : channels)
        draining.push_back(channel.second.get());
    }
    poked.store(false, std::memory_order_relaxed);
    const std::uint64_t written = drain();
    const bool empty = all_drained();
    const auto now = std::chrono::steady_clock::now();
    if ((wanted != flushes_done && empty) || (stop && empty) || now - last_commit >= commit_after) {
      if (writer->uncommitted() != 0) commit();
      last_commit = now;
    }
    std::unique_lock lock(mutex);
    if (empty && wanted != flushes_done) {
      flushes_done = wanted;
      done.notify_all();
    }
    if (stop && empty) break;
    if (written == 0 && !poked.load(std::memory_order_relaxed) && flushes_wanted == flushes_done &&
        !stopping) {
      wake.wait_for(lock, idle_wait);
    }
  }
}

// Of what was there when this round began.
bool Recorder::Implementation::all_drained() {
  return std::all_of(draining.begin(), draining.end(),
                     [](Channel* channel) { return channel->ring.is_drained(); });
}

void Recorder::Implementation::release(Channel& channel) {
  channel.ring.release();
  if (channel.producer_waits.load(std::memory_order_seq_cst)) {
    const std::lock_guard lock(mutex);
    room.notify_all();
  }
}

// May the first event of this channel be written now? Otherwise its channel waits, not for ever:
// what it waits for was pushed before it, so the next round sees it, unless it was dropped or never
// emitted.
//
// An event is put in order one round after it was seen at the earliest: whoever had read the clock
// before, in another thread, has pushed its event by then.
bool Recorder::Implementation::may_go(Channel& channel, const Event& event) {
  if (event.kind >= decision_record) return true;
  if (event.time > horizon) return false;
  if (!writer->must_wait(event)) return true;
  return channel.rounds_waited > (has_dropped ? rounds_waited_max_with_drops : rounds_waited_max);
}

// The channel whose first event is the earliest of those that may go; between equals the first.
Channel* Recorder::Implementation::next_channel(Ring::Record& record) {
  Channel* best = nullptr;
  for (Channel* channel : draining) {
    Ring::Record candidate;
    if (!channel->ring.front(candidate)) continue;
    if (best && candidate.event.time >= record.event.time) continue;
    if (!may_go(*channel, candidate.event)) continue;
    best = channel;
    record = candidate;
  }
  return best;
}

std::uint64_t Recorder::Implementation::drain_one(Channel& channel) {
  std::uint64_t written = 0;
  Ring::Record record;
  while (channel.ring.front(record)) {
    write(record);
    channel.ring.pop();
    if (++written % records_per_release == 0) release(channel);
    if (writer->uncommitted() >= options.commit_events) commit();
  }
  release(channel);
  return written;
}

std::uint64_t Recorder::Implementation::drain_many() {
  std::uint64_t written = 0;
  Ring::Record record;
  while (Channel* channel = next_channel(record)) {
    write(record);
    channel->ring.pop();
    channel->rounds_waited = 0;
    if (++written % records_per_release == 0) {
      for (Channel* each : draining)
        release(*each);
    }
    if (writer->uncommitted() >= options.commit_events) commit();
  }
  for (Channel* each : draining) {
    release(*each);
    if (!each->ring.is_drained()) ++each->rounds_waited;
  }
  return written;
}

std::uint64_t Recorder::Implementation::drain() {
  Instant newest = horizon;
  for (Channel* each : draining) {
    has_dropped = has_dropped || each->dropped.load(std::memory_order_relaxed) != 0;
    each->ring.look();
    newest = std::max(newest, each->ring.newest());
  }
  std::uint64_t written = 0;
  if (draining.size() == 1) {
    written = drain_one(*draining.front());
  } else if (draining.size() > 1) {
    written = drain_many();
  }
  horizon = newest;
  recorded.store(writer->seq(), std::memory_order_relaxed);
  return written;
}

void Recorder::Implementation::write(const Ring::Record& record) {
  if (closed.load(std::memory_order_relaxed)) return;
  const Event& event = record.event;
  if (event.kind == digest_record) {
    writer->add_digest_point(event.message, static_cast<std::uint64_t>(event.argument));
  } else if (event.kind == decision_record) {
    writer->add_decision({.seq = 0,
                          .choice = std::string(event.name.text()),
                          .entity = event.message,
                          .count = event.subject.value,
                          .value = static_cast<std::uint64_t>(event.argument)});
  } else {
    writer->add(event, record.text);
  }
}

void Recorder::Implementation::commit() {
  if (closed.load(std::memory_order_relaxed)) return;
  auto committed = writer->commit(count_dropped());
  last_commit = std::chrono::steady_clock::now();
  if (committed) return;
  const std::lock_guard lock(mutex);
  failure = committed.error();
  closed.store(true, std::memory_order_relaxed);
  room.notify_all();
}

std::uint64_t Recorder::Implementation::count_dropped() {
  const std::lock_guard lock(mutex);
  std::uint64_t sum = 0;
  for (const auto& channel : channels) {
    sum += channel.second->dropped.load(std::memory_order_relaxed);
  }
  return sum;
}

// -- the recorder ---------------------------------------------------------------------------------

Recorder::Recorder(const RecorderOptions& options, std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {
  implementation_->thread = std::thread([all = implementation_.get()] { all->record(); });
  want_detail(options.detail);
  want_kinds(options.kinds);
}

Result<std::unique_ptr<Recorder>> Recorder::create(RecorderOptions options,
                                                   const RunDescription& run) {
  options.ring_bytes = std::bit_ceil(std::max(options.ring_bytes, ring_bytes_min));
  auto claim = FileClaim::make_way(options.path);
  if (!claim) return claim.error();
  auto writer = TraceWriter::create(options, run);
  if (!writer) return writer.error();
  if (auto held = claim->hold(); !held) return held.error();
  auto implementation =
      std::make_unique<Implementation>(options, std::move(*claim), std::move(*writer));
  return std::unique_ptr<Recorder>(new Recorder(options, std::move(implementation)));
}

Recorder::~Recorder() {
  want_kinds(0);
  if (!implementation_->thread.joinable()) return;
  {
    const std::lock_guard lock(implementation_->mutex);
    implementation_->stopping = true;
    implementation_->wake.notify_one();
  }
  implementation_->thread.join();
}

void Recorder::emit(const Event& event, std::string_view text) {
  if (!wants(event.kind)) return;
  implementation_->push(event, text);
}

std::uint64_t Recorder::new_message_id() {
  Channel& own = implementation_->channel();
  if (implementation_->is_pressed(own)) return 0;
  if (own.next_message == own.messages_end) {
    const std::uint64_t block =
        implementation_->message_blocks.fetch_add(1, std::memory_order_relaxed);
    own.next_message = block * message_block;
    own.messages_end = own.next_message + message_block;
  }
  return ++own.next_message;
}

void Recorder::digest_point(std::uint64_t events, std::uint64_t digest) {
  Event event;
  event.kind = digest_record;
  event.message = events;
  event.argument = static_cast<std::int64_t>(digest);
  implementation_->push(event, {});
}

void Recorder::decided(const DecisionRecord& decision) {
  Event event;
  event.kind = decision_record;
  event.name = runtime::Atom(decision.choice);
  event.message = decision.entity;
  event.subject.value = decision.count;
  event.argument = static_cast<std::int64_t>(decision.value);
  implementation_->push(event, {});
}

Result<void> Recorder::flush() {
  auto& all = *implementation_;
  std::unique_lock lock(all.mutex);
  const std::uint64_t ticket = ++all.flushes_wanted;
  all.wake.notify_one();
  all.done.wait(lock, [&] { return all.flushes_done >= ticket; });
  if (all.failure) return *all.failure;
  return {};
}

Result<void> Recorder::finish(const RunOutcome& outcome) {
  auto& all = *implementation_;
  want_kinds(0);
  {
    const std::lock_guard lock(all.mutex);
    all.stopping = true;
    all.wake.notify_one();
  }
  if (all.thread.joinable()) all.thread.join();
  if (all.failure) return *all.failure;
  all.closed.store(true, std::memory_order_relaxed);
  return all.writer->finish(outcome, all.count_dropped());
}

const std::string& Recorder::path() const {
  return implementation_->options.path;
}

std::uint64_t Recorder::recorded() const {
  return implementation_->recorded.load(std::memory_order_relaxed);
}

std::uint64_t Recorder::dropped() const {
  return implementation_->count_dropped();
}

}  // namespace glasshouse::tracing

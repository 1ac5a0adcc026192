#include "tracing/digest.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "runtime/base/hash.h"
#include "tracing/explain.h"
#include "tracing/reader.h"

namespace glasshouse::tracing {

namespace {

// One multiplication to 128 bits mixes two words and folds the result.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a ^ 0x2d358dccaa6c78a5) * (b ^ 0x8bb84b93962eacc9);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Terms that are told or not as a recording asks for; their hash is in the event itself.
constexpr std::uint64_t optional_texts =
    runtime::kind_bit(EventKind::send) | runtime::kind_bit(EventKind::receive) |
    runtime::kind_bit(EventKind::state) | runtime::kind_bit(EventKind::exit) |
    runtime::kind_bit(EventKind::down) | runtime::kind_bit(EventKind::label) |
    runtime::kind_bit(EventKind::crash);

// A recording cuts very long texts; what is left must be equal.
constexpr std::size_t compared_bytes_max = 4'000;

// A process by its pid alone: the other names are those of the whole recording.
ProcessName by_pid(ProcessKey key) {
  ProcessName name;
  name.key = key;
  if (key.value != 0) name.pid = to_string(key);
  return name;
}

std::string words(EventRecord event) {
  event.subject = by_pid(event.subject.key);
  event.peer = by_pid(event.peer.key);
  return "at " + to_string(event.time) + ", " + explain(event);
}

std::string words(const Event& event, std::string_view text) {
  EventRecord record;
  record.time = event.time;
  record.kind = event.kind;
  record.node = event.node;
  record.subject = by_pid(event.subject);
  record.peer = by_pid(event.peer);
  record.name = event.name == runtime::Atom() ? "" : event.name.text();
  record.message = event.message;
  record.argument = event.argument;
  record.detail = text;
  return words(std::move(record));
}

// What sentences leave out.
std::string numbers(std::uint64_t message, std::int64_t argument) {
  return " (message " + std::to_string(message) + ", argument " + std::to_string(argument) + ")";
}

bool is_same(const EventRecord& recorded, const Event& event, std::string_view text) {
  const std::string_view name = event.name == runtime::Atom() ? "" : event.name.text();
  if (recorded.kind != event.kind || recorded.node != event.node || recorded.time != event.time ||
      recorded.subject.key != event.subject || recorded.peer.key != event.peer ||
      recorded.name != name || recorded.message != event.message ||
      recorded.argument != event.argument) {
    return false;
  }
  if (optional_texts & runtime::kind_bit(event.kind)) return true;
  return std::string_view(recorded.detail).substr(0, compared_bytes_max) ==
         text.substr(0, compared_bytes_max);
}

}  // namespace

void Digest::add(const Event& event, std::string_view text) {
  const auto time = static_cast<std::uint64_t>(event.time.nanoseconds());
  const std::uint64_t head =
      (static_cast<std::uint64_t>(event.kind) << 16 | event.node) + event.name.hash();
  const std::uint64_t who = fold(event.subject.value, event.peer.value);
  const std::uint64_t what = fold(event.message, static_cast<std::uint64_t>(event.argument));
  std::uint64_t hash = fold(value_ ^ head, time + who);
  hash = fold(hash, what + 0x9e3779b97f4a7c15);
  if (!text.empty() && !(optional_texts & runtime::kind_bit(event.kind))) {
    hash = fold(hash, runtime::hash_bytes(text));
  }
  value_ = hash;
  ++events_;
}

std::string digest_text(std::uint64_t digest) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = text.size(); i-- > 0; digest >>= 4)
    text[i] = digits[digest & 15];
  return text;
}

std::optional<std::uint64_t> parse_digest(std::string_view text) {
  std::uint64_t digest = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, digest, 16);
  if (text.size() != 16 || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return digest;
}

// -- digesting ------------------------------------------------------------------------------------

DigestTracer::DigestTracer(DigestOptions options)
    : options_(std::move(options)), mask_((std::uint64_t{1} << options_.checkpoint_log2) - 1) {
  using runtime::Detail;
  const Detail next = options_.next ? options_.next->detail() : Detail::none;
  want_detail(std::max(Detail::digest, next));
  want_kinds(runtime::all_event_kinds);
}

void DigestTracer::emit(const Event& event, std::string_view text) {
  digest_.add(event, text);
  if (options_.next && options_.next->wants(event.kind)) options_.next->emit(event, text);
  if ((digest_.events() & mask_) == 0 && options_.checkpoint) {
    options_.checkpoint(digest_.events(), digest_.value());
  }
}

// -- comparing ------------------------------------------------------------------------------------

std::string Divergence::sentence() const {
  const std::string where = "event " + std::to_string(event);
  if (expected.empty()) return "The run goes on beyond the recording at " + where + ": " + got;
  if (got.empty()) return "The run ended before " + where + " of the recording: " + expected;
  if (expected == got) {
    return "The runs agree in every event up to " + where +
           ", but the recording has another digest there: its digest or an event's hidden part "
           "was changed.";
  }
  return "The runs differ first in " + where + ": recorded was: " + expected + " Now came: " + got;
}

Comparator::Comparator(Options options, std::vector<DigestPoint> points)
    : options_(options), points_(std::move(points)) {
  using runtime::Detail;
  const Detail next = options_.next ? options_.next->detail() : Detail::none;
  want_detail(std::max({Detail::digest, next, options_.recording.run().detail}));
  want_kinds(runtime::all_event_kinds);
}

Result<std::unique_ptr<Comparator>> Comparator::create(Options options) {
  auto points = options.recording.digests();
  if (!points) return points.error();
  const RunInfo& run = options.recording.run();
  if (run.digest && (points->empty() || points->back().events < run.digest_events)) {
    points->push_back({run.digest_events, run.events, *run.digest});
  } else if (run.digest && points->back().events == run.digest_events) {
    points->back().digest = *run.digest;
  }
  if (points->empty()) {
    return runtime::Error(run.file + ": the recording has no digests to compare with.", "nodigest");
  }
  return std::unique_ptr<Comparator>(new Comparator(options, std::move(*points)));
}

void Comparator::emit(const Event& event, std::string_view text) {
  digest_.add(event, text);
  if (options_.next && options_.next->wants(event.kind)) options_.next->emit(event, text);
  if (divergence_ || failure_) return;
  if (heard_count_ == heard_.size()) heard_.resize(heard_.size() * 2 + 64);
  heard_[heard_count_].event = event;
  heard_[heard_count_].text = text;
  ++heard_count_;
  if (next_point_ == points_.size()) {
    if (options_.recording.run().cut) {
      heard_count_ = 0;  // more than was recorded before the cut: nothing to compare with
      return;
    }
    const Heard& heard = heard_[heard_count_ - 1];
    divergence_ = Divergence{digest_.events(), "", words(heard.event, heard.text)};
    return;
  }
  if (digest_.events() == points_[next_point_].events) compare(points_[next_point_++]);
}

void Comparator::compare(const DigestPoint& point) {
  auto found = digest_.value() == point.digest ? check_recorded(point) : find_difference(point);
  if (!found) {
    failure_ = found.error();
    return;
  }
  divergence_ = *found;
  last_equal_ = point.seq;
  heard_count_ = 0;
}

// The run agrees with the recorded digest; do the recorded events?
Result<std::optional<Divergence>> Comparator::check_recorded(const DigestPoint& point) {
  if (options_.recording.run().kinds != runtime::all_event_kinds) {
    return std::optional<Divergence>();
  }
  auto added = options_.recording.digest_events(last_equal_ + 1, point.seq, recorded_);
  if (!added) return added.error();
  if (recorded_.value() == point.digest) return std::optional<Divergence>();
  recorded_ = digest_;
  auto found = find_difference(point);
  // A text that was too long to be recorded whole has another hash, and that is no difference.
  if (found.ok() && *found && (*found)->expected == (*found)->got) {
    return std::optional<Divergence>();
  }
  return found;
}

// The events heard since the last equal checkpoint against those recorded since. A recording of
// some kinds only is compared in those.
Result<std::optional<Divergence>> Comparator::find_difference(const DigestPoint& point) {
  const std::uint64_t kinds = options_.recording.run().kinds;
  const std::uint64_t before = digest_.events() - heard_count_;
  Seq seq = last_equal_;
  for (std::size_t i = 0; i < heard_count_; ++i) {
    const Heard& heard = heard_[i];
    if (!(kinds & runtime::kind_bit(heard.event.kind))) continue;
    ++seq;
    if (seq > point.seq) {
      return std::optional(Divergence{before + i + 1, "", words(heard.event, heard.text)});
    }
    auto recorded = options_.recording.event(seq);
    if (!recorded) return recorded.error();
    if (!*recorded) return std::optional<Divergence>();
    if (!is_same(**recorded, heard.event, heard.text)) {
      Divergence found{before + i + 1, words(**recorded), words(heard.event, heard.text)};
      if (found.expected == found.got) {
        found.expected += numbers((*recorded)->message, (*recorded)->argument);
        found.got += numbers(heard.event.message, heard.event.argument);
      }
      return std::optional(std::move(found));
    }
  }
  if (seq < point.seq) {
    auto recorded = options_.recording.event(seq + 1);
    if (!recorded) return recorded.error();
    if (*recorded) return std::optional(Divergence{digest_.events() + 1, words(**recorded), ""});
  }
  auto last = options_.recording.event(point.seq);
  if (!last) return last.error();
  const std::string same = *last ? words(**last) : "the last event";
  return std::optional(Divergence{digest_.events(), same, same});
}

Result<std::optional<Divergence>> Comparator::finish() {
  if (!divergence_ && !failure_ && next_point_ < points_.size() && !options_.recording.run().cut) {
    auto found = find_difference(points_[next_point_]);
    if (!found) return found.error();
    divergence_ = *found;
  }
  if (failure_) return *failure_;
  return divergence_;
}

}  // namespace glasshouse::tracing

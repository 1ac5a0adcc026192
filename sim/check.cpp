#include "sim/check.h"

#include <vector>

#include "runtime/base/hash.h"

namespace glasshouse::sim {

using runtime::Event;
using runtime::Tracer;

namespace {

struct Heard {
  Event event;
  std::uint64_t text = 0;  // hash
};

bool are_equal(const Heard& left, const Heard& right) {
  const Event& a = left.event;
  const Event& b = right.event;
  return a.kind == b.kind && a.node == b.node && a.name == b.name && a.time == b.time &&
         a.subject == b.subject && a.peer == b.peer && a.message == b.message &&
         a.argument == b.argument && left.text == right.text;
}

std::string described(const Heard& heard) {
  const Event& event = heard.event;
  std::string text = to_string(event.time) + " " + std::string(event_kind_name(event.kind));
  if (!(event.name == runtime::Atom())) text += " " + std::string(event.name.text());
  if (event.subject.value != 0) text += " of " + to_string(event.subject);
  if (event.peer.value != 0) text += " with " + to_string(event.peer);
  if (event.message != 0) text += ", number " + std::to_string(event.message);
  if (event.argument != 0) text += ", " + std::to_string(event.argument);
  return text;
}

class Both final : public Tracer {
 public:
  Both() {
    want_kinds(runtime::all_event_kinds);
    want_detail(runtime::Detail::digest);
  }

  using Tracer::emit;
  void emit(const Event& event, std::string_view text) override {
    const Heard heard{.event = event, .text = runtime::hash_bytes(text)};
    if (!is_second_) {
      first_.push_back(heard);
    } else if (!difference && next_ == first_.size()) {
      difference = {.event = next_ + 1, .first = {}, .second = described(heard)};
    } else if (!difference && !are_equal(first_[next_], heard)) {
      difference = {
          .event = next_ + 1, .first = described(first_[next_]), .second = described(heard)};
    }
    next_ += is_second_ ? 1 : 0;
  }
  std::uint64_t new_message_id() override { return ++last_message_; }

  void begin_second() {
    is_second_ = true;
    last_message_ = 0;
  }
  void end_second() {
    if (difference || next_ >= first_.size()) return;
    difference = {.event = next_ + 1, .first = described(first_[next_]), .second = {}};
  }

  std::optional<Difference> difference;

 private:
  std::vector<Heard> first_;
  bool is_second_ = false;
  std::size_t next_ = 0;
  std::uint64_t last_message_ = 0;
};

}  // namespace

std::string Difference::sentence() const {
  const auto shown = [](const std::string& text) { return text.empty() ? "it has ended" : text; };
  return "the runs differ at event " + std::to_string(event) + ": first run: " + shown(first) +
         "; second run: " + shown(second);
}

std::optional<Difference> find_difference(const std::function<void(Tracer&)>& run) {
  Both both;
  run(both);
  both.begin_second();
  run(both);
  both.end_second();
  return both.difference;
}

}  // namespace glasshouse::sim

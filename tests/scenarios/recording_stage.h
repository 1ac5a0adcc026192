#pragma once
// A stage without a world: it keeps virtual time, calls what is due, and writes down what a
// scenario did. For tests of the language alone.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/base/random.h"
#include "scenarios/language/script.h"
#include "tests/catch.h"

namespace glasshouse::scenarios {

class RecordingStage final : public Stage {
 public:
  explicit RecordingStage(std::uint64_t seed = 1) : seed_(seed) {}

  Instant now() const override { return now_; }
  void at(Instant when, std::function<void()> what) override {
    due_.emplace(std::max(when, now_), std::move(what));
  }
  std::uint64_t draw(std::uint64_t stream) override {
    return runtime::draw(seed_, 0, stream, ++drawn_[stream]);
  }
  Result<bool> inject(const FaultRequest& fault) override {
    if (!refusal.empty()) return runtime::Error(refusal);
    did.push_back(time_text() + fault.shown());
    return true;
  }
  void heal() override { did.push_back(time_text() + "heal"); }
  bool is_up(const NodePlan& node) const override { return !down.contains(node.name); }
  std::int64_t processes(const NodePlan&, std::string_view like) const override {
    return like.empty() ? 5 : 2;
  }
  std::int64_t seen(std::string_view, std::string_view) const override { return 3; }
  std::int64_t probe(std::string_view) const override { return 17; }
  Shared& shared() override { return shared_; }
  void say(std::string_view text) override { did.push_back(time_text() + std::string(text)); }
  void judge(std::string_view property, bool held, std::string_view) override {
    did.push_back(time_text() + std::string(property) + (held ? ": held" : ": violated"));
  }
  void fail(runtime::Error error) override { failures.push_back(error.what); }

  // Until the heap is empty, the time is past, or the scenario failed.
  void run_until(Instant end) {
    while (!due_.empty() && due_.begin()->first <= end && failures.empty()) {
      const auto next = due_.begin();
      now_ = next->first;
      const auto what = std::move(next->second);
      due_.erase(next);
      what();
    }
    now_ = end;
  }

  std::vector<std::string> did;
  std::vector<std::string> failures;
  std::set<std::string> down;
  std::string refusal;

 private:
  std::string time_text() const { return duration_text(now_.since_origin()) + " "; }

  std::uint64_t seed_;
  Instant now_;
  std::multimap<Instant, std::function<void()>> due_;
  std::map<std::uint64_t, std::uint64_t> drawn_;
  Shared shared_;
};

// toy: two options; its family "toy" answers whether it is well and how many it counted.
inline const Applications& toy_applications() {
  static const Applications applications = [] {
    Applications result;
    Application toy;
    toy.name = "toy";
    toy.doc = "does nothing";
    toy.options = {
        {.name = "shards", .by_default = std::int64_t{4}, .doc = "parts", .least = 1, .most = 64},
        {.name = "pause", .by_default = Duration::seconds(1), .doc = "rest"},
        {.name = "server", .by_default = std::string("store"), .doc = "whom to ask"},
        {.name = "eager", .by_default = false, .doc = "whether it hurries"}};
    toy.start = [](const Start&) { return Result<runtime::Pid>(runtime::Pid{}); };
    toy.questions = {
        {.name = "is_well",
         .doc = "whether all is well",
         .options = {},
         .ask =
             [](Shared& shared, const Options&) {
               return shared.get<int>("ills") == 0 ? Answer{} : Answer{false, "it is ill"};
             }},
        {.name = "count",
         .doc = "how many",
         .options = {{.name = "of", .by_default = std::string("all"), .doc = "of what"}},
         .ask = [](Shared&, const Options& options) {
           return Answer{static_cast<std::int64_t>(options.text("of").size()), {}};
         }}};
    result.add(std::move(toy));
    return result;
  }();
  return applications;
}

inline ScriptSource source_of(std::string text, Settings set = {}) {
  return {.file = "test.lua",
          .text = std::move(text),
          .set = std::move(set),
          .draw = [n = std::uint64_t{0}](std::uint64_t stream) mutable {
            return runtime::draw(1, 0, stream, ++n);
          }};
}

inline const std::string toy_head = "scenario \"toy\" node { name = \"store\", start = \"toy\" } ";

inline std::unique_ptr<Script> loaded(const std::string& text, Settings set = {}) {
  auto script = Script::load(source_of(text, std::move(set)), toy_applications());
  INFO((script ? std::string() : script.error().what));
  REQUIRE(script.ok());
  return std::move(script).value();
}

// The sentence that loading ends with.
inline std::string refusal_of(const std::string& text, Settings set = {}) {
  auto script = Script::load(source_of(text, std::move(set)), toy_applications());
  return script ? "it was accepted" : script.error().what;
}

// What a scenario did until `end`.
inline std::vector<std::string> deeds_of(const std::string& text,
                                         Duration end = Duration::seconds(10),
                                         std::uint64_t seed = 1) {
  auto script = loaded(text);
  RecordingStage stage(seed);
  script->begin(stage);
  stage.run_until(Instant::at(end));
  script->finish(true);
  for (const std::string& failure : stage.failures)
    stage.did.push_back("failed: " + failure);
  return stage.did;
}

}  // namespace glasshouse::scenarios

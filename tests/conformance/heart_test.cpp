#include "runtime/heart/heart.h"

#include <mutex>
#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/conformance/both_worlds.h"
#include "tests/e2e/hearts.h"

namespace glasshouse::conformance {

using namespace runtime;

namespace {

// Keeps what would go to the guard.
class NotedLine final : public HeartLine {
 public:
  void send(HeartWord word, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    if (word == HeartWord::beat) {
      ++beats_;
    } else {
      orders_.push_back(static_cast<char>(word) + std::string(text));
    }
  }
  std::int64_t timeout_ms() const override { return 40; }
  int beats() const {
    const std::lock_guard lock(mutex_);
    return beats_;
  }
  std::string orders() const {
    const std::lock_guard lock(mutex_);
    std::string all;
    for (const std::string& order : orders_)
      all += order + ";";
    return all;
  }

 private:
  mutable std::mutex mutex_;
  int beats_ = 0;
  std::vector<std::string> orders_;
};

Behaviour commands(Self self, Verdict* verdict) {
  NotedLine line;
  auto starting = start_link_as<Heart>(self, "heart"_atom, static_cast<HeartLine*>(&line));
  static_cast<void>(co_await starting);
  auto setting = heart::set_cmd(self, "begin anew");
  const Term set = co_await setting;
  verdict->equal(set, "ok");
  for (const std::string& wrong : {std::string(heart_command_bytes_max + 1, 'x'), std::string()}) {
    auto refusing = heart::set_cmd(self, wrong);
    const Term refused = co_await refusing;
    const bool is_bad =
        refused.is_tuple(atoms::error, 2) && refused.element(1).is_tuple("bad_cmd"_atom, 2);
    verdict->holds(is_bad, "a command that cannot be is not bad_cmd");
  }
  auto getting = heart::get_cmd(self);
  const std::string got = co_await getting;
  verdict->equal(got, "begin anew");
  auto clearing = heart::clear_cmd(self);
  co_await clearing;
  auto getting_again = heart::get_cmd(self);
  const std::string cleared = co_await getting_again;
  verdict->equal(cleared, "");
  verdict->equal(line.orders(), "sbegin anew;c;");
  auto stopping = stop(self, "heart"_atom);
  co_await stopping;
}

struct FallIll {};
class Patient {
 public:
  using Accepts = Messages<HeartCheck, FallIll>;
  bool handle(HeartCheck) const { return well_; }
  void handle(FallIll) { well_ = false; }

 private:
  bool well_ = true;
};

// More beats than the one that may be under way.
Task<void> beats_again(Self self, const NotedLine* line) {
  const int before = line->beats();
  while (line->beats() < before + 2)
    co_await self.sleep(1_ms);
}

Behaviour callbacks(Self self, Verdict* verdict) {
  NotedLine line;
  auto starting = start_link_as<Heart>(self, "heart"_atom, static_cast<HeartLine*>(&line));
  static_cast<void>(co_await starting);
  auto beating = beats_again(self, &line);
  co_await beating;
  auto patient = start_link_as<Patient>(self, "patient"_atom);
  static_cast<void>(co_await patient);
  auto setting = heart::set_callback(self, "patient"_atom);
  co_await setting;
  auto getting = heart::get_callback(self);
  const Atom callback = co_await getting;
  verdict->equal(callback.text(), "patient");
  auto well = beats_again(self, &line);
  co_await well;
  self.send<FallIll>("patient"_atom);
  auto asking = self.call<HeartCheck>("patient"_atom);
  const bool is_well = co_await asking;
  verdict->holds(!is_well, "the patient is not ill");
  auto settling = heart::get_callback(self);  // no beat of before is under way any more
  static_cast<void>(co_await settling);
  const int beats = line.beats();
  co_await self.sleep(50_ms);
  verdict->holds(line.beats() == beats, "a beat came though the callback said no");
  auto clearing = heart::clear_callback(self);
  co_await clearing;
  auto again = beats_again(self, &line);
  co_await again;
  auto stopping = stop(self, "heart"_atom);
  co_await stopping;
}

}  // namespace

CONFORMANCE("LOG-008", "heart keeps a command, and refuses one that is too long", commands)
CONFORMANCE("LOG-008", "heart beats only while its callback says that all is well", callbacks)

TEST_CASE("LOG-008 a node that stops answering is killed and its command run, on many cores",
          "[conformance][threads]") {
  const HeartFolder folder;
  Child heart(folder.command("1.5", "command"));
  const HeartEnd end = end_of(heart);
  INFO(end.said);
  REQUIRE(end.status == 0);
  REQUIRE(folder.lives() == std::vector<std::string>{"life", "command"});
}

}  // namespace glasshouse::conformance

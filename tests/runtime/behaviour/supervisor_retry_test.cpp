// A child that does not come up again. The sequences are those of OTP 25's supervisor, printed by
// it for the same trees; there, too, a child that is killed in its init/1 is a start that failed.

#include <map>

#include "runtime/behaviour/supervisor.h"
#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

namespace {

enum class How { stops, is_killed };

struct Crash {
  Term reason;
};

// What is to fail, and what happened.
struct Story {
  Strategy strategy = Strategy::one_for_one;
  std::string victim = "b";   // crashes once
  std::string failing = "b";  // does not start, as often as that:
  int failures = 1;
  How how = How::stops;
  bool armed = false;
  Notes notes = {};
};

class Child {
 public:
  using Accepts = Messages<Crash>;
  Child(Self self, std::string name, Story* story)
      : self_(self), name_(std::move(name)), story_(story) {
    self_.trap_exit(true);
  }
  Task<void> init() {
    if (story_->armed && name_ == story_->failing && story_->failures > 0) {
      --story_->failures;
      story_->notes.push_back("fails " + name_);
      if (story_->how == How::stops) self_.exit(Term("why"_atom));
      self_.node().exit(self_.pid(), Term(atoms::kill));
      co_await self_.sleep(Duration::seconds(1));
    }
    story_->notes.push_back("+" + name_);
    self_.register_name(Atom(name_));
  }
  void handle(Crash crash) { self_.stop(std::move(crash.reason)); }
  void terminate(Term) { story_->notes.push_back("-" + name_); }

 private:
  Self self_;
  std::string name_;
  Story* story_;
};

ChildSpec spec_of(const std::string& name, Story* story) {
  return {.id = Atom(name), .start = child<Child>(name, story)};
}

SupervisorSpec tree(Story* story) {
  SupervisorSpec spec{.strategy = story->strategy,
                      .limit = {.intensity = 3, .period = Duration::seconds(5)}};
  if (story->strategy == Strategy::simple_one_for_one) {
    spec.children.push_back(spec_of("pattern", story));
    return spec;
  }
  for (const char* name : {"a", "b", "c"})
    spec.children.push_back(spec_of(name, story));
  return spec;
}

Behaviour tell(Self self, Story* story) {
  self.trap_exit(true);
  auto starting = start_supervisor(self, tree(story));
  const auto started = co_await starting;
  if (story->strategy == Strategy::simple_one_for_one) {
    for (const char* name : {"a", "b", "c"}) {
      auto offer = offer_of(spec_of(name, story));
      const auto answer = co_await self.call<StartChild>(started.pid, offer);
      REQUIRE(answer.ok());
    }
  }
  story->notes.clear();
  story->armed = true;
  self.send<Crash>(Atom(story->victim), Term("boom"_atom));
  const auto ended = co_await self.receive<Exit>(Duration::milliseconds(100));
  story->notes.push_back(ended ? text(ended->reason) : "alive");
  self.exit(started.pid, Term(atoms::kill));
}

std::string told(Story story) {
  OneNode one;
  one.spawn<&tell>(&story);
  one.run();
  std::string line;
  for (const std::string& note : story.notes) {
    line += (line.empty() ? "" : " ") + note;
    if (note == "alive" || note == "shutdown") break;
  }
  return line;
}

}  // namespace

TEST_CASE("a child that fails or is killed as it starts again is tried again, in every strategy",
          "[supervisor]") {
  for (const How how : {How::stops, How::is_killed}) {
    CAPTURE(static_cast<int>(how));
    const auto with = [how](Strategy strategy, const std::string& failing, int failures) {
      return told({.strategy = strategy, .failing = failing, .failures = failures, .how = how});
    };
    using enum Strategy;
    REQUIRE(with(one_for_one, "b", 1) == "-b fails b +b alive");
    REQUIRE(with(one_for_one, "b", 2) == "-b fails b fails b +b alive");
    REQUIRE(with(rest_for_one, "b", 1) == "-b -c fails b +b +c alive");
    REQUIRE(with(rest_for_one, "b", 2) == "-b -c fails b fails b +b +c alive");
    REQUIRE(with(rest_for_one, "c", 1) == "-b -c +b fails c +c alive");
    REQUIRE(with(rest_for_one, "c", 2) == "-b -c +b fails c fails c +c alive");
    REQUIRE(with(one_for_all, "b", 1) == "-b -c -a +a fails b -a +a +b +c alive");
    REQUIRE(with(one_for_all, "b", 2) == "-b -c -a +a fails b -a +a fails b -a +a +b +c alive");
    REQUIRE(with(one_for_all, "c", 1) == "-b -c -a +a +b fails c -b -a +a +b +c alive");
    REQUIRE(with(simple_one_for_one, "b", 1) == "-b fails b +b alive");
    REQUIRE(with(simple_one_for_one, "b", 2) == "-b fails b fails b +b alive");
  }
}

TEST_CASE("each try of a child that does not start counts, and the last one ends the supervisor",
          "[supervisor]") {
  for (const How how : {How::stops, How::is_killed}) {
    CAPTURE(static_cast<int>(how));
    const auto with = [how](Strategy strategy, const std::string& failing) {
      return told({.strategy = strategy, .failing = failing, .failures = 100, .how = how});
    };
    using enum Strategy;
    REQUIRE(with(one_for_one, "b") == "-b fails b fails b fails b -c -a shutdown");
    REQUIRE(with(rest_for_one, "b") == "-b -c fails b fails b fails b -a shutdown");
    REQUIRE(with(rest_for_one, "c") == "-b -c +b fails c fails c fails c -b -a shutdown");
    REQUIRE(with(one_for_all, "b") ==
            "-b -c -a +a fails b -a +a fails b -a +a fails b -a shutdown");
    REQUIRE(with(simple_one_for_one, "b") == "-b fails b fails b fails b -a -c shutdown");
  }
}

TEST_CASE("a supervisor that nobody in the node started ends in order when it is told from outside",
          "[supervisor]") {
  Story story{.strategy = Strategy::rest_for_one};
  OneNode one;
  const Pid sup = start_supervisor_on(one.node(), tree(&story)).pid;
  one.run();
  story.notes.clear();
  one.node().exit(sup, Term(atoms::shutdown));
  one.run();
  REQUIRE(story.notes == Notes{"-c", "-b", "-a"});
  REQUIRE(one.node().process_count() == 0);
}

}  // namespace glasshouse::tests

// System events in a file, and those of what a server continues with.

#include "runtime/behaviour/gen_server.h"
#include "runtime/behaviour/sys.h"
#include "runtime/io/file.h"
#include "tests/catch.h"
#include "tests/runtime/notes_of.h"

namespace glasshouse::tests {

using namespace runtime::literals;

namespace {

struct Put {
  std::int64_t value = 0;
};
struct Twice {
  std::int64_t value = 0;
};

class Holder {
 public:
  using Accepts = Messages<Put, Twice>;
  explicit Holder(Self self) : self_(self) {}
  void handle(Put put) {
    value_ += put.value;
    if (put.value == 7) self_.continue_with<Twice>(2);
  }
  void handle(Twice twice) { value_ *= twice.value; }
  Term describe() const { return Term(value_); }

 private:
  Self self_;
  std::int64_t value_ = 0;
};

Task<PidOf<Holder>> holder(Self self) {
  auto starting = start_with<Holder>(self, {.name = "holder"_atom, .link = false});
  const auto started = co_await starting;
  co_return started.pid;
}

// Its lines, when all that was told before is written.
Task<void> note_file(Self self, Notes* notes, std::string path) {
  co_await self.sleep(1_s);
  auto reading = read_file(self, std::move(path));
  const auto bytes = co_await reading;
  notes->push_back(bytes ? std::string(bytes->view()) : bytes.error().code);
}

Task<void> log_to(Self self, Notes* notes, PidOf<Holder> to, std::string path) {
  auto logging = sys::log_to_file(self, to, std::move(path));
  const Term answer = co_await logging;
  notes->push_back(text(answer));
}

Behaviour writes(Self self, Notes* notes) {
  const auto pid = co_await holder(self);
  co_await log_to(self, notes, pid, "sys.log");
  self.cast<Put>(pid, 7);
  self.send<Put>(pid, 1);
  co_await note_file(self, notes, "sys.log");
  auto closing = sys::log_to_file_off(self, pid);
  co_await closing;
  self.cast<Put>(pid, 2);
  co_await note_file(self, notes, "sys.log");
  co_await log_to(self, notes, pid, "sys.log");  // empties it
  self.cast<Put>(pid, 3);
  co_await note_file(self, notes, "sys.log");
  auto stopping = stop(self, pid);
  co_await stopping;
}

// OTP: the old file is closed, also where the new one cannot be opened.
Behaviour cannot_open(Self self, Notes* notes) {
  const auto pid = co_await holder(self);
  co_await log_to(self, notes, pid, "good.log");
  co_await log_to(self, notes, pid, "../bad.log");
  self.cast<Put>(pid, 1);
  co_await note_file(self, notes, "good.log");
  auto stopping = stop(self, pid);
  co_await stopping;
}

// Two at once: the log and the file; no_debug closes both.
Behaviour status_names_the_file(Self self, Notes* notes) {
  const auto pid = co_await holder(self);
  co_await log_to(self, notes, pid, "sys.log");
  const Term status = co_await sys::get_status(self, pid);
  notes->push_back(text(status.element(3).as_list()[3]));
  co_await sys::no_debug(self, pid);
  self.cast<Put>(pid, 1);
  co_await note_file(self, notes, "sys.log");
  auto stopping = stop(self, pid);
  co_await stopping;
}

Behaviour continues(Self self, Notes* notes) {
  const auto pid = co_await holder(self);
  co_await sys::log(self, pid, 10);
  self.cast<Put>(pid, 7);
  const Term events = co_await sys::get_log(self, pid);
  notes->push_back(text(events));
  auto stopping = stop(self, pid);
  co_await stopping;
}

}  // namespace

TEST_CASE("sys writes system events into a file until it is told to stop", "[sys]") {
  const std::string first =
      "*DBG* holder got cast {put,7}\n*DBG* holder new state 7\n"
      "*DBG* holder {continue,{twice,2}}\n*DBG* holder new state 14\n"
      "*DBG* holder got {put,1}\n*DBG* holder new state 15\n";
  const std::string second = "*DBG* holder got cast {put,3}\n*DBG* holder new state 20\n";
  REQUIRE(notes_of_all_gone<writes>() == Notes{"ok", first, first, "ok", second});
}

TEST_CASE("a file that cannot be opened is an error and ends the one before", "[sys]") {
  REQUIRE(notes_of_all_gone<cannot_open>() == Notes{"ok", "{error,open_file}", ""});
}

TEST_CASE("get_status names the file and no_debug closes it", "[sys]") {
  REQUIRE(notes_of_all_gone<status_names_the_file>() ==
          Notes{"ok", "[{log_to_file,<<\"sys.log\">>}]", ""});
}

TEST_CASE("sys is told of what a server continues with", "[sys]") {
  REQUIRE(notes_of_all_gone<continues>() ==
          Notes{"[{in,{'$gen_cast',{put,7}}},{noreply,7},{continue,{twice,2}},{noreply,14}]"});
}

}  // namespace glasshouse::tests

#pragma once
// What clients asked and what they were told, and the laws that must hold over it.
//
// Each key belongs to one client, which asks one thing at a time. So the store is right when each
// key's operations can be put in an order that a single variable would allow, where an operation of
// unknown outcome (a time-out, a lost connection) may take effect once, at any time after it was
// asked, or never.
//
// Threads: any; a history locks itself. `check` and `unserved` are pure.

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/base/time.h"

namespace glasshouse::scenarios::kv {

enum class Asked : std::uint8_t { set, get, incr, del };

enum class Outcome : std::uint8_t {
  pending,  // not answered yet; judged as unknown
  ok,
  failed,  // refused before it was done: certainly without effect
  unknown,
};

struct Operation {
  std::uint32_t client = 0;
  Asked asked = Asked::get;
  std::string key{};
  std::string value{};  // set: what was written
  runtime::Instant begun{};
  runtime::Instant ended{};  // unless pending
  Outcome outcome = Outcome::pending;
  bool found = false;    // get: there was a value; del: there was one to delete
  std::string answer{};  // get: the value; incr: the number
};

class History {
 public:
  using Id = std::size_t;

  // A client that is here must be served: see `unserved`.
  void add_client(std::uint32_t client);
  // Operations of one client begin one after another.
  Id begin(std::uint32_t client, Asked asked, std::string key, std::string value,
           runtime::Instant now);
  struct Ending {
    Outcome outcome = Outcome::unknown;
    bool found = false;
    std::string answer{};
  };
  void end(Id id, Ending ending, runtime::Instant now);
  // It has done all it had to do, verification included.
  void finish_client(std::uint32_t client);

  std::vector<Operation> operations() const;
  std::vector<std::uint32_t> clients() const;
  bool is_finished(std::uint32_t client) const;
  bool all_finished() const;
  std::size_t count(Outcome outcome) const;

 private:
  struct Client {
    std::uint32_t number = 0;
    bool finished = false;
  };
  mutable std::mutex mutex_;
  std::vector<Operation> operations_;
  std::vector<Client> clients_;
};

struct Reply;
// What a reply of the store says about an operation. An error is certain to have had no effect only
// if it says so.
History::Ending ending_of(Asked asked, const Reply& reply);

// One sentence for each read that no order explains, with key, values and times. Empty: every
// acknowledged write was there as long as nothing replaced it.
std::vector<std::string> check(const std::vector<Operation>& operations);

// One sentence for each client that was told nothing good in an operation begun at or after `since`
// (the end of the faults) and has not finished before.
std::vector<std::string> unserved(const History& history, runtime::Instant since);

}  // namespace glasshouse::scenarios::kv

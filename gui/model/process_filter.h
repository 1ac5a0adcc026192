#pragma once
// The little language of the process filter: words and conditions, all of which must hold.
//
//   kv_shard            in the name, the pid or the behaviour
//   mq>100              also restarts, reductions, memory; > >= < <= =; 2k, 3M
//   node:n2             on a node whose name contains n2
//   state:waiting       in that activity
//   waiting:raft_b      waits for a process whose name contains raft_b
//   -word               not

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gui/model/source.h"

namespace glasshouse::gui {

std::string_view activity_word(Activity activity);

class ProcessFilter {
 public:
  // Never fails: what is no condition is a word.
  static ProcessFilter parse(std::string_view text);

  bool is_empty() const { return terms_.empty(); }

  struct Names {
    std::string_view node;
    std::string_view waiting_for;
  };
  bool accepts(const ProcessRow& row, const Names& names) const;

 private:
  enum class Subject : std::uint8_t {
    word,
    node,
    state,
    waiting,
    mailbox,
    restarts,
    reductions,
    memory
  };
  enum class Test : std::uint8_t { contains, more, at_least, less, at_most, equal };
  struct Term {
    Subject subject = Subject::word;
    Test test = Test::contains;
    bool is_negated = false;
    std::string word;
    std::uint64_t number = 0;
  };
  static Term parse_term(std::string_view text);
  static bool holds(const Term& term, const ProcessRow& row, const Names& names);

  std::vector<Term> terms_;
};

}  // namespace glasshouse::gui

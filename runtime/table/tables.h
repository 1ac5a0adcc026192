#pragma once
// The ETS-like tables of a node: who owns them, what they are called, and what becomes of them when
// their owner exits. Processes use them through Table<Row> (table.h).
//
// When an owner exits, its tables go in the order of their ids: to the heir if it lives, with a
// TableTransfer; else they are deleted. That is done before anybody hears of the exit, so who gets
// the Down finds the tables where they will be (OTP does so, too). A table is given to a process
// exactly if the TableTransfer reached its mailbox, so none is left to the dead.
//
// Threads: any. The lock of the tables is not needed to use one, and not held while rows are freed.

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <shared_mutex>
#include <vector>

#include "runtime/table/table_core.h"

namespace glasshouse::runtime {

class Node;

class Tables {
 public:
  explicit Tables(Node& node) : node_(node) {}
  Tables(const Tables&) = delete;
  Tables& operator=(const Tables&) = delete;

  using Handle = std::shared_ptr<TableCore>;

  // badarg: the name is taken.
  Handle make(Ref id, Pid owner, const TableOptions& options, std::uint64_t schema);
  // Null if there is none.
  Handle find(Ref id) const;
  Handle find(Atom name) const;

  // For whoever may write. OTP: ets:delete/1.
  void erase(TableCore& table, Pid who);
  // The following are badarg unless `who` is the owner; rename also if the name is taken.
  void rename(TableCore& table, Pid who, Atom name);
  void set_heir(TableCore& table, Pid who, std::optional<TableHeir> heir);
  // badarg: `to` is gone, or the owner itself.
  void give_away(TableCore& table, Pid who, Pid to, Term gift);
  // As often as it says, until it is taken back as often or `who` exits. It changes nothing for
  // traversals, which are always safe here (table_rows.h): it is for whoever looks.
  void fix(const TableCore& table, Pid who, bool on);

  void owner_exited(Pid owner);

  TableInfo info(const TableCore& table) const;
  std::vector<TableInfo> list() const;  // by id

 private:
  struct Entry {
    Handle table;
    Atom name;
    std::optional<TableHeir> heir;
    std::map<Pid, std::size_t> fixed_by;
  };
  using Entries = std::map<Ref, Entry>;

  Entry& require(const TableCore& table, Pid who);
  bool transfer(Entry& entry, Pid to, Term data);
  // Its rows are for the caller to free, when it has left the lock.
  Handle remove(Entries::iterator entry);
  // The tables of `owner` that nobody inherits.
  std::vector<Handle> leave(Pid owner);
  TableInfo info_of(const Entry& entry) const;

  Node& node_;
  mutable std::shared_mutex mutex_;
  Entries entries_;
  std::map<Atom, Ref> names_;
  std::map<Pid, std::set<Ref>> owned_;
  std::set<Pid> fixing_;  // have fixed a table some time
  // Relaxed: whoever exits has made its tables itself, or got the message that comes with one.
  std::atomic<std::size_t> count_{0};
};

}  // namespace glasshouse::runtime

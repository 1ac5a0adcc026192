#include "runtime/table/tables.h"

#include <mutex>
#include <utility>

#include "runtime/node/node.h"

namespace glasshouse::runtime {

Tables::Handle Tables::make(Ref id, Pid owner, const TableOptions& options, std::uint64_t schema) {
  auto table = std::make_shared<TableCore>(id, owner, options, schema);
  const std::unique_lock lock(mutex_);
  if (options.name != Atom()) {
    if (!names_.emplace(options.name, id).second) table_badarg("a table has this name already");
  }
  entries_.emplace(id, Entry{table, options.name, options.heir, {}});
  owned_[owner].insert(id);
  count_.store(entries_.size(), std::memory_order_relaxed);
  return table;
}

Tables::Handle Tables::find(Ref id) const {
  const std::shared_lock lock(mutex_);
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : found->second.table;
}

Tables::Handle Tables::find(Atom name) const {
  const std::shared_lock lock(mutex_);
  const auto found = names_.find(name);
  return found == names_.end() ? nullptr : entries_.at(found->second).table;
}

Tables::Entry& Tables::require(const TableCore& table, Pid who) {
  table.require_owner(who);
  const auto found = entries_.find(table.id());
  if (found == entries_.end()) table_badarg("the table was deleted");
  return found->second;
}

Tables::Handle Tables::remove(Entries::iterator entry) {
  Handle table = std::move(entry->second.table);
  if (entry->second.name != Atom()) names_.erase(entry->second.name);
  const auto owned = owned_.find(table->owner());
  if (owned != owned_.end()) {
    owned->second.erase(table->id());
    if (owned->second.empty()) owned_.erase(owned);
  }
  table->end();
  entries_.erase(entry);
  if (entries_.empty()) fixing_.clear();
  count_.store(entries_.size(), std::memory_order_relaxed);
  return table;
}

void Tables::erase(TableCore& table, Pid who) {
  Handle removed;
  {
    const std::unique_lock lock(mutex_);
    table.require_write(who);
    const auto found = entries_.find(table.id());
    if (found == entries_.end()) table_badarg("the table was deleted");
    removed = remove(found);
  }
  removed->free_rows();
}

void Tables::rename(TableCore& table, Pid who, Atom name) {
  const std::unique_lock lock(mutex_);
  Entry& entry = require(table, who);
  if (name == entry.name) return;
  if (name != Atom() && names_.contains(name)) table_badarg("a table has this name already");
  names_.erase(std::exchange(entry.name, name));
  if (name != Atom()) names_.emplace(name, table.id());
}

void Tables::set_heir(TableCore& table, Pid who, std::optional<TableHeir> heir) {
  const std::unique_lock lock(mutex_);
  require(table, who).heir = std::move(heir);
}

// The message is sent under our lock. Once it is in the mailbox, the receiver's exit comes later
// and waits for the lock in owner_exited, where it finds the table.
bool Tables::transfer(Entry& entry, Pid to, Term data) {
  TableCore& table = *entry.table;
  const Pid from = table.owner();
  table.set_owner(to);
  if (!node_.deliver<TableTransfer>(to, table.id(), from, std::move(data))) {
    table.set_owner(from);
    return false;
  }
  owned_[to].insert(table.id());
  const auto owned = owned_.find(from);
  owned->second.erase(table.id());
  if (owned->second.empty()) owned_.erase(owned);
  return true;
}

void Tables::give_away(TableCore& table, Pid who, Pid to, Term gift) {
  const std::unique_lock lock(mutex_);
  Entry& entry = require(table, who);
  if (to == who) table_badarg("the process owns the table already");
  if (!transfer(entry, to, std::move(gift))) {
    table_badarg("the table cannot be given to a process that is gone");
  }
}

void Tables::fix(const TableCore& table, Pid who, bool on) {
  const std::unique_lock lock(mutex_);
  const auto found = entries_.find(table.id());
  if (found == entries_.end()) table_badarg("the table was deleted");
  auto& fixed_by = found->second.fixed_by;
  if (on) {
    fixing_.insert(who);
    ++fixed_by[who];
  } else if (const auto own = fixed_by.find(who); own != fixed_by.end() && --own->second == 0) {
    fixed_by.erase(own);
  }
}

void Tables::owner_exited(Pid owner) {
  if (count_.load(std::memory_order_relaxed) == 0) return;
  {
    const std::shared_lock lock(mutex_);
    if (!owned_.contains(owner) && !fixing_.contains(owner)) return;
  }
  for (const Handle& removed : leave(owner))
    removed->free_rows();
}

std::vector<Tables::Handle> Tables::leave(Pid owner) {
  std::vector<Handle> removed;
  const std::unique_lock lock(mutex_);
  if (fixing_.erase(owner) > 0) {
    for (auto& [id, entry] : entries_)
      entry.fixed_by.erase(owner);
  }
  const auto found = owned_.find(owner);
  if (found == owned_.end()) return removed;
  const std::set<Ref> tables = found->second;
  for (const Ref& id : tables) {
    const auto entry = entries_.find(id);
    const std::optional<TableHeir> heir = entry->second.heir;
    const bool has_heir = heir && heir->pid != owner;
    if (has_heir && transfer(entry->second, heir->pid, heir->data)) continue;
    removed.push_back(remove(entry));
  }
  return removed;
}

TableInfo Tables::info_of(const Entry& entry) const {
  const TableCore& table = *entry.table;
  TableInfo info{.id = table.id(), .name = entry.name, .owner = table.owner()};
  if (entry.heir) info.heir = entry.heir->pid;
  info.type = table.type();
  info.access = table.access();
  info.key_position = table.key_position();
  info.size = table.size();
  for (const auto& [pid, count] : entry.fixed_by)
    info.fixed += count;
  return info;
}

TableInfo Tables::info(const TableCore& table) const {
  const std::shared_lock lock(mutex_);
  const auto found = entries_.find(table.id());
  if (found == entries_.end()) table_badarg("the table was deleted");
  return info_of(found->second);
}

std::vector<TableInfo> Tables::list() const {
  const std::shared_lock lock(mutex_);
  std::vector<TableInfo> infos;
  for (const auto& [id, entry] : entries_)
    infos.push_back(info_of(entry));
  return infos;
}

}  // namespace glasshouse::runtime

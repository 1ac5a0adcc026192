#include "runtime/table/disk_transaction.h"

#include "runtime/table/disk_key.h"
#include "runtime/term/parse.h"
#include "runtime/term/print.h"

namespace glasshouse::runtime {

namespace {

std::string key_bytes(const Term& key) {
  Result<std::string> bytes = disk_key_of(key);
  if (!bytes) table_badarg(bytes.error().what);
  return std::move(bytes).value();
}

Term row_of(std::string_view text) {
  Result<Term> row = parse_term(text);
  if (!row) table_badarg("a row on the disk cannot be read: " + row.error().what);
  return std::move(row).value();
}

}  // namespace

std::optional<Term> DiskTransaction::find(Atom table, const Term& key) {
  const auto text = database_.find(table.text(), key_bytes(key));
  if (!text) return std::nullopt;
  return row_of(*text);
}

// What does not read back is refused at once: pids, references and functions belong to a life of
// the node, and a term may be too deep or too long for its text.
void DiskTransaction::put(Atom table, const Term& key, const Term& row) {
  const std::string text = to_string(row);
  const Result<Term> read_back = parse_term(text);
  if (!read_back || *read_back != row) {
    table_badarg("no row of a disk table: " + to_string(row, {.bytes_max = 100}));
  }
  database_.put(table.text(), key_bytes(key), text);
}

bool DiskTransaction::erase(Atom table, const Term& key) {
  return database_.erase(table.text(), key_bytes(key));
}

std::vector<Term> DiskTransaction::scan(Atom table, const KeyRange<Term>& range,
                                        std::size_t limit) {
  std::vector<Term> rows;
  if (limit == 0) return rows;
  const std::string from = range.from ? key_bytes(*range.from) : std::string();
  const std::string below = range.below ? key_bytes(*range.below) : std::string();
  database_.scan(table.text(), from, below, [&](std::string_view text) {
    rows.push_back(row_of(text));
    return rows.size() < limit;
  });
  return rows;
}

}  // namespace glasshouse::runtime

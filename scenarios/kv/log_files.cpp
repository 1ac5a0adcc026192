#include "scenarios/kv/log_files.h"

#include <algorithm>
#include <charconv>
#include <functional>

#include "runtime/base/hash.h"
#include "runtime/io/file.h"

namespace glasshouse::scenarios::kv {

using runtime::Atom;
using runtime::Error;
using runtime::Result;
using runtime::Self;
using runtime::Task;

namespace {

constexpr std::size_t hex_digits = 16;
constexpr std::string_view ending = ".log";
constexpr int listings_max = 8;  // of a folder whose files go away while they are read

std::string hex(std::uint64_t number) {
  std::string digits(hex_digits, '0');
  for (std::size_t i = hex_digits; number != 0; number >>= 4)
    digits[--i] = "0123456789abcdef"[number & 15];
  return digits;
}

std::optional<std::uint64_t> parse_hex(std::string_view digits) {
  std::uint64_t number = 0;
  const auto [end, failure] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  if (failure != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

std::string prefix_of(std::uint32_t shard) {
  return "shard-" + std::to_string(shard) + "-";
}

std::string path_of(const std::string& folder, const LogFile& file) {
  return folder + "/" + file.name();
}

std::vector<LogFile> logs_among(const std::vector<std::string>& names, std::uint32_t shard) {
  std::vector<LogFile> files;
  for (const std::string& name : names) {
    if (const auto file = LogFile::parse(name, shard)) files.push_back(*file);
  }
  std::sort(files.begin(), files.end());
  return files;
}

// What a log says, request by request: one whose answer is not there was not done.
class Restoring {
 public:
  Restoring(Recovered& into, Atom node) : into_(into), node_(node) {}

  void operator()(const LogRecord& record) {
    using Kind = LogRecord::Kind;
    const bool is_change = record.kind == Kind::set || record.kind == Kind::remove;
    if (is_complete_ && is_change) return unanswered_.push_back(record);
    if (record.kind == Kind::complete) is_complete_ = true;
    if (record.kind == Kind::answer) {
      for (const LogRecord& change : unanswered_)
        into_.store.restore(change);
      unanswered_.clear();
    }
    into_.store.restore(record);
    into_.answers.restore(record, node_);
  }

 private:
  Recovered& into_;
  const Atom node_;
  bool is_complete_ = false;
  std::vector<LogRecord> unanswered_;  // views of the log
};

// The newest complete file, read into `recovered`. False: a file went away meanwhile.
Task<Result<bool>> read_newest(Self self, std::string folder, std::vector<LogFile> files,
                               Recovered* recovered) {
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    auto reading = runtime::read_file(self, path_of(folder, *file));
    const Result<Binary> bytes = co_await reading;
    // It was not needed any more: an earlier life of this shard removed it. What made it so must be
    // looked for again.
    if (!bytes && bytes.error().code == "enoent") co_return Result<bool>(false);
    if (!bytes) co_return Result<bool>(bytes.error());
    Recovered found;
    Restoring restoring(found, self.node().name());
    const LogReading log = read_log(file->seed(), bytes->view(), std::ref(restoring));
    if (!log.complete) continue;
    recovered->store = std::move(found.store);
    recovered->answers = std::move(found.answers);
    break;
  }
  co_return Result<bool>(true);
}

}  // namespace

std::string LogFile::name() const {
  return prefix_of(shard) + hex(generation) + "-" + hex(begun) + std::string(ending);
}

std::uint64_t LogFile::seed() const {
  return runtime::hash_combine(runtime::hash_combine(shard, generation), begun);
}

std::optional<LogFile> LogFile::parse(std::string_view name, std::uint32_t shard) {
  const std::string prefix = prefix_of(shard);
  if (!name.starts_with(prefix) || !name.ends_with(ending)) return std::nullopt;
  name = name.substr(prefix.size(), name.size() - prefix.size() - ending.size());
  if (name.size() != 2 * hex_digits + 1 || name[hex_digits] != '-') return std::nullopt;
  const auto generation = parse_hex(name.substr(0, hex_digits));
  const auto begun = parse_hex(name.substr(hex_digits + 1));
  if (!generation || !begun) return std::nullopt;
  return LogFile{.shard = shard, .generation = *generation, .begun = *begun};
}

Task<Result<Recovered>> recover(Self self, std::string folder, std::uint32_t shard) {
  for (int listing = 0; listing < listings_max; ++listing) {
    auto looking = runtime::list_folder(self, folder);
    const Result<std::vector<std::string>> names = co_await looking;
    Recovered recovered;
    if (!names && names.error().code == "enoent") co_return Result<Recovered>(std::move(recovered));
    if (!names) co_return Result<Recovered>(names.error());
    const std::vector<LogFile> files = logs_among(*names, shard);
    for (const LogFile& file : files) {
      recovered.generation = std::max(recovered.generation, file.generation);
      recovered.old_files.push_back(path_of(folder, file));
    }
    auto reading = read_newest(self, folder, files, &recovered);
    const Result<bool> read = co_await reading;
    if (!read) co_return Result<Recovered>(read.error());
    if (*read) co_return Result<Recovered>(std::move(recovered));
  }
  co_return Result<Recovered>(Error(folder + " changes while it is read", "eagain"));
}

}  // namespace glasshouse::scenarios::kv

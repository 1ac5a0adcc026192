#pragma once
// The write-ahead log of a shard: how records are laid down in bytes, and how they are read again
// after a crash. Pure functions over bytes; where the bytes live is the shard's business.
//
//   file    record*                        the generation of the file is the first "previous check"
//   record  size  u32   of the body, little endian
//           check u32   CRC-32C of: previous record's check, size, body
//           body  kind u8, key size u32, key, value (of an answer: see answers.h)
//
// Because every check covers the one before it, what is left of an older log behind a newer end is
// never taken for its continuation.
//
// A file begins with the whole table as it was when the file was begun, and the answers that may be
// asked for again, closed by a `complete` record; without that the file counts for nothing. Behind
// it each request lays what it changed and then its answer. Where a crash or a full disk left no
// answer, the request was not done: nothing of it was acknowledged, and it may be asked again.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace glasshouse::scenarios::kv {

struct LogRecord {
  enum class Kind : std::uint8_t { set = 1, remove = 2, complete = 3, answer = 4, forget = 5 };
  Kind kind = Kind::set;
  std::string_view key{};
  std::string_view value{};
};

inline constexpr std::size_t log_body_max = (4u << 20) + 16;

class LogWriter {
 public:
  explicit LogWriter(std::uint64_t generation);

  // Lays a record behind the last one.
  void add(const LogRecord& record);
  // What was laid down since the last call; empty if nothing.
  std::string take() { return std::exchange(bytes_, {}); }
  bool empty() const { return bytes_.empty(); }
  std::size_t size() const { return bytes_.size(); }

  // The check of the last record. A writer that is set back to an earlier one, with nothing to
  // take, goes on as if the records since then had never been.
  std::uint32_t check() const { return check_; }
  void go_on_from(std::uint32_t check) {
    bytes_.clear();
    check_ = check;
  }

 private:
  std::string bytes_;
  std::uint32_t check_;
};

struct LogReading {
  std::size_t valid_bytes = 0;  // up to the end of the last good record
  std::size_t records = 0;      // good ones
  std::uint32_t check = 0;      // where a LogWriter goes on
  bool complete = false;        // what it began with is all there
};

// Calls `apply` for every record up to the first that is torn or wrong.
LogReading read_log(std::uint64_t generation, std::string_view bytes,
                    const std::function<void(const LogRecord&)>& apply);

// CRC-32C (Castagnoli) of `bytes`, going on from `before`.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace glasshouse::scenarios::kv

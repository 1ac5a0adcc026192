#include "scenarios/kv/wal.h"

#include <string>
#include <vector>

#include "tests/catch.h"

namespace glasshouse::scenarios::kv {

namespace {

using Kind = LogRecord::Kind;

struct Kept {
  Kind kind = Kind::set;
  std::string key;
  std::string value;
  friend bool operator==(const Kept&, const Kept&) = default;
};

struct Replay {
  LogReading reading;
  std::vector<Kept> records;
};

Replay replay(std::string_view bytes, std::uint64_t generation = 7) {
  Replay result;
  result.reading = read_log(generation, bytes, [&](const LogRecord& record) {
    result.records.push_back({record.kind, std::string(record.key), std::string(record.value)});
  });
  return result;
}

const std::vector<Kept> some_records{{Kind::set, "a", "1"},
                                     {Kind::complete, "", ""},
                                     {Kind::set, "", ""},
                                     {Kind::set, "key", std::string(30, 'v')},
                                     {Kind::remove, "a", ""}};

std::string log_of(const std::vector<Kept>& records, std::vector<std::size_t>* ends = nullptr) {
  LogWriter writer(7);
  for (const Kept& record : records) {
    writer.add({.kind = record.kind, .key = record.key, .value = record.value});
    if (ends != nullptr) ends->push_back(writer.size());
  }
  return writer.take();
}

}  // namespace

TEST_CASE("the checksum is CRC-32C", "[kv][wal]") {
  REQUIRE(crc32c("123456789") == 0xe3069283);
  REQUIRE(crc32c("") == 0);
  REQUIRE(crc32c("6789", crc32c("12345")) == 0xe3069283);
}

TEST_CASE("a log is read back as it was written", "[kv][wal]") {
  const std::string bytes = log_of(some_records);
  const Replay result = replay(bytes);
  REQUIRE(result.records == some_records);
  REQUIRE(result.reading.valid_bytes == bytes.size());
  REQUIRE(result.reading.records == some_records.size());
  REQUIRE(result.reading.complete);
}

TEST_CASE("a log cut anywhere gives the records before the cut", "[kv][wal]") {
  std::vector<std::size_t> ends;
  const std::string bytes = log_of(some_records, &ends);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    const Replay result = replay(std::string_view(bytes).substr(0, cut));
    std::size_t whole = 0;
    while (whole < ends.size() && ends[whole] <= cut)
      ++whole;
    REQUIRE(result.records == std::vector<Kept>(some_records.begin(),
                                                some_records.begin() + static_cast<long>(whole)));
    REQUIRE(result.reading.valid_bytes == (whole == 0 ? 0 : ends[whole - 1]));
  }
}

TEST_CASE("a log with one bit flipped gives the records before it", "[kv][wal]") {
  std::vector<std::size_t> ends;
  const std::string bytes = log_of(some_records, &ends);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const Replay result = replay(damaged);
    std::size_t whole = 0;
    while (ends[whole] <= bit / 8)
      ++whole;
    REQUIRE(result.records == std::vector<Kept>(some_records.begin(),
                                                some_records.begin() + static_cast<long>(whole)));
  }
}

TEST_CASE("zeros and noise behind the end of a log are not part of it", "[kv][wal]") {
  const std::string bytes = log_of(some_records);
  REQUIRE(replay(bytes + std::string(4096, '\0')).records == some_records);
  REQUIRE(replay(bytes + std::string(100, '\xff')).records == some_records);
}

TEST_CASE("the rest of an older log is not taken for a continuation", "[kv][wal]") {
  LogWriter writer(7);
  writer.add({.key = "a", .value = "1"});
  const std::string first = writer.take();
  const std::uint32_t before = writer.check();
  writer.add({.key = "b", .value = "2"});
  writer.add({.key = "c", .value = "3"});
  const std::string lost = writer.take();
  writer.go_on_from(before);
  writer.add({.key = "x", .value = "9"});
  const std::string instead = writer.take();
  REQUIRE(instead.size() == lost.size() / 2);
  const Replay result = replay(first + instead + lost.substr(instead.size()));
  REQUIRE(result.records.size() == 2);
  REQUIRE(result.records[1].key == "x");
}

TEST_CASE("a log of another generation is empty", "[kv][wal]") {
  REQUIRE(replay(log_of(some_records), 8).records.empty());
  REQUIRE_FALSE(replay(log_of(some_records), 8).reading.complete);
}

TEST_CASE("a writer goes on where a reading ended", "[kv][wal]") {
  const std::string bytes = log_of(some_records);
  LogWriter writer(7);
  writer.go_on_from(replay(bytes).reading.check);
  writer.add({.key = "more", .value = "m"});
  REQUIRE(replay(bytes + writer.take()).records.back().key == "more");
}

}  // namespace glasshouse::scenarios::kv

#include "scenarios/kv/wal.h"

#include <array>

namespace glasshouse::scenarios::kv {

namespace {

constexpr std::size_t head_bytes = 8;       // size, check
constexpr std::size_t body_head_bytes = 5;  // kind, key size
constexpr std::uint32_t castagnoli = 0x82f63b78;

using Table = std::array<std::array<std::uint32_t, 256>, 8>;

// Eight bytes at a time ("slicing by 8"): table[k][b] is what byte b does from k bytes away.
constexpr Table make_table() {
  Table table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit)
      value = (value >> 1) ^ ((value & 1) != 0 ? castagnoli : 0);
    table[0][byte] = value;
  }
  for (std::size_t k = 1; k < 8; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte)
      table[k][byte] = (table[k - 1][byte] >> 8) ^ table[0][table[k - 1][byte] & 0xff];
  }
  return table;
}
constexpr Table crc_table = make_table();

std::uint32_t get_u32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

void put_u32(std::string& out, std::uint32_t value) {
  for (int i = 0; i < 4; ++i)
    out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

void set_u32(char* out, std::uint32_t value) {
  for (int i = 0; i < 4; ++i)
    out[i] = static_cast<char>(value >> (8 * i) & 0xff);
}

std::uint32_t first_check(std::uint64_t generation) {
  std::string bytes = "glasshouse kv log 1";
  put_u32(bytes, static_cast<std::uint32_t>(generation));
  put_u32(bytes, static_cast<std::uint32_t>(generation >> 32));
  return crc32c(bytes);
}

std::uint32_t check_of(std::uint32_t previous, std::string_view size_bytes, std::string_view body) {
  return crc32c(body, crc32c(size_bytes, previous));
}

bool is_kind(unsigned char value) {
  return value >= 1 && value <= 5;
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
  std::uint32_t crc = ~before;
  while (bytes.size() >= 8) {
    const std::uint32_t low = crc ^ get_u32(bytes);
    const std::uint32_t high = get_u32(bytes.substr(4));
    crc = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      crc ^= crc_table[7 - i][low >> (8 * i) & 0xff];
      crc ^= crc_table[3 - i][high >> (8 * i) & 0xff];
    }
    bytes.remove_prefix(8);
  }
  for (const char byte : bytes)
    crc = (crc >> 8) ^ crc_table[0][(crc ^ static_cast<unsigned char>(byte)) & 0xff];
  return ~crc;
}

LogWriter::LogWriter(std::uint64_t generation) : check_(first_check(generation)) {}

void LogWriter::add(const LogRecord& record) {
  const std::size_t begin = bytes_.size();
  put_u32(bytes_,
          static_cast<std::uint32_t>(body_head_bytes + record.key.size() + record.value.size()));
  put_u32(bytes_, 0);
  bytes_.push_back(static_cast<char>(record.kind));
  put_u32(bytes_, static_cast<std::uint32_t>(record.key.size()));
  bytes_.append(record.key).append(record.value);
  const std::string_view laid = std::string_view(bytes_).substr(begin);
  check_ = check_of(check_, laid.substr(0, 4), laid.substr(head_bytes));
  set_u32(bytes_.data() + begin + 4, check_);
}

LogReading read_log(std::uint64_t generation, std::string_view bytes,
                    const std::function<void(const LogRecord&)>& apply) {
  LogReading reading{.check = first_check(generation)};
  while (bytes.size() >= head_bytes + body_head_bytes) {
    const std::uint32_t size = get_u32(bytes);
    if (size < body_head_bytes || size > log_body_max || bytes.size() - head_bytes < size) break;
    const std::string_view body = bytes.substr(head_bytes, size);
    const std::uint32_t check = check_of(reading.check, bytes.substr(0, 4), body);
    const std::uint32_t key_size = get_u32(body.substr(1));
    const auto kind = static_cast<unsigned char>(body[0]);
    if (check != get_u32(bytes.substr(4)) || !is_kind(kind)) break;
    if (key_size > size - body_head_bytes) break;
    const LogRecord record{.kind = static_cast<LogRecord::Kind>(kind),
                           .key = body.substr(body_head_bytes, key_size),
                           .value = body.substr(body_head_bytes + key_size)};
    if (record.kind == LogRecord::Kind::complete) reading.complete = true;
    apply(record);
    reading.check = check;
    reading.valid_bytes += head_bytes + size;
    ++reading.records;
    bytes.remove_prefix(head_bytes + size);
  }
  return reading;
}

}  // namespace glasshouse::scenarios::kv

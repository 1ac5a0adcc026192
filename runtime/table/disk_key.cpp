#include "runtime/table/disk_key.h"

#include "runtime/term/print.h"

namespace glasshouse::runtime {

namespace {

enum Tag : unsigned char {
  integer = 0x10,
  atom = 0x20,
  tuple_ = 0x30,
  end = 0x40,
  more = 0x41,
  bytes = 0x50
};
constexpr int depth_max = 100;

void add_number(std::string& key, std::uint64_t number, int byte_count) {
  for (int shift = 8 * (byte_count - 1); shift >= 0; shift -= 8)
    key += static_cast<char>(number >> shift & 0xff);
}

void add_text(std::string& key, std::string_view text) {
  for (const char character : text) {
    key += character;
    if (character == '\0') key += '\xff';
  }
  key += '\0';
  key += '\x01';
}

bool add(std::string& key, const Term& term, int depth) {
  if (depth == 0 || key.size() > disk_key_bytes_max) return false;
  if (const auto number = term.as_integer()) {
    key += static_cast<char>(Tag::integer);
    add_number(key, static_cast<std::uint64_t>(*number) ^ std::uint64_t{1} << 63, 8);
    return true;
  }
  if (const auto name = term.as_atom()) {
    key += static_cast<char>(Tag::atom);
    add_text(key, name->text());
    return true;
  }
  if (term.is_binary()) {
    key += static_cast<char>(Tag::bytes);
    add_text(key, term.as_bytes());
    return true;
  }
  if (term.is_tuple()) {
    key += static_cast<char>(Tag::tuple_);
    add_number(key, term.size(), 4);
    for (const Term& element : term.as_tuple()) {
      if (!add(key, element, depth - 1)) return false;
    }
    return true;
  }
  if (!term.is_proper_list()) return false;
  for (const Term& element : term.as_list()) {
    key += static_cast<char>(Tag::more);
    if (!add(key, element, depth - 1)) return false;
  }
  key += static_cast<char>(Tag::end);
  return true;
}

}  // namespace

Result<std::string> disk_key_of(const Term& key) {
  std::string bytes;
  if (add(bytes, key, depth_max) && bytes.size() <= disk_key_bytes_max) return bytes;
  return Error("no key of a disk table: " + to_string(key, {.bytes_max = 100}) +
                   " (keys are integers of 64 bits, atoms, binaries, tuples and lists of them, "
                   "up to 64 KiB)",
               "einval");
}

}  // namespace glasshouse::runtime

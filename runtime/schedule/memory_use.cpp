#include "runtime/schedule/memory_use.h"

#include <charconv>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace glasshouse::runtime {

namespace {

constexpr std::size_t file_bytes_max = 4096;  // of what we read: both are shorter, or begin with it

// Empty if there is none.
std::string beginning_of(const char* path) {
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  std::string text(file_bytes_max, '\0');
  const ssize_t got = ::read(file, text.data(), text.size());
  ::close(file);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

// The number behind `key` and spaces; 0 if there is none.
std::uint64_t number_after(std::string_view text, std::string_view key) {
  const auto found = text.find(key);
  if (found == std::string_view::npos) return 0;
  const auto digits = text.find_first_not_of(' ', found + key.size());
  if (digits == std::string_view::npos) return 0;
  std::uint64_t number = 0;
  std::from_chars(text.data() + digits, text.data() + text.size(), number);
  return number;
}

}  // namespace

MemoryUse memory_use() {
  const std::string machine = beginning_of("/proc/meminfo");     // "MemTotal:  16384 kB"
  const std::string program = beginning_of("/proc/self/statm");  // "size resident ...", in pages
  return {
      .total = number_after(machine, "MemTotal:") * 1024,
      .available = number_after(machine, "MemAvailable:") * 1024,
      .resident = number_after(program, " ") * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE))};
}

}  // namespace glasshouse::runtime

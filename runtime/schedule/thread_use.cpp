#include "runtime/schedule/thread_use.h"

#include <charconv>
#include <ctime>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace glasshouse::runtime {

namespace {

constexpr std::size_t file_bytes_max = 512;  // of what we read; a line is shorter

// Empty if there is none.
std::string read_of_thread(pid_t thread, std::string_view name) {
  const std::string path = "/proc/self/task/" + std::to_string(thread) + "/" + std::string(name);
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  std::string text(file_bytes_max, '\0');
  const ssize_t got = ::read(file, text.data(), text.size());
  ::close(file);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

// "12345 (a name) S 1 ...": the name may hold anything, the last parenthesis ends it.
bool is_blocked(std::string_view stat) {
  const auto end = stat.rfind(") ");
  if (end == std::string_view::npos || end + 2 >= stat.size()) return false;
  return stat[end + 2] == 'S' || stat[end + 2] == 'D';
}

// "ran queued times", in nanoseconds.
std::chrono::nanoseconds queued_of(std::string_view schedstat) {
  std::int64_t queued = 0;
  const auto begin = schedstat.find(' ');
  if (begin == std::string_view::npos) return {};
  std::from_chars(schedstat.data() + begin + 1, schedstat.data() + schedstat.size(), queued);
  return std::chrono::nanoseconds(queued);
}

}  // namespace

ThreadUse::ThreadUse()
    : thread_(::gettid()), has_clock_(pthread_getcpuclockid(pthread_self(), &clock_) == 0) {}

ThreadUse::Sample ThreadUse::sample() const {
  Sample sample;
  timespec ran{};
  if (has_clock_ && clock_gettime(clock_, &ran) == 0) {
    sample.ran = std::chrono::seconds(ran.tv_sec) + std::chrono::nanoseconds(ran.tv_nsec);
  }
  sample.is_blocked = is_blocked(read_of_thread(thread_, "stat"));
  sample.queued = queued_of(read_of_thread(thread_, "schedstat"));
  sample.at = std::chrono::steady_clock::now().time_since_epoch();
  return sample;
}

std::chrono::nanoseconds ThreadUse::busy(const Sample& from, const Sample& to) {
  if (!to.is_blocked) return to.ran - from.ran;
  return (to.at - from.at) - (to.queued - from.queued);
}

}  // namespace glasshouse::runtime

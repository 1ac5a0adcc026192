#pragma once
// The line between a node and its heart, the program glasshouse-heart that started it: who stops
// sending beats over it is killed and started again.
//
// It is one end of a pair of sockets that keep messages apart; its number and the time-out come in
// environment variables. A message is one letter, and behind set_command the text.
//
// Threads: any. OTP: the port that the process heart opens to the program heart.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace glasshouse::runtime {

enum class HeartWord : char { beat = 'b', set_command = 's', clear_command = 'c' };

inline constexpr char heart_line_variable[] = "GLASSHOUSE_HEART_LINE";  // a descriptor
inline constexpr char heart_timeout_variable[] = "GLASSHOUSE_HEART_TIMEOUT_MS";
inline constexpr std::size_t heart_command_bytes_max = 2047;  // OTP: of heart:set_cmd/1

class HeartLine {
 public:
  virtual ~HeartLine() = default;
  // Never waits: what does not get through is lost, as if the node had not said it.
  virtual void send(HeartWord word, std::string_view text = {}) = 0;
  // Without a beat for so long the node is killed.
  virtual std::int64_t timeout_ms() const = 0;
};

// The line of this program, not inherited by what it starts; null if no heart started it.
// REQUIRES: called once, before there are other threads that change the environment.
std::unique_ptr<HeartLine> take_heart_line();

}  // namespace glasshouse::runtime

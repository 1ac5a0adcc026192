#pragma once
// How the bytes between a port and its program are cut into messages. Pure, no I/O; a FrameReader
// belongs to one process.
//
//   stream   as they come; nothing is promised about where pieces end
//   packet   1, 2 or 4 bytes of length, big endian, then so many bytes; both ways
//   line     what the program says, line by line, without the newline; a line longer than `size`
//            comes in pieces. What it is told goes out as it is
//
// OTP: stream, {packet, N}, {line, N} of open_port/2.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "runtime/base/result.h"
#include "runtime/term/binary.h"

namespace glasshouse::runtime {

struct Framing {
  enum class Kind : std::uint8_t { stream, packet, line };
  Kind kind = Kind::stream;
  std::uint32_t size = 0;  // packet: bytes of length; line: bytes of the longest piece

  static constexpr Framing stream() { return {}; }
  // REQUIRES: 1, 2 or 4.
  static constexpr Framing packet(std::uint32_t length_bytes) {
    return {Kind::packet, length_bytes};
  }
  // REQUIRES: at least 1.
  static constexpr Framing line(std::uint32_t longest) { return {Kind::line, longest}; }

  bool is_valid() const;
  friend bool operator==(Framing, Framing) = default;
};

// Of a packet. A program that announces more is broken; OTP would try to allocate it.
inline constexpr std::size_t packet_bytes_max = 64 << 20;
// Of what is sent for one message, the length of a packet counted: what a pipe takes at once.
inline constexpr std::size_t framed_bytes_max = 64 << 20;

enum class LineEnd : std::uint8_t {
  eol,    // the newline was there
  noeol,  // the line goes on in the next piece, or its newline never came
};

struct Frame {
  Binary bytes;
  LineEnd end = LineEnd::eol;  // of line framing only
};

class FrameReader {
 public:
  // REQUIRES: framing.is_valid().
  explicit FrameReader(Framing framing);

  void feed(const Binary& bytes);
  // The next frame that is whole. Nothing: feed more; or it is broken, which lasts.
  std::optional<Frame> next();
  // A packet was announced that is longer than packet_bytes_max.
  bool is_broken() const { return broken_; }
  // After the last byte and the last frame: what is left of a line. The beginning of a packet is
  // dropped, as in OTP.
  std::optional<Frame> rest();

 private:
  std::optional<Frame> next_packet();
  std::optional<Frame> next_line();
  Frame take(std::size_t bytes, std::size_t behind, LineEnd end);
  std::string_view unread() const { return std::string_view(held_).substr(read_); }

  Framing framing_;
  Binary streamed_;           // of stream framing, whole
  std::string held_;          // of the others
  std::size_t read_ = 0;      // bytes of held_ that are done with
  std::size_t searched_ = 0;  // bytes of unread() without a newline
  bool broken_ = false;
};

// What goes to the program for one message. Error: einval, the length does not fit the framing, or
// the whole is longer than framed_bytes_max, with any framing.
Result<Binary> framed(Framing framing, const Binary& bytes);

}  // namespace glasshouse::runtime

#include "runtime/port/framing.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/io/tcp_streams.h"

namespace glasshouse::runtime {

// A pipe refuses more than that as a whole, which nobody would hear of in time.
static_assert(framed_bytes_max <= tcp_send_queue_max);

namespace {

std::size_t length_of(std::string_view header) {
  std::size_t length = 0;
  for (const char byte : header)
    length = length << 8 | static_cast<unsigned char>(byte);
  return length;
}

std::string header_of(std::size_t length, std::uint32_t bytes) {
  std::string header(bytes, '\0');
  for (std::uint32_t at = bytes; at > 0; length >>= 8)
    header[--at] = static_cast<char>(length & 0xff);
  return header;
}

std::uint32_t header_bytes(Framing framing) {
  return framing.kind == Framing::Kind::packet ? framing.size : 0;
}

bool fits(Framing framing, std::size_t length) {
  const std::uint32_t header = header_bytes(framing);
  const bool can_be_said = header == 0 || header == 4 || length >> (8 * header) == 0;
  return can_be_said && length <= framed_bytes_max - header;
}

}  // namespace

bool Framing::is_valid() const {
  if (kind == Kind::packet) return size == 1 || size == 2 || size == 4;
  return kind == Kind::stream || size > 0;
}

FrameReader::FrameReader(Framing framing) : framing_(framing) {
  CHECK(framing.is_valid());
}

void FrameReader::feed(const Binary& bytes) {
  // Only where nothing waits: what was fed in between would come after it.
  if (framing_.kind == Framing::Kind::stream && streamed_.empty() && unread().empty()) {
    streamed_ = bytes;
    return;
  }
  // What is done with goes before there is more, so that what is held is less than a frame.
  held_.erase(0, std::exchange(read_, 0));
  held_ += bytes.view();
}

std::optional<Frame> FrameReader::next() {
  if (broken_) return std::nullopt;
  if (framing_.kind == Framing::Kind::packet) return next_packet();
  if (framing_.kind == Framing::Kind::line) return next_line();
  if (!streamed_.empty()) return Frame{std::exchange(streamed_, {})};
  return unread().empty() ? std::nullopt : std::optional(take(unread().size(), 0, LineEnd::eol));
}

std::optional<Frame> FrameReader::next_packet() {
  const std::string_view bytes = unread();
  if (bytes.size() < framing_.size) return std::nullopt;
  const std::size_t length = length_of(bytes.substr(0, framing_.size));
  broken_ = length > packet_bytes_max;
  if (broken_ || bytes.size() - framing_.size < length) return std::nullopt;
  read_ += framing_.size;
  return take(length, 0, LineEnd::eol);
}

// A line that fills the longest piece is whole if its newline follows: only the byte behind it
// tells.
std::optional<Frame> FrameReader::next_line() {
  const std::string_view window = unread().substr(0, std::size_t{framing_.size} + 1);
  const std::size_t newline = window.find('\n', searched_);
  if (newline != std::string_view::npos) return take(newline, 1, LineEnd::eol);
  if (window.size() > framing_.size) return take(framing_.size, 0, LineEnd::noeol);
  searched_ = window.size();
  return std::nullopt;
}

Frame FrameReader::take(std::size_t bytes, std::size_t behind, LineEnd end) {
  Frame frame{Binary(unread().substr(0, bytes)), end};
  read_ += bytes + behind;
  searched_ = 0;
  return frame;
}

std::optional<Frame> FrameReader::rest() {
  if (framing_.kind != Framing::Kind::line || unread().empty()) return std::nullopt;
  return take(unread().size(), 0, LineEnd::noeol);
}

Result<Binary> framed(Framing framing, const Binary& bytes) {
  if (!fits(framing, bytes.size())) {
    return Error("a message of " + std::to_string(bytes.size()) + " bytes does not fit its frame",
                 "einval");
  }
  if (framing.kind != Framing::Kind::packet) return bytes;
  std::string packet = header_of(bytes.size(), framing.size);
  packet += bytes.view();
  return Binary(packet);
}

}  // namespace glasshouse::runtime

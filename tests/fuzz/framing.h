#pragma once
// What must hold for every stream of bytes that a program writes to its port; shared by the fuzzer
// and by the test that needs none.

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/port/framing.h"

namespace glasshouse::runtime {

struct ReadFrames {
  std::vector<std::pair<std::string, LineEnd>> frames;
  bool broken = false;
  friend bool operator==(const ReadFrames&, const ReadFrames&) = default;
};

inline ReadFrames read_frames(Framing framing, std::string_view bytes, std::size_t piece) {
  ReadFrames read;
  FrameReader reader(framing);
  const auto keep = [&read](const Frame& frame) {
    read.frames.emplace_back(frame.bytes.view(), frame.end);
  };
  while (!bytes.empty() && !reader.is_broken()) {
    reader.feed(Binary(bytes.substr(0, piece)));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    while (const auto frame = reader.next())
      keep(*frame);
  }
  read.broken = reader.is_broken();
  if (const auto frame = reader.rest()) keep(*frame);
  return read;
}

// Packets do not depend on the pieces they come in, and written out again they are the beginning of
// what came.
inline void expect_lawful_packets(std::string_view bytes, std::uint32_t length_bytes) {
  const Framing framing = Framing::packet(length_bytes);
  const ReadFrames whole = read_frames(framing, bytes, bytes.size());
  CHECK(read_frames(framing, bytes, 1) == whole);
  CHECK(read_frames(framing, bytes, 7) == whole);
  std::string written;
  for (const auto& [frame, end] : whole.frames) {
    const auto packet = framed(framing, Binary(frame));
    CHECK(packet.ok());
    written += packet->view();
  }
  CHECK(bytes.starts_with(written));
}

// Lines do not depend on the pieces either, none is too long, and together they are what came.
inline void expect_lawful_lines(std::string_view bytes, std::uint32_t longest) {
  const Framing framing = Framing::line(longest);
  const ReadFrames whole = read_frames(framing, bytes, bytes.size());
  CHECK(read_frames(framing, bytes, 1) == whole);
  CHECK(read_frames(framing, bytes, 7) == whole);
  std::string written;
  for (const auto& [line, end] : whole.frames) {
    CHECK(line.size() <= longest);
    CHECK(line.find('\n') == std::string::npos);
    written += line;
    if (end == LineEnd::eol) written += '\n';
  }
  CHECK(written == bytes);
}

inline void expect_lawful_frames(std::string_view bytes) {
  for (const std::uint32_t length_bytes : {1U, 2U, 4U})
    expect_lawful_packets(bytes, length_bytes);
  for (const std::uint32_t longest : {1U, 3U, 80U})
    expect_lawful_lines(bytes, longest);
}

}  // namespace glasshouse::runtime

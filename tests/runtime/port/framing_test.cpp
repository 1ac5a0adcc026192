#include "runtime/port/framing.h"

#include <string>
#include <vector>

#include "runtime/base/random.h"
#include "tests/catch.h"
#include "tests/fuzz/framing.h"

namespace glasshouse::runtime {
namespace {

using namespace std::string_literals;
using Lines = std::vector<std::pair<std::string, LineEnd>>;

Lines lines_of(std::string_view bytes, std::uint32_t longest) {
  return read_frames(Framing::line(longest), bytes, bytes.size()).frames;
}

std::string written(Framing framing, std::string_view bytes) {
  const auto frame = framed(framing, Binary(bytes));
  REQUIRE(frame.ok());
  return std::string(frame->view());
}

std::string mutated(std::string bytes, Draws& draws) {
  for (std::uint64_t count = 1 + draws.below(4); count > 0; --count) {
    const std::size_t at = draws.below(bytes.size() + 1);
    switch (draws.below(4)) {
      case 0:
        bytes.insert(at, 1, static_cast<char>(draws.below(256)));
        break;
      case 1:
        bytes.erase(at, 1 + draws.below(3));
        break;
      case 2:
        bytes.insert(at, 1, draws.below(2) == 0 ? '\n' : '\0');
        break;
      default:
        bytes.insert(at, bytes.substr(draws.below(bytes.size() + 1), draws.below(100)));
    }
  }
  return bytes;
}

}  // namespace

TEST_CASE("a packet begins with its length, the highest byte first", "[framing]") {
  REQUIRE(written(Framing::packet(1), "abc") == "\3abc"s);
  REQUIRE(written(Framing::packet(2), "abc") == "\0\3abc"s);
  REQUIRE(written(Framing::packet(4), "abc") == "\0\0\0\3abc"s);
  REQUIRE(written(Framing::packet(2), std::string(258, 'x')).starts_with("\1\2xx"s));
  REQUIRE(written(Framing::packet(2), "") == "\0\0"s);
  REQUIRE(written(Framing::stream(), "abc") == "abc");
  REQUIRE(written(Framing::line(2), "abc") == "abc");
}

TEST_CASE("a packet that its length cannot say is einval", "[framing]") {
  REQUIRE(framed(Framing::packet(1), Binary(std::string(255, 'x'))).ok());
  REQUIRE(framed(Framing::packet(1), Binary(std::string(256, 'x'))).error().code == "einval");
  REQUIRE(framed(Framing::packet(2), Binary(std::string(65'535, 'x'))).ok());
  REQUIRE(framed(Framing::packet(2), Binary(std::string(65'536, 'x'))).error().code == "einval");
}

TEST_CASE("a message of more than 64 MiB with its length is einval, with any framing",
          "[framing]") {
  const std::string longest(framed_bytes_max, 'x');
  REQUIRE(framed(Framing::stream(), Binary(longest)).ok());
  REQUIRE(framed(Framing::stream(), Binary(longest + 'x')).error().code == "einval");
  REQUIRE(framed(Framing::line(9), Binary(longest + 'x')).error().code == "einval");
  const std::string_view body = longest;
  const auto packet = framed(Framing::packet(4), Binary(body.substr(4)));
  REQUIRE(packet.ok());
  REQUIRE(packet->size() == framed_bytes_max);
  REQUIRE(framed(Framing::packet(4), Binary(body.substr(3))).error().code == "einval");
}

TEST_CASE("packets are read whole, empty ones too, and a beginning waits", "[framing]") {
  FrameReader reader(Framing::packet(2));
  reader.feed(Binary("\0\3ab"s));
  REQUIRE_FALSE(reader.next());
  reader.feed(Binary("c\0\0\0\1d\0"s));
  REQUIRE(reader.next()->bytes == Binary("abc"));
  REQUIRE(reader.next()->bytes.empty());
  REQUIRE(reader.next()->bytes == Binary("d"));
  REQUIRE_FALSE(reader.next());
  REQUIRE_FALSE(reader.rest());
}

TEST_CASE("an announced packet of more than 64 MiB breaks the reader for good", "[framing]") {
  FrameReader reader(Framing::packet(4));
  reader.feed(Binary("\4\0\0\0"s));
  REQUIRE_FALSE(reader.next());
  REQUIRE_FALSE(reader.is_broken());  // 64 MiB: allowed
  FrameReader broken(Framing::packet(4));
  broken.feed(Binary("\4\0\0\1"s));
  REQUIRE_FALSE(broken.next());
  REQUIRE(broken.is_broken());
  broken.feed(Binary("\0\0\0\1x"s));
  REQUIRE_FALSE(broken.next());
}

TEST_CASE("a line of exactly the longest size is whole, a longer one is cut", "[framing]") {
  const LineEnd eol = LineEnd::eol;
  const LineEnd noeol = LineEnd::noeol;
  REQUIRE(lines_of("abc\n", 3) == Lines{{"abc", eol}});
  REQUIRE(lines_of("abcd\n", 3) == Lines{{"abc", noeol}, {"d", eol}});
  REQUIRE(lines_of("abcdef\n", 3) == Lines{{"abc", noeol}, {"def", eol}});
  REQUIRE(lines_of("\n\na\n", 3) == Lines{{"", eol}, {"", eol}, {"a", eol}});
}

TEST_CASE("the last line without a newline is noeol", "[framing]") {
  REQUIRE(lines_of("a\nb", 9) == Lines{{"a", LineEnd::eol}, {"b", LineEnd::noeol}});
  REQUIRE(lines_of("", 9).empty());
}

TEST_CASE("a framing that cannot be is not valid", "[framing]") {
  REQUIRE(Framing::packet(4).is_valid());
  REQUIRE_FALSE(Framing::packet(3).is_valid());
  REQUIRE_FALSE(Framing::packet(0).is_valid());
  REQUIRE_FALSE(Framing::line(0).is_valid());
  REQUIRE(Framing::stream().is_valid());
}

TEST_CASE("a stream passes every byte on as it comes", "[framing]") {
  FrameReader reader(Framing::stream());
  reader.feed(Binary("ab"));
  reader.feed(Binary("c"));
  std::string all;
  while (const auto frame = reader.next())
    all += frame->bytes.view();
  REQUIRE(all == "abc");
}

TEST_CASE("a stream stays in order, however feeding and reading take turns", "[framing]") {
  FrameReader reader(Framing::stream());
  reader.feed(Binary("A"));
  reader.feed(Binary("B"));
  std::string all(reader.next()->bytes.view());
  reader.feed(Binary("C"));
  while (const auto frame = reader.next())
    all += frame->bytes.view();
  REQUIRE(all == "ABC");
}

TEST_CASE("20,000 mutated streams are the same frames in pieces of any size", "[framing]") {
  Draws draws(2026);
  const std::vector<std::string> seeds = {"",
                                          "\3abc\0\1x"s,
                                          "\0\3abc\0\0"s,
                                          "\0\0\0\3abc\xff\xff"s,
                                          "one\ntwo\n\nlast",
                                          std::string(300, 'y') + "\n" + std::string(100, 'z')};
  for (int n = 0; n < 20'000; ++n) {
    const std::string bytes = mutated(seeds[draws.below(seeds.size())], draws);
    INFO(n);
    expect_lawful_frames(bytes);
  }
  SUCCEED();
}

}  // namespace glasshouse::runtime

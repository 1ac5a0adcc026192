#include "sim/disk_image.h"

#include "runtime/base/random.h"
#include "tests/catch.h"

namespace glasshouse::sim {
namespace {

using Names = std::vector<std::string>;

constexpr Ratio never{.numerator = 0, .denominator = 1};
constexpr Ratio always{.numerator = 1, .denominator = 1};
constexpr CrashPolicy loses_all{.lost = always, .torn = never, .name_lost = always};
constexpr CrashPolicy tears_all{.lost = never, .torn = always, .name_lost = never};
constexpr CrashPolicy keeps_all{.lost = never, .torn = never, .name_lost = never};

std::vector<DiskImage::Damage> cut_power(DiskImage& image, const CrashPolicy& policy,
                                         std::uint64_t seed = 1) {
  return image.power_cut(
      policy, [seed](std::uint64_t entity) { return runtime::draw(seed, 0, entity, 0); });
}

std::string content(const DiskImage& image, std::string_view path) {
  if (!image.exists(path)) return "(none)";
  return std::string(image.read(path, 0, 1 << 20).view());
}

void sync_all(DiskImage& image, std::string_view path) {
  image.sync(image.handle(path), image.now_written());
  image.sync_folder("", image.now_written());
}

TEST_CASE("what was synced survives every power cut", "[disk]") {
  const auto seed = GENERATE(range<std::uint64_t>(1, 20));
  DiskImage image(1);
  image.write("log", 0, Binary("safe"));
  sync_all(image, "log");
  image.write("log", 4, Binary(std::string(3'000, 'x')));
  cut_power(image, CrashPolicy(), seed);
  REQUIRE(content(image, "log").starts_with("safe"));
}

TEST_CASE("what was not synced may vanish, its file too", "[disk]") {
  DiskImage image(1);
  image.write("log", 0, Binary("unsafe"));
  REQUIRE(content(image, "log") == "unsafe");
  const auto damages = cut_power(image, loses_all);
  REQUIRE(damages.size() == 1);
  REQUIRE(damages.front().what == DiskImage::Damage::What::name_lost);
  REQUIRE_FALSE(image.exists("log"));
  REQUIRE(image.bytes() == 0);
}

TEST_CASE("a file that was synced itself is lost when its folder was not", "[disk]") {
  DiskImage image(1);
  image.write("log", 0, Binary("bytes"));
  image.sync(image.handle("log"), image.now_written());
  cut_power(image, loses_all);
  REQUIRE_FALSE(image.exists("log"));
}

TEST_CASE("unsynced writes may survive as well", "[disk]") {
  DiskImage image(1);
  image.write("log", 0, Binary("lucky"));
  REQUIRE(cut_power(image, keeps_all).empty());
  REQUIRE(content(image, "log") == "lucky");
}

TEST_CASE("a later write can survive an earlier one: between them are zeros", "[disk]") {
  std::size_t holes = 0;
  for (std::uint64_t seed = 1; seed < 100; ++seed) {
    DiskImage image(seed);
    image.write("log", 0, Binary("first"));
    image.write("log", 5, Binary("second"));
    int draws = 0;
    image.power_cut({.lost = runtime::one_in(2), .torn = never, .name_lost = never},
                    [&](std::uint64_t entity) {
                      return runtime::draw(seed, 0, entity, static_cast<std::uint64_t>(draws++));
                    });
    const std::string found = content(image, "log");
    const std::string hole(5, '\0');
    REQUIRE(
        (found.empty() || found == "first" || found == "firstsecond" || found == hole + "second"));
    holes += found == hole + "second";
  }
  REQUIRE(holes > 10);
}

TEST_CASE("a torn write keeps or loses whole sectors", "[disk]") {
  DiskImage image(1);
  const std::size_t sectors = 40;
  image.write("log", 0, Binary(std::string(sectors * sector_bytes, 'o')));
  sync_all(image, "log");
  image.write("log", 0, Binary(std::string(sectors * sector_bytes, 'n')));
  const auto damages = cut_power(image, tears_all);
  REQUIRE(damages.front().what == DiskImage::Damage::What::torn);
  const std::string found = content(image, "log");
  std::size_t fresh = 0;
  for (std::size_t sector = 0; sector < sectors; ++sector) {
    const std::string bytes = found.substr(sector * sector_bytes, sector_bytes);
    REQUIRE((bytes == std::string(sector_bytes, 'n') || bytes == std::string(sector_bytes, 'o')));
    fresh += bytes[0] == 'n';
  }
  REQUIRE(fresh > 5);
  REQUIRE(fresh < 35);
  REQUIRE(damages.front().bytes == (sectors - fresh) * sector_bytes);
}

TEST_CASE("a sync covers what was written before it began, not after", "[disk]") {
  DiskImage image(1);
  image.write("log", 0, Binary("one"));
  const std::uint64_t before = image.now_written();
  image.write("log", 3, Binary("two"));
  image.sync(image.handle("log"), before);
  image.sync_folder("", image.now_written());
  cut_power(image, loses_all);
  REQUIRE(content(image, "log") == "one");
}

TEST_CASE("a rename is durable only after its folder was synced", "[disk]") {
  for (const bool synced : {false, true}) {
    DiskImage image(1);
    image.write("old", 0, Binary("old content"));
    sync_all(image, "old");
    image.write("new", 0, Binary("new content"));
    image.sync(image.handle("new"), image.now_written());
    REQUIRE(image.rename("new", "old"));
    REQUIRE(content(image, "old") == "new content");
    if (synced) image.sync_folder("", image.now_written());
    cut_power(image, loses_all);
    REQUIRE(content(image, "old") == (synced ? "new content" : "old content"));
    REQUIRE_FALSE(image.exists("new"));
  }
}

TEST_CASE("a removed file comes back when its folder was not synced", "[disk]") {
  DiskImage image(1);
  image.write("log", 0, Binary("here"));
  sync_all(image, "log");
  REQUIRE(image.remove("log"));
  REQUIRE_FALSE(image.remove("log"));
  REQUIRE(image.bytes() == 0);
  cut_power(image, loses_all);
  REQUIRE(content(image, "log") == "here");
  REQUIRE(image.bytes() == 4);
}

TEST_CASE("truncation is a write like any other", "[disk]") {
  DiskImage image(1);
  image.write("log", 0, Binary("abcdef"));
  sync_all(image, "log");
  image.truncate("log", 2);
  REQUIRE(content(image, "log") == "ab");
  REQUIRE(image.bytes() == 2);
  cut_power(image, loses_all);
  REQUIRE(content(image, "log") == "abcdef");
}

TEST_CASE("folders list what is directly in them, sorted", "[disk]") {
  DiskImage image(1);
  REQUIRE_FALSE(image.folder_exists(""));
  image.write("b", 0, Binary("1"));
  image.write("shards/2/log", 0, Binary("2"));
  image.write("shards/1", 0, Binary("3"));
  REQUIRE(image.list("") == Names{"b", "shards"});
  REQUIRE(image.list("shards") == Names{"1", "2"});
  REQUIRE(image.folder_exists("shards/2"));
  REQUIRE_FALSE(image.folder_exists("shards/1"));
}

}  // namespace
}  // namespace glasshouse::sim

#include "runtime/io/folder_storage.h"

#include <filesystem>
#include <string>
#include <vector>

#include "runtime/io/file.h"
#include "runtime/term/print.h"
#include "tests/catch.h"
#include "tests/runtime/io/one_worker.h"

namespace glasshouse::runtime {

namespace {

using namespace literals;
using Do = StorageOperation;

Behaviour write_and_read(Self self) {
  auto writing = write_file(self, "deep/er/file", Binary("hello"));
  const auto written = co_await writing;
  EXPECT(written.ok());
  auto appending = append_to_file(self, "deep/er/file", Binary(", world"));
  const auto at = co_await appending;
  EXPECT(at.ok());
  EXPECT(*at == 5);
  auto reading = read_file(self, "deep/er/file");
  const auto bytes = co_await reading;
  EXPECT(bytes.ok());
  EXPECT(bytes->view() == "hello, world");
}

Behaviour request(Self self, StorageRequest what, StorageDone* answer) {
  auto doing = do_storage(self, std::move(what));
  *answer = co_await doing;
}

StorageDone ask(SmallWorld& world, StorageRequest what) {
  StorageDone answer;
  world.expect_normal_exit<request>(std::move(what), &answer);
  return answer;
}

std::string outcome_of(SmallWorld& world, StorageRequest what) {
  return std::string(ask(world, std::move(what)).outcome.text());
}

Behaviour start_many(Self self, std::vector<std::string>* outcomes) {
  // One file: write, append, append, truncate, read, all started before any is answered.
  std::vector<StorageRequest> requests{
      {.operation = Do::write, .path = "f", .bytes = Binary("0123")},
      {.operation = Do::append, .path = "f", .bytes = Binary("45")},
      {.operation = Do::append, .path = "f", .bytes = Binary("67")},
      {.operation = Do::truncate, .path = "f", .size = 7},
      {.operation = Do::read, .path = "f", .size = 100},
      {.operation = Do::rename, .path = "f", .to = "g"},
      {.operation = Do::read, .path = "g", .size = 100},
      {.operation = Do::rename, .path = "g", .to = "f"},
      {.operation = Do::size, .path = "f"},
      {.operation = Do::remove, .path = "f"},
      {.operation = Do::size, .path = "f"}};
  std::vector<Ref> refs;
  for (StorageRequest& each : requests) {
    refs.push_back(self.make_ref());
    self.storage().start(self.node(), self.pid(), refs.back(), std::move(each));
  }
  for (const Ref& ref : refs) {
    auto next = self.receive_if<StorageDone>(
        [ref](const StorageDone& done) { return done.request == ref; });
    const auto done = co_await next;
    outcomes->push_back(std::string(done->outcome.text()) + " " + std::to_string(done->value) +
                        " " + std::string(done->bytes.view()));
  }
}

Behaviour use_many_files(Self self, std::size_t files) {
  for (std::size_t round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < files; ++i) {
      auto appending = append_to_file(self, "f" + std::to_string(i), Binary("x"));
      const auto at = co_await appending;
      EXPECT(at.ok());
      EXPECT(*at == round);
    }
  }
}

std::size_t open_files() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    ++count;
  return count;
}

}  // namespace

TEST_CASE("what was written is read back", "[folder]") {
  SmallWorld().expect_normal_exit<write_and_read>();
}

TEST_CASE("requests to one file are done in the order started, renames among them", "[folder]") {
  SmallWorld world;
  std::vector<std::string> outcomes;
  world.expect_normal_exit<start_many>(&outcomes);
  REQUIRE(outcomes == std::vector<std::string>{"ok 0 ", "ok 4 ", "ok 6 ", "ok 0 ", "ok 0 0123456",
                                               "ok 0 ", "ok 0 0123456", "ok 0 ", "ok 7 ", "ok 0 ",
                                               "enoent 0 "});
}

TEST_CASE("what is not there is enoent", "[folder]") {
  SmallWorld world;
  for (const StorageOperation operation : {Do::read, Do::sync, Do::size, Do::remove, Do::list})
    REQUIRE(outcome_of(world, {.operation = operation, .path = "none"}) == "enoent");
  REQUIRE(outcome_of(world, {.operation = Do::rename, .path = "none", .to = "other"}) == "enoent");
}

TEST_CASE("a folder is listed by name, sorted", "[folder]") {
  SmallWorld world;
  for (const char* name : {"d/b", "d/a", "d/c/x"})
    REQUIRE(outcome_of(world, {.operation = Do::write, .path = name, .bytes = Binary("1")}) ==
            "ok");
  REQUIRE(ask(world, {.operation = Do::list, .path = "d"}).names ==
          std::vector<std::string>{"a", "b", "c"});
  REQUIRE(ask(world, {.operation = Do::list}).names == std::vector<std::string>{"d"});
  REQUIRE(outcome_of(world, {.operation = Do::sync_folder, .path = "d"}) == "ok");
  REQUIRE(outcome_of(world, {.operation = Do::sync_folder}) == "ok");
}

TEST_CASE("no path leads out of the node's folder", "[folder]") {
  SmallWorld world;
  for (const char* path : {"", "/etc/passwd", "../x", "a/../../x", "a//b", "a/.", "a/"})
    REQUIRE(outcome_of(world, {.operation = Do::write, .path = path}) == "einval");
  REQUIRE(outcome_of(world, {.operation = Do::write, .path = std::string("a\0b", 3)}) == "einval");
  REQUIRE(outcome_of(world, {.operation = Do::write, .path = std::string(1025, 'a')}) == "einval");
  REQUIRE(outcome_of(world, {.operation = Do::rename, .path = "a", .to = "../b"}) == "einval");
  REQUIRE(outcome_of(world, {.operation = Do::rename, .path = "a", .to = "a"}) == "einval");
  REQUIRE(outcome_of(world, {.operation = Do::read, .path = "a", .size = storage_read_max + 1}) ==
          "einval");
  REQUIRE(std::filesystem::is_empty(world.folder.path()));
}

TEST_CASE("reading past the end gives what there is", "[folder]") {
  SmallWorld world;
  ask(world, {.operation = Do::write, .path = "f", .offset = 2, .bytes = Binary("x")});
  REQUIRE(ask(world, {.operation = Do::read, .path = "f", .size = 9}).bytes.view() ==
          std::string_view("\0\0x", 3));
  REQUIRE(ask(world, {.operation = Do::read, .path = "f", .offset = 3, .size = 9}).bytes.empty());
  REQUIRE(ask(world, {.operation = Do::read, .path = "f", .offset = 99, .size = 9}).bytes.empty());
}

TEST_CASE("only so many files are kept open", "[folder]") {
  SmallWorld world;
  const std::size_t before = open_files();
  world.expect_normal_exit<use_many_files>(folder_open_files_max + 40);
  REQUIRE(open_files() <= before + folder_open_files_max);
}

TEST_CASE("each node has a folder of its own", "[folder]") {
  SmallWorld world;
  REQUIRE(outcome_of(world, {.operation = Do::write, .path = "f"}) == "ok");
  REQUIRE(std::filesystem::exists(world.folder.path() + "/test@localhost/f"));
}

}  // namespace glasshouse::runtime

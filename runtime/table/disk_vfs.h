#pragma once
// The files of a SQLite database in memory, and the VFS through which SQLite sees them.
//
// SQLite wants its reads, writes and syncs done when the call returns; Storage answers by a
// message. So SQLite works on images of its files, and the owner of the images (disk_tables.h)
// brings what was written to the node's storage and waits there. All that has to go to the disk
// during a life of a database is what grows at the end of its write-ahead log.
//
// One thread at a time.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace glasshouse::runtime {

class DiskImages {
 public:
  static constexpr std::string_view database_name = "/db";
  static constexpr std::string_view log_name = "/db-wal";

  DiskImages();
  DiskImages(const DiskImages&) = delete;
  DiskImages& operator=(const DiskImages&) = delete;
  // REQUIRES: no connection is open.
  ~DiskImages();

  // What SQLite opens them under.
  const char* vfs_name() const;
  // A file that is not there is empty.
  std::string& file(std::string_view name);
  bool exists(std::string_view name) const;
  void remove(std::string_view name);

 private:
  struct Vfs;
  std::map<std::string, std::string, std::less<>> files_;
  std::unique_ptr<Vfs> vfs_;
};

// A write-ahead log of SQLite with a header and no frames. SQLite draws the salts of a log from a
// generator of the whole program; it takes over those of a log that is there, so two runs of the
// simulator with one seed write the same bytes.
std::string empty_log(std::uint64_t salts);
inline constexpr std::size_t log_header_bytes = 32;
inline constexpr std::uint32_t disk_page_bytes = 4096;

}  // namespace glasshouse::runtime

#pragma once
// The files of one node on a simulated disk: what its programs see, and what would survive if the
// power went now. Pure data: no time, no messages. One thread.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/term/binary.h"
#include "sim/disk_options.h"

namespace glasshouse::sim {

using runtime::Binary;

class DiskImage {
 private:
  struct File;

 public:
  // A file whatever it is called by now.
  using FileHandle = std::shared_ptr<File>;

  // `key` is stable: files made here have keys that follow from it and their paths.
  explicit DiskImage(std::uint64_t key) : key_(key) {}

  bool exists(std::string_view path) const { return find(path) != nullptr; }
  std::uint64_t size(std::string_view path) const;
  // Shorter at the end. REQUIRES: it exists.
  Binary read(std::string_view path, std::uint64_t offset, std::uint64_t size) const;
  // These two make the file if it is not there.
  void write(std::string_view path, std::uint64_t offset, Binary bytes);
  void truncate(std::string_view path, std::uint64_t size);
  // False if it is not there.
  bool remove(std::string_view path);
  bool rename(std::string_view from, std::string_view to);

  bool folder_exists(std::string_view folder) const;
  // Names of files and folders directly in it, sorted.
  std::vector<std::string> list(std::string_view folder) const;

  FileHandle handle(std::string_view path) const { return find(path); }
  // How far a sync reaches that begins now; `sync` and `sync_folder` make durable what was done
  // before that, when they end.
  std::uint64_t now_written() const { return next_operation_; }
  void sync(const FileHandle& file, std::uint64_t before);
  void sync_folder(std::string_view folder, std::uint64_t before);

  std::uint64_t bytes() const { return bytes_; }  // of all files, as seen
  std::size_t unsynced() const;                   // operations that are at risk

  // What became of one operation in a power cut.
  struct Damage {
    std::string path;
    enum class What : std::uint8_t { lost, torn, name_lost } what = What::lost;
    std::uint64_t bytes = 0;
  };
  // `draw` gives the next draw of an entity. What was synced stays; of the rest each operation is
  // kept, lost or torn for itself.
  std::vector<Damage> power_cut(const CrashPolicy& policy,
                                const std::function<std::uint64_t(std::uint64_t)>& draw);

 private:
  struct Write {
    std::uint64_t number = 0;
    std::uint64_t offset = 0;  // of a truncation the new size
    Binary bytes;
    bool truncates = false;
  };
  struct File {
    std::uint64_t key = 0;
    std::string path;  // where it was made
    std::string seen;
    std::string durable;
    std::vector<Write> pending;  // in order
  };
  using FilePtr = FileHandle;
  using Names = std::map<std::string, FilePtr, std::less<>>;
  struct NameChange {
    std::uint64_t number = 0;
    std::string from;  // empty: created
    std::string to;    // empty: removed
    FilePtr file;
    bool touches(std::string_view folder) const;
  };

  FilePtr find(std::string_view path) const;
  File& find_or_make(std::string_view path);
  void make_folders(std::string_view path);
  static void apply(std::string& content, const Write& write);
  static void apply(Names& names, const NameChange& change);
  static std::uint64_t tear(std::string& content, const Write& write, std::uint64_t drawn);
  void damage_file(File& file, const CrashPolicy& policy,
                   const std::function<std::uint64_t(std::uint64_t)>& draw,
                   std::vector<Damage>& damages);

  std::uint64_t key_;
  std::uint64_t next_operation_ = 1;
  std::uint64_t bytes_ = 0;
  Names seen_;
  Names durable_;
  std::vector<NameChange> changes_;  // not yet durable, in order
  std::set<std::string, std::less<>> folders_;
  std::map<std::string, std::uint64_t, std::less<>> made_;  // files made at a path so far
};

}  // namespace glasshouse::sim

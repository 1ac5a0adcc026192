#include "runtime/table/disk_vfs.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <new>

#include <sqlite3.h>

#include "runtime/base/check.h"

namespace glasshouse::runtime {

namespace {

// What SQLite holds of an open file; made and ended by SQLite, so it is plain.
struct OpenFile {
  sqlite3_file base;
  std::string* bytes;
};

std::string& bytes_of(sqlite3_file* file) {
  return *reinterpret_cast<OpenFile*>(file)->bytes;
}

int close_file(sqlite3_file*) {
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* into, int count, sqlite3_int64 offset) {
  const std::string& bytes = bytes_of(file);
  const auto wanted = static_cast<std::size_t>(count);
  const std::size_t from = std::min(static_cast<std::size_t>(offset), bytes.size());
  const std::size_t have = std::min(wanted, bytes.size() - from);
  std::memcpy(into, bytes.data() + from, have);
  if (have == wanted) return SQLITE_OK;
  std::memset(static_cast<char*>(into) + have, 0, wanted - have);
  return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* from, int count, sqlite3_int64 offset) {
  std::string& bytes = bytes_of(file);
  const auto begin = static_cast<std::size_t>(offset);
  const std::size_t end = begin + static_cast<std::size_t>(count);
  if (bytes.size() < end) {
    try {
      bytes.resize(end);
    } catch (const std::bad_alloc&) {  // must not go through SQLite, which is C
      return SQLITE_FULL;
    }
  }
  std::memcpy(bytes.data() + begin, from, static_cast<std::size_t>(count));
  return SQLITE_OK;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  bytes_of(file).resize(static_cast<std::size_t>(size));
  return SQLITE_OK;
}

int sync_file(sqlite3_file*, int) {
  return SQLITE_OK;  // the owner of the images syncs
}

int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(bytes_of(file).size());
  return SQLITE_OK;
}

// There is one connection: nobody else could hold a lock.
int lock_file(sqlite3_file*, int) {
  return SQLITE_OK;
}
int look_for_lock(sqlite3_file*, int* is_locked) {
  *is_locked = 0;
  return SQLITE_OK;
}

int control_file(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}
int sector_bytes(sqlite3_file*) {
  return 512;
}
// A write does not harm bytes beside it: what a disk promises, and the simulated one keeps.
int properties(sqlite3_file*) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

sqlite3_io_methods make_methods() {
  sqlite3_io_methods methods{};
  methods.iVersion = 1;
  methods.xClose = close_file;
  methods.xRead = read_file;
  methods.xWrite = write_file;
  methods.xTruncate = truncate_file;
  methods.xSync = sync_file;
  methods.xFileSize = size_of_file;
  methods.xLock = lock_file;
  methods.xUnlock = lock_file;
  methods.xCheckReservedLock = look_for_lock;
  methods.xFileControl = control_file;
  methods.xSectorSize = sector_bytes;
  methods.xDeviceCharacteristics = properties;
  return methods;
}

const sqlite3_io_methods methods_of_files = make_methods();

DiskImages& images_of(sqlite3_vfs* vfs) {
  return *static_cast<DiskImages*>(vfs->pAppData);
}

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  file->pMethods = nullptr;
  if (name == nullptr) return SQLITE_CANTOPEN;  // temporary files stay in SQLite's memory
  if ((flags & SQLITE_OPEN_CREATE) == 0 && !images_of(vfs).exists(name)) return SQLITE_CANTOPEN;
  reinterpret_cast<OpenFile*>(file)->bytes = &images_of(vfs).file(name);
  file->pMethods = &methods_of_files;
  if (flags_out != nullptr) *flags_out = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int) {
  images_of(vfs).remove(name);
  return SQLITE_OK;
}

int look_for_file(sqlite3_vfs* vfs, const char* name, int, int* is_there) {
  *is_there = images_of(vfs).exists(name) ? 1 : 0;
  return SQLITE_OK;
}

int full_name(sqlite3_vfs*, const char* name, int bytes_max, char* full) {
  sqlite3_snprintf(bytes_max, full, "%s", name);
  return SQLITE_OK;
}

int draw_bytes(sqlite3_vfs*, int count, char* bytes) {
  std::memset(bytes, 0x5a, static_cast<std::size_t>(count));
  return count;
}
int sleep_no_time(sqlite3_vfs*, int microseconds) {
  return microseconds;
}
int no_time(sqlite3_vfs*, double* day) {
  *day = 0;
  return SQLITE_OK;
}
int no_last_error(sqlite3_vfs*, int, char*) {
  return 0;
}

void add_big_endian(std::string& bytes, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes += static_cast<char>(number >> shift & 0xff);
}

}  // namespace

struct DiskImages::Vfs : sqlite3_vfs {
  std::string name;
};

// Each has a VFS of its own, so that one database cannot see the files of another.
DiskImages::DiskImages() : vfs_(std::make_unique<Vfs>()) {
  std::array<char, 64> name{};
  sqlite3_snprintf(static_cast<int>(name.size()), name.data(), "glasshouse-%p",
                   static_cast<void*>(this));
  vfs_->name = name.data();
  sqlite3_vfs& vfs = *vfs_;
  vfs.iVersion = 1;
  vfs.szOsFile = sizeof(OpenFile);
  vfs.mxPathname = 64;
  vfs.zName = vfs_->name.c_str();
  vfs.pAppData = this;
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  vfs.xAccess = look_for_file;
  vfs.xFullPathname = full_name;
  vfs.xRandomness = draw_bytes;
  vfs.xSleep = sleep_no_time;
  vfs.xCurrentTime = no_time;
  vfs.xGetLastError = no_last_error;
  CHECK(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
}

DiskImages::~DiskImages() {
  sqlite3_vfs_unregister(vfs_.get());
}

const char* DiskImages::vfs_name() const {
  return vfs_->zName;
}

std::string& DiskImages::file(std::string_view name) {
  const auto found = files_.find(name);
  return found != files_.end() ? found->second : files_[std::string(name)];
}

bool DiskImages::exists(std::string_view name) const {
  const auto found = files_.find(name);
  return found != files_.end() && !found->second.empty();
}

// An open file keeps its string, as an open file of an operating system lives on without a name.
void DiskImages::remove(std::string_view name) {
  const auto found = files_.find(name);
  if (found != files_.end()) found->second.clear();
}

// https://sqlite.org/fileformat.html#the_write_ahead_log: the checksum is over pairs of words in
// the order of bytes that the last bit of the first word says. SQLite writes its own machine's.
std::string empty_log(std::uint64_t salts) {
  constexpr std::uint32_t order = std::endian::native == std::endian::big ? 1 : 0;
  std::string bytes;
  for (const std::uint32_t word :
       {std::uint32_t{0x377f'0682} | order, std::uint32_t{3'007'000}, disk_page_bytes,
        std::uint32_t{1}, static_cast<std::uint32_t>(salts >> 32),
        static_cast<std::uint32_t>(salts)})
    add_big_endian(bytes, word);
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  const auto word_at = [&bytes](std::size_t place) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes.data() + place, sizeof word);
    return word;
  };
  for (std::size_t place = 0; place < 24; place += 8) {
    first += word_at(place) + second;
    second += word_at(place + 4) + first;
  }
  add_big_endian(bytes, first);
  add_big_endian(bytes, second);
  bytes += '\0';  // SQLite takes a log of a header alone for no log
  return bytes;
}

}  // namespace glasshouse::runtime

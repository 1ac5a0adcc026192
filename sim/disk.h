#pragma once
// The disk of a simulated host, with a folder for each of its nodes. Requests take effect in the
// order they are started and are answered later, those to one file in order. One thread.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/io/storage.h"
#include "runtime/node/decisions.h"
#include "sim/agenda.h"
#include "sim/disk_image.h"
#include "sim/disk_options.h"
#include "sim/hosts.h"

namespace glasshouse::sim {

using runtime::Choice;
using runtime::Pid;
using runtime::Ref;

struct DiskFault {
  enum class What : std::uint8_t { eio, slow };
  What what = What::eio;
  std::uint64_t key = 0;  // stable: the entity of its draws
  std::string_view kind{};
  Distribution time{};
  Ratio chance{};
};

class SimStorage final : public runtime::Storage {
 public:
  struct World {
    Agenda& agenda;
    runtime::Decisions& decide;
    Hosts& hosts;
    std::function<void(std::string_view kind)> fired;
  };
  SimStorage(World world, const Host& host, DiskOptions options);

  void start(runtime::Node& node, Pid owner, Ref request, runtime::StorageRequest what) override;

  // -- for the world ----------------------------------------------------------------------------

  bool is_stale(const Due& due) const;
  void complete(const Due& due);
  void forget_stale(const Due& due) { release(place_of(due)); }
  // REQUIRES: before the node object is destroyed.
  void power_cut(const NodeSlot& slot);

  // -- for faults -------------------------------------------------------------------------------

  void add_fault(const DiskFault& fault) { faults_.push_back(fault); }
  void remove_fault(std::uint64_t key);
  // Only so many more bytes; nothing: as its options say.
  void set_room(std::optional<std::uint64_t> bytes);
  // Answers wait until all stalls are over.
  void stall();
  void go_on();
  void set_crash_policy(const CrashPolicy& policy) { options_.crash = policy; }
  const CrashPolicy& crash_policy() const { return options_.crash; }

  std::uint64_t bytes() const;
  // The files of a node, as its programs see them.
  DiskImage& image(const NodeSlot& slot);

 private:
  struct Request {
    bool used = false;
    std::uint16_t slot = 0;
    std::uint32_t creation = 0;
    Pid owner;
    runtime::StorageOperation operation = runtime::StorageOperation::read;
    DiskImage::FileHandle file;  // of a sync: what is made durable at the end
    std::string folder;
    std::uint64_t before = 0;  // and how far
    runtime::StorageDone done;
  };

  std::string_view perform(DiskImage& image, runtime::StorageRequest& what, Request& request);
  std::string_view write(DiskImage& image, runtime::StorageRequest& what, Request& request);
  bool fails(const runtime::StorageRequest& what, std::uint64_t node_key);
  Instant end_of(const runtime::StorageRequest& what, std::uint64_t node_key);
  void tell_fault(runtime::Node& node, Pid owner, runtime::Atom what, std::uint64_t bytes,
                  const std::string& path) const;
  std::size_t reserve();
  void release(std::size_t place);
  static std::size_t place_of(const Due& due) { return due.what & 0xffff'ffff; }

  World world_;
  std::uint16_t host_;
  std::uint64_t key_;
  DiskOptions options_;
  std::optional<std::uint64_t> bytes_max_;  // while a fault makes it small
  std::vector<DiskFault> faults_;
  int stalls_ = 0;
  std::vector<Due> stalled_;
  std::vector<std::unique_ptr<DiskImage>> images_;  // by node
  std::map<std::uint64_t, Instant> done_at_;        // by file key: its latest answer
  std::vector<Request> requests_;
  std::vector<std::size_t> free_;
  std::uint64_t started_ = 0;
};

}  // namespace glasshouse::sim

#include "sim/disk.h"

#include <algorithm>

#include "runtime/base/hash.h"
#include "runtime/io/folder_storage.h"
#include "runtime/process/self.h"

namespace glasshouse::sim {

using runtime::Atom;
using runtime::EventKind;
using runtime::StorageDone;
using runtime::StorageOperation;
using runtime::StorageRequest;
using namespace runtime::literals;

namespace {

constexpr std::string_view operation_names[] = {
    "read", "write",  "append", "sync", "truncate",
    "size", "remove", "rename", "list", "sync_folder",
};
static_assert(sizeof operation_names / sizeof operation_names[0] ==
              static_cast<std::size_t>(StorageOperation::sync_folder) + 1);

bool writes(StorageOperation operation) {
  return operation == StorageOperation::write || operation == StorageOperation::append ||
         operation == StorageOperation::truncate;
}

bool syncs(StorageOperation operation) {
  return operation == StorageOperation::sync || operation == StorageOperation::sync_folder;
}

bool is_valid(const StorageRequest& what) {
  const bool of_folder =
      what.operation == StorageOperation::list || what.operation == StorageOperation::sync_folder;
  if (!(of_folder && what.path.empty()) && !runtime::is_storage_path(what.path)) return false;
  if (what.operation == StorageOperation::rename) {
    return runtime::is_storage_path(what.to) && what.to != what.path;
  }
  return what.operation != StorageOperation::read || what.size <= runtime::storage_read_max;
}

}  // namespace

SimStorage::SimStorage(World world, const Host& host, DiskOptions options)
    : world_(std::move(world)), host_(host.index), key_(host.key), options_(options) {}

DiskImage& SimStorage::image(const NodeSlot& slot) {
  if (images_.size() <= slot.index) images_.resize(slot.index + std::size_t{1});
  auto& image = images_[slot.index];
  if (!image) {
    image = std::make_unique<DiskImage>(runtime::hash_bytes(slot.name, key_));
  }
  return *image;
}

std::uint64_t SimStorage::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& image : images_)
    sum += image ? image->bytes() : 0;
  return sum;
}

std::size_t SimStorage::reserve() {
  if (free_.empty()) {
    requests_.emplace_back();
    return requests_.size() - 1;
  }
  const std::size_t place = free_.back();
  free_.pop_back();
  return place;
}

void SimStorage::release(std::size_t place) {
  requests_[place] = Request();
  free_.push_back(place);
}

void SimStorage::start(runtime::Node& node, Pid owner, Ref request, StorageRequest what) {
  if (node.wants(EventKind::storage)) {
    const std::size_t bytes = std::max<std::size_t>(what.bytes.size(), what.size);
    node.emit({.kind = EventKind::storage,
               .name = Atom(operation_names[static_cast<std::size_t>(what.operation)]),
               .subject = node.key_of(owner),
               .message = request.number,
               .argument = static_cast<std::int64_t>(bytes)},
              what.path);
  }
  const NodeSlot& slot = world_.hosts.slot_of(node);
  const std::uint64_t node_key = runtime::hash_bytes(slot.name, key_);
  const std::size_t place = reserve();
  Request& pending = requests_[place];
  pending.used = true;
  pending.slot = slot.index;
  pending.creation = node.creation();
  pending.owner = owner;
  pending.operation = what.operation;
  pending.done.request = request;
  const Instant end = end_of(what, node_key);
  std::string_view outcome = "einval";
  if (is_valid(what)) {
    outcome = fails(what, node_key) ? "eio" : perform(image(slot), what, pending);
  }
  pending.done.outcome = Atom(outcome);
  if (outcome == "eio" || outcome == "enospc") {
    tell_fault(node, owner, pending.done.outcome, what.bytes.size(), what.path);
  }
  const std::uint64_t host = host_;
  world_.agenda.add(end, DueKind::disk, host << 48 | ++started_, host << 32 | place);
}

// Answers about one file come in the order of the questions.
Instant SimStorage::end_of(const StorageRequest& what, std::uint64_t node_key) {
  const std::uint64_t key = runtime::hash_bytes(what.path, node_key);
  const Distribution& usual = syncs(what.operation) ? options_.sync_latency : options_.latency;
  Duration time = usual.is_constant() ? usual.least()
                                      : usual.sample(world_.decide.draw(Choice::disk_latency, key));
  for (const DiskFault& fault : faults_) {
    if (fault.what != DiskFault::What::slow) continue;
    const std::uint64_t drawn =
        world_.decide.draw(Choice::fault, runtime::hash_combine(key, fault.key));
    if (!fault.chance.happens(drawn)) continue;
    time += fault.time.sample(runtime::mix(drawn));
    world_.fired(fault.kind);
  }
  Instant& last = done_at_[key];
  last = std::max(last, world_.agenda.now() + time);
  if (what.operation == StorageOperation::rename) {
    Instant& other = done_at_[runtime::hash_bytes(what.to, node_key)];
    other = std::max(other, last);
    last = other;
  }
  return last;
}

bool SimStorage::fails(const StorageRequest& what, std::uint64_t node_key) {
  const std::uint64_t key = runtime::hash_bytes(what.path, node_key);
  if (what.operation != StorageOperation::read && !writes(what.operation) &&
      !syncs(what.operation)) {
    return false;
  }
  bool failed = false;
  for (const DiskFault& fault : faults_) {
    if (fault.what != DiskFault::What::eio) continue;
    const std::uint64_t drawn =
        world_.decide.draw(Choice::fault, runtime::hash_combine(key, fault.key));
    if (!fault.chance.happens(drawn)) continue;
    world_.fired(fault.kind);
    failed = true;
  }
  return failed;
}

std::string_view SimStorage::perform(DiskImage& image, StorageRequest& what, Request& request) {
  using enum StorageOperation;
  switch (what.operation) {
    case read:
      if (!image.exists(what.path)) return "enoent";
      request.done.bytes = image.read(what.path, what.offset, what.size);
      return "ok";
    case write:
    case append:
    case truncate:
      return this->write(image, what, request);
    case sync:
      request.file = image.handle(what.path);
      request.before = image.now_written();
      return request.file != nullptr ? "ok" : "enoent";
    case sync_folder:
      if (!image.folder_exists(what.path)) return "enoent";
      request.folder = what.path;
      request.before = image.now_written();
      return "ok";
    case size:
      if (!image.exists(what.path)) return "enoent";
      request.done.value = image.size(what.path);
      return "ok";
    case remove:
      return image.remove(what.path) ? "ok" : "enoent";
    case rename:
      return image.rename(what.path, what.to) ? "ok" : "enoent";
    case list:
      if (!image.folder_exists(what.path)) return "enoent";
      request.done.names = image.list(what.path);
      return "ok";
  }
  return "einval";
}

std::string_view SimStorage::write(DiskImage& image, StorageRequest& what, Request& request) {
  const std::uint64_t before = image.size(what.path);
  const bool truncates = what.operation == StorageOperation::truncate;
  const std::uint64_t offset = what.operation == StorageOperation::append ? before : what.offset;
  const std::uint64_t after = truncates ? what.size : std::max(before, offset + what.bytes.size());
  const std::uint64_t room = bytes_max_.value_or(options_.bytes_max);
  if (after > before && bytes() + (after - before) > room) {
    world_.fired("disk.full");
    const std::uint64_t end = before + (room > bytes() ? room - bytes() : 0);
    if (!truncates && end > offset) {
      image.write(what.path, offset, Binary(what.bytes.view().substr(0, end - offset)));
    }
    return "enospc";
  }
  request.done.value = what.operation == StorageOperation::append ? offset : 0;
  if (truncates) {
    image.truncate(what.path, what.size);
  } else {
    image.write(what.path, offset, std::move(what.bytes));
  }
  return "ok";
}

// -- for the world ------------------------------------------------------------------------------

bool SimStorage::is_stale(const Due& due) const {
  const Request& request = requests_[place_of(due)];
  return !world_.hosts.slots[request.slot]->lives(request.creation);
}

void SimStorage::complete(const Due& due) {
  if (stalls_ > 0) {
    stalled_.push_back(due);
    world_.fired("disk.stall");
    return;
  }
  Request request = std::move(requests_[place_of(due)]);
  release(place_of(due));
  const NodeSlot& slot = *world_.hosts.slots[request.slot];
  if (request.file != nullptr) {
    image(slot).sync(request.file, request.before);
  } else if (request.before > 0) {
    image(slot).sync_folder(request.folder, request.before);
  }
  slot.node->deliver<StorageDone>(request.owner, std::move(request.done));
}

void SimStorage::tell_fault(runtime::Node& node, Pid owner, Atom what, std::uint64_t bytes,
                            const std::string& path) const {
  if (!node.wants(EventKind::storage_fault)) return;
  node.emit({.kind = EventKind::storage_fault,
             .name = what,
             .subject = node.key_of(owner),
             .argument = static_cast<std::int64_t>(bytes)},
            path);
}

void SimStorage::power_cut(const NodeSlot& slot) {
  const auto draw = [this](std::uint64_t entity) {
    return world_.decide.draw(Choice::disk_fault, entity);
  };
  for (const auto& damage : image(slot).power_cut(options_.crash, draw)) {
    const bool is_torn = damage.what == DiskImage::Damage::What::torn;
    tell_fault(*slot.node, Pid(), is_torn ? "torn"_atom : "lost"_atom, damage.bytes, damage.path);
    world_.fired("disk.torn");
  }
}

// -- for faults ---------------------------------------------------------------------------------

void SimStorage::remove_fault(std::uint64_t key) {
  std::erase_if(faults_, [&](const DiskFault& fault) { return fault.key == key; });
}

void SimStorage::set_room(std::optional<std::uint64_t> bytes_more) {
  bytes_max_.reset();
  if (bytes_more) bytes_max_ = bytes() + *bytes_more;
}

void SimStorage::stall() {
  ++stalls_;
}

void SimStorage::go_on() {
  if (--stalls_ > 0) return;
  for (const Due& due : stalled_)
    world_.agenda.add(world_.agenda.now(), DueKind::disk, due.key, due.what);
  stalled_.clear();
}

}  // namespace glasshouse::sim

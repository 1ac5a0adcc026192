#include "sim/disk_image.h"

#include <algorithm>

#include "runtime/base/check.h"
#include "runtime/base/hash.h"

namespace glasshouse::sim {
namespace {

std::string_view folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

void put(std::string& content, std::uint64_t offset, std::string_view bytes) {
  if (offset == content.size()) {
    content.append(bytes);
    return;
  }
  if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size(), '\0');
  content.replace(offset, bytes.size(), bytes);
}

}  // namespace

DiskImage::FilePtr DiskImage::find(std::string_view path) const {
  const auto found = seen_.find(path);
  return found == seen_.end() ? nullptr : found->second;
}

DiskImage::File& DiskImage::find_or_make(std::string_view path) {
  if (const auto file = find(path)) return *file;
  make_folders(path);
  auto file = std::make_shared<File>();
  file->path = path;
  std::uint64_t& made = made_[file->path];
  file->key = runtime::hash_combine(runtime::hash_bytes(path, key_), made++);
  seen_.emplace(file->path, file);
  changes_.push_back(
      {.number = next_operation_++, .from = {}, .to = std::string(path), .file = file});
  return *file;
}

// Folders are made durable as they are made: what may get lost is only what is in them.
void DiskImage::make_folders(std::string_view path) {
  for (auto folder = folder_of(path);; folder = folder_of(folder)) {
    folders_.emplace(folder);
    if (folder.empty()) return;
  }
}

std::uint64_t DiskImage::size(std::string_view path) const {
  const auto file = find(path);
  return file == nullptr ? 0 : file->seen.size();
}

Binary DiskImage::read(std::string_view path, std::uint64_t offset, std::uint64_t size) const {
  const auto file = find(path);
  CHECK(file != nullptr);
  if (offset >= file->seen.size()) return Binary();
  return Binary(std::string_view(file->seen).substr(offset, size));
}

void DiskImage::write(std::string_view path, std::uint64_t offset, Binary bytes) {
  File& file = find_or_make(path);
  const std::size_t before = file.seen.size();
  file.pending.push_back(
      {.number = next_operation_++, .offset = offset, .bytes = std::move(bytes)});
  apply(file.seen, file.pending.back());
  bytes_ += file.seen.size() - before;
}

void DiskImage::truncate(std::string_view path, std::uint64_t size) {
  File& file = find_or_make(path);
  bytes_ -= file.seen.size();
  file.pending.push_back(
      {.number = next_operation_++, .offset = size, .bytes = {}, .truncates = true});
  apply(file.seen, file.pending.back());
  bytes_ += file.seen.size();
}

bool DiskImage::remove(std::string_view path) {
  const auto found = seen_.find(path);
  if (found == seen_.end()) return false;
  bytes_ -= found->second->seen.size();
  changes_.push_back(
      {.number = next_operation_++, .from = found->first, .to = {}, .file = found->second});
  seen_.erase(found);
  return true;
}

bool DiskImage::rename(std::string_view from, std::string_view to) {
  const auto found = seen_.find(from);
  if (found == seen_.end()) return false;
  make_folders(to);
  bytes_ -= size(to);
  changes_.push_back({.number = next_operation_++,
                      .from = found->first,
                      .to = std::string(to),
                      .file = found->second});
  apply(seen_, changes_.back());
  return true;
}

bool DiskImage::folder_exists(std::string_view folder) const {
  return folders_.find(folder) != folders_.end();
}

std::vector<std::string> DiskImage::list(std::string_view folder) const {
  std::vector<std::string> names;
  const auto add = [&](std::string_view path) {
    if (path.empty() || folder_of(path) != folder) return;
    names.emplace_back(folder.empty() ? path : path.substr(folder.size() + 1));
  };
  for (const auto& [path, file] : seen_)
    add(path);
  for (const auto& path : folders_)
    add(path);
  std::sort(names.begin(), names.end());
  return names;
}

// -- durability ---------------------------------------------------------------------------------

void DiskImage::sync(const FileHandle& file, std::uint64_t before) {
  auto next = file->pending.begin();
  for (; next != file->pending.end() && next->number < before; ++next)
    apply(file->durable, *next);
  file->pending.erase(file->pending.begin(), next);
}

void DiskImage::sync_folder(std::string_view folder, std::uint64_t before) {
  std::erase_if(changes_, [&](const NameChange& change) {
    if (change.number >= before || !change.touches(folder)) return false;
    apply(durable_, change);
    return true;
  });
}

bool DiskImage::NameChange::touches(std::string_view folder) const {
  return (!from.empty() && folder_of(from) == folder) || (!to.empty() && folder_of(to) == folder);
}

void DiskImage::apply(std::string& content, const Write& write) {
  if (write.truncates) {
    content.resize(write.offset, '\0');
  } else {
    put(content, write.offset, write.bytes.view());
  }
}

void DiskImage::apply(Names& names, const NameChange& change) {
  if (!change.from.empty()) {
    const auto former = names.find(change.from);
    if (former != names.end() && former->second == change.file) names.erase(former);
  }
  if (!change.to.empty()) names[change.to] = change.file;
}

std::size_t DiskImage::unsynced() const {
  std::size_t count = changes_.size();
  for (const auto& [path, file] : seen_)
    count += file->pending.size();
  return count;
}

// -- a power cut --------------------------------------------------------------------------------

// Sectors are written whole or not at all, each for itself. Returns how many bytes were lost.
std::uint64_t DiskImage::tear(std::string& content, const Write& write, std::uint64_t drawn) {
  std::uint64_t lost = 0;
  const std::uint64_t end = write.offset + write.bytes.size();
  for (std::uint64_t at = write.offset; at < end;) {
    const std::uint64_t sector = at / sector_bytes;
    const std::uint64_t until = std::min(end, (sector + 1) * sector_bytes);
    if (runtime::hash_combine(drawn, sector) & 1) {
      put(content, at, write.bytes.view().substr(at - write.offset, until - at));
    } else {
      lost += until - at;
    }
    at = until;
  }
  return lost;
}

void DiskImage::damage_file(File& file, const CrashPolicy& policy,
                            const std::function<std::uint64_t(std::uint64_t)>& draw,
                            std::vector<Damage>& damages) {
  for (const Write& write : file.pending) {
    const std::uint64_t drawn = draw(file.key);
    const std::uint64_t again = runtime::mix(drawn);
    if (policy.lost.happens(drawn)) {
      damages.push_back({file.path, Damage::What::lost, write.bytes.size()});
    } else if (!write.truncates && policy.torn.happens(again)) {
      const std::uint64_t lost = tear(file.durable, write, runtime::mix(again));
      damages.push_back({file.path, Damage::What::torn, lost});
    } else {
      apply(file.durable, write);
    }
  }
  file.pending.clear();
  file.seen = file.durable;
}

std::vector<DiskImage::Damage> DiskImage::power_cut(
    const CrashPolicy& policy, const std::function<std::uint64_t(std::uint64_t)>& draw) {
  std::vector<Damage> damages;
  for (const NameChange& change : changes_) {
    const std::uint64_t entity = runtime::hash_combine(change.file->key, runtime::fnv1a("name"));
    if (policy.name_lost.happens(draw(entity))) {
      damages.push_back({change.to.empty() ? change.from : change.to, Damage::What::name_lost, 0});
    } else {
      apply(durable_, change);
    }
  }
  changes_.clear();
  bytes_ = 0;
  // Two names may lead to one file when a rename was half lost: it is damaged once.
  std::set<std::uint64_t> damaged;
  for (const auto& [path, file] : durable_) {
    if (damaged.insert(file->key).second) damage_file(*file, policy, draw, damages);
    bytes_ += file->seen.size();
  }
  seen_ = durable_;
  return damages;
}

}  // namespace glasshouse::sim

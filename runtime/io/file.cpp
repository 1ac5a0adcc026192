#include "runtime/io/file.h"

#include <utility>

namespace glasshouse::runtime {

namespace {

Error failure_of(const StorageDone& done, const std::string& path) {
  const std::string code(done.outcome.text());
  return Error(path + ": " + code, code);
}

Task<Result<void>> do_plainly(Self self, StorageRequest what) {
  const std::string path = what.path;
  auto doing = do_storage(self, std::move(what));
  const StorageDone done = co_await doing;
  if (done.outcome != atoms::ok) co_return Result<void>(failure_of(done, path));
  co_return Result<void>();
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

}  // namespace

Task<StorageDone> do_storage(Self self, StorageRequest what) {
  const Ref ref = self.make_ref();
  self.storage().start(self.node(), self.pid(), ref, std::move(what));
  const auto is_ours = [ref](const StorageDone& done) { return done.request == ref; };
  auto waiting = self.receive_if<StorageDone>(is_ours);
  auto done = co_await waiting;
  co_return std::move(*done);
}

Task<Result<Binary>> read_file(Self self, std::string path) {
  std::string all;
  for (;;) {
    StorageRequest what{.operation = StorageOperation::read,
                        .path = path,
                        .offset = all.size(),
                        .size = storage_read_max};
    auto reading = do_storage(self, std::move(what));
    const StorageDone done = co_await reading;
    if (done.outcome != atoms::ok) co_return Result<Binary>(failure_of(done, path));
    const bool is_last = done.bytes.size() < storage_read_max;
    if (is_last && all.empty()) co_return Result<Binary>(done.bytes);
    all.append(done.bytes.view());
    if (is_last) co_return Result<Binary>(Binary(all));
  }
}

Task<Result<void>> write_file(Self self, std::string path, Binary bytes) {
  StorageRequest cut{.operation = StorageOperation::truncate, .path = path};
  auto cutting = do_plainly(self, std::move(cut));
  Result<void> done = co_await cutting;
  if (!done) co_return done;
  StorageRequest write{
      .operation = StorageOperation::write, .path = path, .bytes = std::move(bytes)};
  auto writing = do_plainly(self, std::move(write));
  done = co_await writing;
  if (!done) co_return done;
  auto syncing = sync_file(self, path);
  done = co_await syncing;
  if (!done) co_return done;
  auto naming = sync_folder(self, folder_of(path));
  done = co_await naming;
  co_return done;
}

Task<Result<std::uint64_t>> append_to_file(Self self, std::string path, Binary bytes) {
  StorageRequest what{
      .operation = StorageOperation::append, .path = path, .bytes = std::move(bytes)};
  auto doing = do_storage(self, std::move(what));
  const StorageDone done = co_await doing;
  if (done.outcome != atoms::ok) co_return Result<std::uint64_t>(failure_of(done, path));
  co_return Result<std::uint64_t>(done.value);
}

// The rest are requests that answer yes or no; they need no coroutine of their own.

Task<Result<void>> sync_file(Self self, std::string path) {
  return do_plainly(self, {.operation = StorageOperation::sync, .path = std::move(path)});
}

Task<Result<void>> sync_folder(Self self, std::string path) {
  return do_plainly(self, {.operation = StorageOperation::sync_folder, .path = std::move(path)});
}

Task<Result<void>> remove_file(Self self, std::string path) {
  return do_plainly(self, {.operation = StorageOperation::remove, .path = std::move(path)});
}

Task<Result<void>> rename_file(Self self, std::string from, std::string to) {
  return do_plainly(
      self, {.operation = StorageOperation::rename, .path = std::move(from), .to = std::move(to)});
}

Task<Result<std::vector<std::string>>> list_folder(Self self, std::string path) {
  StorageRequest what{.operation = StorageOperation::list, .path = path};
  auto doing = do_storage(self, std::move(what));
  StorageDone done = co_await doing;
  using Names = Result<std::vector<std::string>>;
  if (done.outcome != atoms::ok) co_return Names(failure_of(done, path));
  co_return Names(std::move(done.names));
}

}  // namespace glasshouse::runtime

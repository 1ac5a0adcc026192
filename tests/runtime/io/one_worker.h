#pragma once
// A node on one real thread, with TCP and a folder of its own: the least world in which I/O can be
// tested. Tests end by messages, never by waiting for a time.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "runtime/io/folder_storage.h"
#include "runtime/io/tcp_streams.h"
#include "runtime/node/node.h"
#include "runtime/process/self.h"
#include "runtime/term/print.h"

namespace glasshouse::runtime {

// Runs processes on one thread and jobs on another.
class OneWorker final : public Executor {
 public:
  OneWorker() : worker_([this] { work(); }), helper_([this] { help(); }) {}
  ~OneWorker() override {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
      changed_.notify_all();
    }
    worker_.join();
    helper_.join();
  }

  void schedule(Process& process) override {
    const std::lock_guard lock(mutex_);
    runnable_.push_back(&process);
    changed_.notify_all();
  }
  void wake_at(Node& node, Instant when) override {
    const std::lock_guard lock(mutex_);
    timers_[&node] = when;
    changed_.notify_all();
  }
  void offload(Node&, std::function<void()> job) override {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    changed_.notify_all();
  }
  std::size_t worker_count() const override { return 1; }
  void detach(Node& node) override {
    std::unique_lock lock(mutex_);
    timers_.erase(&node);
    changed_.wait(lock, [this] { return !working_ && !helping_ && jobs_.empty(); });
    std::erase_if(runnable_, [&](Process* process) { return &process->node() == &node; });
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (!over_) {
      if (fire_due(lock)) continue;
      if (runnable_.empty()) {
        changed_.wait_for(lock, std::chrono::milliseconds(1));
        continue;
      }
      Process* const process = runnable_.front();
      runnable_.pop_front();
      working_ = true;
      lock.unlock();
      const bool again = process->node().run(*process, 2000).ran == Node::Ran::yielded;
      lock.lock();
      working_ = false;
      if (again) runnable_.push_back(process);
      changed_.notify_all();
    }
  }
  bool fire_due(std::unique_lock<std::mutex>& lock) {
    for (auto& [node, when] : timers_) {
      if (when > node->now()) continue;
      Node* const due = node;
      when = Instant::max();
      working_ = true;
      lock.unlock();
      due->fire_timers();
      lock.lock();
      working_ = false;
      return true;
    }
    return false;
  }
  void help() {
    std::unique_lock lock(mutex_);
    while (!over_ || !jobs_.empty()) {
      if (jobs_.empty()) {
        changed_.wait(lock);
        continue;
      }
      const auto job = std::move(jobs_.front());
      jobs_.pop_front();
      helping_ = true;
      lock.unlock();
      job();
      lock.lock();
      helping_ = false;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::deque<Process*> runnable_;
  std::deque<std::function<void()>> jobs_;
  std::map<Node*, Instant> timers_;
  bool working_ = false;
  bool helping_ = false;
  bool over_ = false;
  std::thread worker_;
  std::thread helper_;
};

class RealClock final : public Clock {
 public:
  Instant now() const override {
    const auto since = std::chrono::steady_clock::now() - begun_;
    return Instant::at(
        Duration::nanoseconds(std::chrono::duration_cast<std::chrono::nanoseconds>(since).count()));
  }
  Instant wall() const override { return now(); }

 private:
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

class CountedDecisions final : public Decisions {
 public:
  std::uint64_t draw(Choice choice, std::uint64_t entity) override {
    return runtime::draw(1, static_cast<std::uint64_t>(choice), entity, ++count_);
  }

 private:
  std::atomic<std::uint64_t> count_{0};
};

// A folder that is empty at first and gone afterwards.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "glasshouse-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class SmallWorld {
 public:
  SmallWorld()
      : node(std::make_unique<Node>(
            Environment{executor, clock, network, storage, tracer, decisions},
            NodeOptions{.name = Atom("test@localhost")})) {}

  // Runs a process to its end, which must be a normal one. Body is a free function
  // Behaviour(Self, args...).
  template <auto Body, class... Args>
  void expect_normal_exit(Args&&... args) {
    node->template spawn<watch<Body, std::decay_t<Args>...>>(&ended_, std::forward<Args>(args)...);
    ended_.wait();
  }

  TemporaryFolder folder;
  RealClock clock;
  NullTracer tracer;
  CountedDecisions decisions;
  TcpByteStreams network;
  FolderStorage storage{folder.path()};
  OneWorker executor;
  std::unique_ptr<Node> node;

 private:
  // Opened by one thread while another waits.
  class Gate {
   public:
    void open(Term reason) {
      const std::lock_guard lock(mutex_);
      reason_ = std::move(reason);
      changed_.notify_all();
    }
    void wait() {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return reason_.has_value(); });
      const Term reason = *std::exchange(reason_, std::nullopt);
      INFO("the process ended with " << to_string(reason));
      REQUIRE(reason == Term(atoms::normal));
    }

   private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Term> reason_;
  };

  template <auto Body, class... Args>
  static Behaviour watch(Self self, Gate* ended, Args... args) {
    const auto watched = self.spawn_monitor<Body>(std::move(args)...);
    auto down = self.receive<Down>();
    const Down news = co_await down;
    static_cast<void>(watched);
    ended->open(news.reason);
  }

  Gate ended_;
};

// Inside processes: a failed expectation ends the process, and with it the test.
inline void expect(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}
#define EXPECT(condition) ::glasshouse::runtime::expect(condition, #condition)

}  // namespace glasshouse::runtime

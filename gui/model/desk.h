#pragma once
// Answers the questions of the views without making them wait. The views say what they want to see
// (a `Query`) and draw the last `Picture` that is ready; a source is asked on a worker thread, and
// only about the newest query.
//
// In the in-line mode, which tests and screenshots use, the answer is there when `want` returns, so
// that equal input gives equal frames.
//
// Threads: all members are called from the UI thread. The source belongs to the worker.

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "gui/model/process_list.h"
#include "gui/model/source.h"

namespace glasshouse::gui {

class Observer;

struct Query {
  Moment moment = 0;
  bool is_latest = false;  // the newest moment there is, whatever `moment` says
  ProcessKey process = 0;
  Moment event = 0;
  EventFilter filter;
  std::size_t first_row = 0;  // of the event list
  std::size_t rows = 0;
  friend bool operator==(const Query&, const Query&) = default;
};

struct LiveStatus {
  bool is_live = false;
  bool is_running = false;
  bool is_finished = false;
  std::vector<std::pair<std::uint16_t, std::uint16_t>> cuts;
};

// Everything the views show, of one moment.
struct Picture {
  Query query;
  Moment moment = 0;
  std::int64_t time_ns = 0;
  RunInfo run;
  Extent extent;
  LiveStatus live;
  Overview overview;
  ProcessTable processes;
  std::vector<SupervisorRow> supervisors;
  ProcessDetail detail;
  std::optional<EventRow> event;
  std::optional<EventRow> cause;
  std::optional<EventRow> effect;
  std::size_t event_count = 0;  // rows of the event list
  std::size_t event_row = 0;    // the row of the last event not after the moment
  std::size_t first_row = 0;
  std::vector<EventRow> events;  // from first_row on
  std::string problem;           // what the source could not read, as a sentence
};

// What a job leaves to be done on the UI thread.
using Continuation = std::function<void(Observer&)>;
using Job = std::function<Continuation(Source&)>;

class Desk {
 public:
  enum class Mode : std::uint8_t { in_line, threaded };

  Desk(std::unique_ptr<Source> source, Mode mode);
  ~Desk();
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  // Asks for this picture. Asking for what was asked last costs nothing.
  void want(const Query& query);

  // Does something with the source, in the order given, before the next picture is made.
  void run(Job job);

  // How much of a live run's time passes in a second.
  void set_pace(double pace) { pace_.store(pace, std::memory_order_relaxed); }
  // In line, so much of our time has passed. A worker looks at the clock itself.
  void pass(double seconds);

  // Takes over what is ready; true when there is something new. Called once a frame.
  bool collect(Observer& observer);

  // Never null; empty before the first answer.
  const std::shared_ptr<const Picture>& picture() const { return picture_; }
  bool is_busy() const;

 private:
  class Painter;
  void work();
  void paint_in_line();
  // Whether the run went on.
  bool advance_live(double seconds);

  std::unique_ptr<Source> source_;
  Mode mode_;
  std::unique_ptr<Painter> painter_;
  std::shared_ptr<const Picture> picture_;
  // Written by the UI thread, read by the worker; a late look at it does no harm.
  std::atomic<double> pace_{1.0};
  Query wanted_;
  bool has_wanted_ = false;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::optional<Query> next_;
  std::deque<Job> jobs_;
  std::deque<Continuation> done_;
  std::shared_ptr<const Picture> fresh_;
  bool is_working_ = false;
  bool is_stopping_ = false;
  bool is_stale_ = false;
  std::thread worker_;
};

}  // namespace glasshouse::gui

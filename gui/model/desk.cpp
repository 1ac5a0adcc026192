#include "gui/model/desk.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>

namespace glasshouse::gui {
namespace {

constexpr std::size_t density_slices = 800;
// Between two pictures of a run that goes on.
constexpr std::chrono::milliseconds live_pause{30};
constexpr double live_seconds_max = 0.1;

}  // namespace

// Makes pictures and remembers what need not be asked again: the overview as long as the run does
// not grow, the matches of the event filter.
class Desk::Painter {
 public:
  explicit Painter(Source& source) : source_(source), run_(source.info()) {}

  std::shared_ptr<const Picture> paint(const Query& query) {
    auto picture = std::make_shared<Picture>();
    picture->query = query;
    picture->extent = source_.extent();
    if (picture->extent != extent_ || run_.nodes.empty()) refresh(picture->extent);
    picture->run = run_;
    picture->overview = overview_;
    picture->moment =
        query.is_latest ? extent_.last : std::clamp(query.moment, extent_.first, extent_.last);
    if (extent_.last == 0) picture->moment = 0;
    picture->time_ns = source_.time_of(picture->moment);
    paint_live(*picture);
    paint_processes(*picture);
    paint_events(*picture);
    picture->problem = source_.take_problem();
    return picture;
  }

 private:
  void refresh(const Extent& extent) {
    extent_ = extent;
    run_ = source_.info();
    overview_ = source_.overview(density_slices);
  }

  void paint_live(Picture& picture) {
    Control* control = source_.control();
    if (control == nullptr) return;
    picture.live.is_live = true;
    picture.live.is_running = control->is_running();
    picture.live.is_finished = control->is_finished();
    for (const NodeRow& a : run_.nodes) {
      for (const NodeRow& b : run_.nodes) {
        if (a.index != b.index && control->is_cut(a.index, b.index)) {
          picture.live.cuts.emplace_back(a.index, b.index);
        }
      }
    }
  }

  void paint_processes(Picture& picture) {
    picture.processes = ProcessTable::of(source_.processes(picture.moment));
    picture.supervisors = source_.supervisors(picture.moment);
    if (picture.query.process != 0) {
      picture.detail = source_.detail(picture.query.process, picture.moment);
    }
  }

  void paint_events(Picture& picture) {
    const Query& query = picture.query;
    update_matches(query.filter);
    picture.event_count = match_count();
    picture.event_row = row_of(picture.moment);
    // A list that follows the newest event shows its end.
    picture.first_row = query.first_row;
    if (picture.first_row + query.rows > picture.event_count) {
      picture.first_row = picture.event_count - std::min(picture.event_count, query.rows);
    }
    std::vector<Moment> moments;
    for (std::size_t i = 0; i < query.rows && picture.first_row + i < picture.event_count; ++i) {
      moments.push_back(match(picture.first_row + i));
    }
    picture.events = source_.events(moments);
    picture.event = event_at(query.event);
    if (query.event != 0) {
      picture.cause = event_at(source_.cause(query.event).value_or(0));
      picture.effect = event_at(source_.effect(query.event).value_or(0));
    }
  }

  std::optional<EventRow> event_at(Moment moment) {
    if (moment == 0) return std::nullopt;
    std::vector<EventRow> rows = source_.events(std::span(&moment, 1));
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front());
  }

  // All events together need no list: row n is the event first + n.
  void update_matches(const EventFilter& filter) {
    if (filter != filter_) {
      filter_ = filter;
      matches_.clear();
      searched_to_ = 0;
    }
    if (filter_.is_everything() || searched_to_ >= extent_.last) return;
    std::vector<Moment> more = source_.matching(filter_, searched_to_);
    matches_.insert(matches_.end(), more.begin(), more.end());
    searched_to_ = extent_.last;
  }

  std::size_t match_count() const {
    if (!filter_.is_everything()) return matches_.size();
    return extent_.last == 0 ? 0 : static_cast<std::size_t>(extent_.last - extent_.first + 1);
  }

  Moment match(std::size_t row) const {
    return filter_.is_everything() ? extent_.first + row : matches_[row];
  }

  std::size_t row_of(Moment moment) const {
    if (moment < extent_.first || match_count() == 0) return 0;
    if (filter_.is_everything()) return static_cast<std::size_t>(moment - extent_.first);
    auto after = std::upper_bound(matches_.begin(), matches_.end(), moment);
    return after == matches_.begin() ? 0 : static_cast<std::size_t>(after - matches_.begin()) - 1;
  }

  Source& source_;
  RunInfo run_;
  Extent extent_;
  Overview overview_;
  EventFilter filter_;
  std::vector<Moment> matches_;
  Moment searched_to_ = 0;
};

Desk::Desk(std::unique_ptr<Source> source, Mode mode)
    : source_(std::move(source)),
      mode_(mode),
      painter_(std::make_unique<Painter>(*source_)),
      picture_(std::make_shared<Picture>()) {
  if (mode_ == Mode::threaded) worker_ = std::thread([this] { work(); });
}

Desk::~Desk() {
  if (!worker_.joinable()) return;
  {
    std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_one();
  worker_.join();
}

void Desk::want(const Query& query) {
  if (has_wanted_ && query == wanted_ && !is_stale_) return;
  wanted_ = query;
  has_wanted_ = true;
  is_stale_ = false;
  if (mode_ == Mode::in_line) {
    paint_in_line();
    return;
  }
  {
    std::lock_guard lock(mutex_);
    next_ = query;
  }
  wake_.notify_one();
}

void Desk::run(Job job) {
  if (mode_ == Mode::in_line) {
    Continuation continuation = job(*source_);
    if (continuation) done_.push_back(std::move(continuation));
    is_stale_ = true;
    return;
  }
  {
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    next_ = wanted_;
  }
  wake_.notify_one();
}

void Desk::paint_in_line() {
  fresh_ = painter_->paint(wanted_);
}

bool Desk::advance_live(double seconds) {
  Control* control = source_->control();
  if (control == nullptr || !control->is_running() || control->is_finished()) return false;
  double pace = pace_.load(std::memory_order_relaxed);
  control->advance(static_cast<std::int64_t>(seconds * pace * 1e9));
  return true;
}

void Desk::pass(double seconds) {
  if (mode_ == Mode::in_line && advance_live(seconds)) paint_in_line();
}

bool Desk::collect(Observer& observer) {
  std::deque<Continuation> done;
  std::shared_ptr<const Picture> fresh;
  {
    std::lock_guard lock(mutex_);
    done.swap(done_);
    fresh.swap(fresh_);
  }
  bool is_new = fresh != nullptr || !done.empty();
  if (fresh) picture_ = std::move(fresh);
  for (const Continuation& continuation : done)
    continuation(observer);
  return is_new;
}

bool Desk::is_busy() const {
  std::lock_guard lock(mutex_);
  return is_working_ || next_.has_value() || !jobs_.empty();
}

// The worker: jobs first, then the newest query, then, when a live run goes on, the run.
void Desk::work() {
  Query shown;
  bool has_shown = false;
  auto last_turn = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    if (!jobs_.empty()) {
      Job job = std::move(jobs_.front());
      jobs_.pop_front();
      is_working_ = true;
      lock.unlock();
      Continuation continuation = job(*source_);
      lock.lock();
      is_working_ = false;
      if (continuation) done_.push_back(std::move(continuation));
      continue;
    }
    bool is_new = next_.has_value();
    if (is_new) {
      shown = *next_;
      next_.reset();
      has_shown = true;
    }
    is_working_ = true;
    lock.unlock();
    std::chrono::duration<double> passed = std::chrono::steady_clock::now() - last_turn;
    last_turn = std::chrono::steady_clock::now();
    bool has_grown = advance_live(std::min(passed.count(), live_seconds_max));
    std::shared_ptr<const Picture> painted;
    if (has_shown && (is_new || has_grown)) painted = painter_->paint(shown);
    lock.lock();
    is_working_ = false;
    if (painted) fresh_ = std::move(painted);
    if (next_ || !jobs_.empty() || is_stopping_) continue;
    if (has_grown) {
      wake_.wait_for(lock, live_pause);
    } else {
      wake_.wait(lock);
    }
  }
}

}  // namespace glasshouse::gui

#include "gui/model/observer.h"

#include <algorithm>
#include <utility>

#include "gui/model/format.h"
#include "gui/model/sentences.h"

namespace glasshouse::gui {
namespace {

// Seconds of the run in a second of the person, each step about three times the one before.
constexpr std::array speeds = {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0};
constexpr std::size_t speed_of_one = 6;
constexpr std::size_t history_max = 500;

std::uint64_t kinds_of(EventGroups groups) {
  std::uint64_t kinds = 0;
  for (int i = 0; i < tracing::kind_group_count; ++i) {
    const auto group = static_cast<tracing::KindGroup>(i);
    if ((groups & group_bit(group)) != 0) kinds |= tracing::kinds_of(group);
  }
  return kinds;
}

}  // namespace

std::string_view view_word(ViewName view) {
  constexpr std::array<std::string_view, 4> words = {"processes", "supervision", "messages",
                                                     "crashes"};
  return words[static_cast<std::size_t>(view)];
}

Observer::Observer(std::unique_ptr<Source> source, Desk::Mode mode)
    : desk_(std::move(source), mode), history_(1), speed_index_(speed_of_one) {
  processes.order = {ProcessColumn::pid, false};
  desk_.want(query());
  desk_.collect(*this);
}

Query Observer::query() const {
  Query query{.moment = focus_.moment,
              .is_latest = focus_.is_latest,
              .process = focus_.process,
              .event = focus_.event,
              .filter = {},
              .first_row = first_row_,
              .rows = rows_};
  query.filter.kinds = kinds_of(messages.groups);
  query.filter.text = messages.text;
  if (messages.only_process) query.filter.process = focus_.process;
  return query;
}

void Observer::update(double seconds) {
  if (is_playing_) play(seconds);
  desk_.set_pace(speed());
  desk_.pass(seconds);
  desk_.collect(*this);
  Query wanted = query();
  if (wanted.filter != shown_filter_) {
    shown_filter_ = wanted.filter;
    reveal_event = messages.follows;
  }
  desk_.want(wanted);
  if (desk_.collect(*this) && !picture().problem.empty()) notice = picture().problem;
}

bool Observer::is_moving() const {
  const LiveStatus& live = picture().live;
  return is_playing_ || is_seeking_ || desk_.is_busy() || (live.is_running && !live.is_finished);
}

void Observer::move(const Focus& focus) {
  if (focus == focus_) return;
  focus_ = focus;
  history_.resize(history_at_ + 1);
  history_.push_back(focus);
  if (history_.size() > history_max) history_.erase(history_.begin());
  history_at_ = history_.size() - 1;
  notice.clear();
}

void Observer::set_moment(Moment moment) {
  Focus next = focus_;
  next.moment = moment;
  next.is_latest = false;
  move(next);
}

void Observer::go_to(Moment moment) {
  is_playing_ = false;
  set_moment(moment);
  reveal_event = true;
}

void Observer::go_to_time(std::int64_t time_ns) {
  is_playing_ = false;
  is_seeking_ = true;
  desk_.run([time_ns](Source& source) -> Continuation {
    Moment moment = source.moment_at(time_ns);
    return [moment](Observer& observer) {
      observer.is_seeking_ = false;
      observer.set_moment(moment);
      observer.reveal_event = true;
    };
  });
}

void Observer::go_to_first() {
  go_to(picture().extent.first);
}

void Observer::go_to_latest() {
  is_playing_ = false;
  Focus next = focus_;
  next.is_latest = true;
  next.moment = picture().extent.last;
  move(next);
  reveal_event = true;
}

void Observer::select_process(ProcessKey process) {
  Focus next = focus_;
  next.process = process;
  move(next);
}

void Observer::select_event(Moment moment) {
  Focus next = focus_;
  next.event = moment;
  next.moment = moment;
  next.is_latest = false;
  is_playing_ = false;
  move(next);
}

void Observer::step(Direction direction, StepScope scope) {
  is_playing_ = false;
  const Picture& seen = picture();
  bool at_end = seen.moment >= seen.extent.last;
  if (direction == Direction::forward && at_end && is_live()) {
    desk_.run([](Source& source) -> Continuation {
      source.control()->step_once();
      return nullptr;
    });
    return;
  }
  Moment now = focus_.is_latest ? seen.moment : focus_.moment;
  StepFrom from{.moment = now, .scope = scope, .process = focus_.process};
  const ProcessRow* process = focused_process();
  if (process != nullptr) from.node = process->node;
  if (from.process == 0) from.scope = StepScope::run;
  // Keys may be faster than the worker: a step that is asked for before the last one was answered
  // goes on from where that one will have led.
  bool is_chained = pending_steps_++ > 0;
  auto run = [direction, from, is_chained, reached = reached_](Source& source) -> Continuation {
    StepFrom start = from;
    if (is_chained) start.moment = *reached;
    std::optional<Moment> next = source.step(direction, start);
    *reached = next.value_or(start.moment);
    return [next](Observer& observer) {
      --observer.pending_steps_;
      if (next) observer.select_event(*next);
    };
  };
  desk_.run(run);
  reveal_event = true;
}

void Observer::step_notable(Direction direction) {
  const std::vector<TimeMark>& marks = picture().overview.marks;
  Moment now = picture().moment;
  const TimeMark* best = nullptr;
  for (const TimeMark& mark : marks) {
    if (direction == Direction::forward && mark.moment > now) {
      best = &mark;
      break;
    }
    if (direction == Direction::back && mark.moment < now) best = &mark;
  }
  if (best == nullptr) {
    notice = "No crash, restart, violation or action that way.";
    return;
  }
  select_event(best->moment);
  reveal_event = true;
}

void Observer::select_cause() {
  if (picture().cause) {
    select_event(picture().cause->moment);
    reveal_event = true;
  } else {
    notice = "This event has no known cause: it began in its own process.";
  }
}

void Observer::select_effect() {
  if (picture().effect) {
    select_event(picture().effect->moment);
    reveal_event = true;
  } else {
    notice = "Nothing known came of this event.";
  }
}

void Observer::select_row(Direction direction) {
  bool is_forward = direction == Direction::forward;
  if (view_ == ViewName::messages) {
    step(direction, StepScope::run);
    return;
  }
  const std::vector<ProcessLine>& lines = process_list().lines;
  if (lines.empty()) return;
  const std::vector<ProcessRow>& rows = picture().processes.rows;
  auto at = std::find_if(lines.begin(), lines.end(), [&](const ProcessLine& line) {
    return rows[line.row].key == focus_.process;
  });
  if (at == lines.end()) {
    at = is_forward ? lines.begin() : lines.end() - 1;
  } else if (is_forward ? at + 1 != lines.end() : at != lines.begin()) {
    at += is_forward ? 1 : -1;
  }
  reveal_process = rows[at->row].key;
  select_process(reveal_process);
}

void Observer::go_back() {
  if (!can_go_back()) return;
  focus_ = history_[--history_at_];
  reveal_event = true;
}

void Observer::go_forward() {
  if (!can_go_forward()) return;
  focus_ = history_[++history_at_];
  reveal_event = true;
}

std::string Observer::address() const {
  std::string text = "obs://" + picture().run.name + "#seq=" + std::to_string(picture().moment);
  const ProcessRow* process = focused_process();
  if (process != nullptr) text += "&pid=" + process->pid;
  if (focus_.event != 0) text += "&event=" + std::to_string(focus_.event);
  return text;
}

std::string Observer::read_out() const {
  const Picture& seen = picture();
  std::string text = "At " + format_time(seen.time_ns) + ", event " + format_count(seen.moment) +
                     " of " + format_count(seen.extent.last) + ".";
  const ProcessRow* process = focused_process();
  if (process != nullptr) {
    text += " " + process->name + " " + process->pid + ": " +
            why(*process, seen.processes, seen.time_ns);
  }
  if (seen.event) text += " " + sentence(*seen.event);
  return text;
}

bool Observer::is_playing() const {
  const LiveStatus& live = picture().live;
  if (live.is_live && focus_.is_latest) return live.is_running && !live.is_finished;
  return is_playing_;
}

void Observer::run_live(bool running) {
  desk_.run([running](Source& source) -> Continuation {
    if (source.control() != nullptr) source.control()->set_running(running);
    return nullptr;
  });
}

void Observer::toggle_playing() {
  if (is_live() && focus_.is_latest) {
    run_live(!picture().live.is_running);
    return;
  }
  is_playing_ = !is_playing_;
  const Picture& seen = picture();
  bool at_end = seen.moment >= seen.extent.last;
  play_time_ns_ = static_cast<double>(at_end ? seen.extent.begin_ns : seen.time_ns);
}

void Observer::play(double seconds) {
  if (is_seeking_) return;
  play_time_ns_ += seconds * speed() * 1e9;
  std::int64_t time_ns = static_cast<std::int64_t>(play_time_ns_);
  if (time_ns >= picture().extent.end_ns) {
    go_to_latest();
    return;
  }
  is_seeking_ = true;
  desk_.run([time_ns](Source& source) -> Continuation {
    Moment moment = source.moment_at(time_ns);
    return [moment](Observer& observer) {
      observer.is_seeking_ = false;
      // Playing is one visit, not one a frame: it leaves no trail in the history.
      observer.focus_.moment = moment;
      observer.focus_.is_latest = false;
      observer.reveal_event = true;
    };
  });
}

double Observer::speed() const {
  return speeds[speed_index_];
}

void Observer::change_speed(Direction direction) {
  if (direction == Direction::forward && speed_index_ + 1 < speeds.size()) ++speed_index_;
  if (direction == Direction::back && speed_index_ > 0) --speed_index_;
}

void Observer::next_scope() {
  scope_ = scope_ == StepScope::run       ? StepScope::process
           : scope_ == StepScope::process ? StepScope::node
                                          : StepScope::run;
}

void Observer::change_scale(float factor) {
  scale_factor = factor == 0 ? 1 : std::clamp(scale_factor * factor, 0.75F, 3.0F);
}

void Observer::open(Overlay overlay, std::string text) {
  overlay_ = overlay;
  palette = {.text = std::move(text), .selected = 0, .is_accepted = false};
}

void Observer::clear() {
  bool shows_events = view_ == ViewName::messages || view_ == ViewName::crashes;
  if (!notice.empty()) {
    notice.clear();
  } else if (focus_.event != 0) {
    Focus next = focus_;
    next.event = 0;
    move(next);
  } else if (!processes.filter.empty() && !shows_events) {
    processes.filter.clear();
  } else if (!messages.text.empty() && shows_events) {
    messages.text.clear();
  } else {
    select_process(0);
  }
}

void Observer::toggle_fold(ProcessKey process) {
  if (processes.folded.erase(process) == 0) processes.folded.insert(process);
}

void Observer::kill_process() {
  ProcessKey process = focus_.process;
  desk_.run([process](Source& source) -> Continuation {
    if (source.control() == nullptr) return nullptr;
    runtime::Result<void> done = source.control()->kill(process);
    if (done.ok()) return nullptr;
    return [what = done.error().what](Observer& observer) { observer.notice = what; };
  });
}

void Observer::toggle_cut(std::uint16_t a, std::uint16_t b) {
  desk_.run([a, b](Source& source) -> Continuation {
    Control* control = source.control();
    if (control == nullptr) return nullptr;
    bool cut = !control->is_cut(a, b);
    runtime::Result<void> done = control->set_cut(a, b, cut);
    if (done.ok()) return nullptr;
    return [what = done.error().what](Observer& observer) { observer.notice = what; };
  });
}

const ProcessList& Observer::process_list() {
  bool has_options = list_options_ == processes;
  bool is_due = is_held_ && !holds_rows;
  if (list_picture_ == desk_.picture() && has_options && !is_due) return list_;
  std::shared_ptr<const Picture> before = std::exchange(list_picture_, desk_.picture());
  const ProcessTable& table = list_picture_->processes;
  ProcessList fresh = list_processes(table, list_picture_->run.nodes, processes);
  // A run that goes on moves rows; a person who goes elsewhere or changes the view may.
  is_held_ = holds_rows && has_options && before != nullptr && is_live() && focus_.is_latest;
  list_ =
      is_held_ ? hold_rows(list_, before->processes, std::move(fresh), table) : std::move(fresh);
  list_options_ = processes;
  return list_;
}

void Observer::show_event_rows(std::size_t first, std::size_t count) {
  // A little more than is seen, asked for in steps, so that a scroll does not ask every frame.
  constexpr std::size_t block = 32;
  first_row_ = first / block * block;
  first_row_ = first_row_ >= block ? first_row_ - block : 0;
  rows_ = (count / block + 4) * block;
}

}  // namespace glasshouse::gui

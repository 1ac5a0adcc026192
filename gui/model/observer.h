#pragma once
// The state of the observer's window and everything that can be done to it, without any drawing.
//
// There is one Focus. Every view is a function of the focus, the picture of the run at its moment,
// and the view's own options; a click, a key or a search hit only moves the focus, and all views
// follow.
//
// Threads: the UI thread only.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gui/frame/theme.h"
#include "gui/frame/walk.h"
#include "gui/model/desk.h"
#include "gui/model/process_list.h"
#include "gui/model/source.h"
#include "tracing/answers.h"

namespace glasshouse::gui {

enum class ViewName : std::uint8_t { processes, supervision, messages, crashes };
inline constexpr std::array all_views = {ViewName::processes, ViewName::supervision,
                                         ViewName::messages, ViewName::crashes};
std::string_view view_word(ViewName view);

enum class Overlay : std::uint8_t { none, palette, help, leader };

struct Focus {
  Moment moment = 0;
  bool is_latest = true;  // stays at the newest moment
  ProcessKey process = 0;
  Moment event = 0;
  friend bool operator==(const Focus&, const Focus&) = default;
};

struct PaletteState {
  std::string text;
  std::size_t selected = 0;
  bool is_accepted = false;  // the selected entry is done in the next frame
};

// Groups of kinds, as bits.
using EventGroups = std::uint32_t;
constexpr EventGroups group_bit(tracing::KindGroup group) {
  return EventGroups{1} << static_cast<int>(group);
}
// What people look for first.
inline constexpr EventGroups default_event_groups =
    group_bit(tracing::KindGroup::process) | group_bit(tracing::KindGroup::message) |
    group_bit(tracing::KindGroup::signal) | group_bit(tracing::KindGroup::notable);

struct MessageOptions {
  std::string text;
  EventGroups groups = default_event_groups;
  bool only_process = false;  // of the focus
  bool follows = true;        // the list stays at the moment
};

class Observer {
 public:
  Observer(std::unique_ptr<Source> source, Desk::Mode mode);

  // Once a frame: takes over answers, moves on when playing, asks for what is shown next.
  void update(double seconds);

  const Picture& picture() const { return *desk_.picture(); }
  bool is_busy() const { return desk_.is_busy(); }
  // Whether the next frame may differ although nobody touches anything.
  bool is_moving() const;

  // Moving the focus. Each adds to the history.
  void go_to(Moment moment);
  void go_to_time(std::int64_t time_ns);
  void go_to_first();
  void go_to_latest();
  void select_process(ProcessKey process);
  void select_event(Moment moment);  // and go there
  void step(Direction direction, StepScope scope);
  void step_notable(Direction direction);
  void select_cause();
  void select_effect();
  void select_row(Direction direction);  // the next row of the list in view
  void go_back();
  void go_forward();
  bool can_go_back() const { return history_at_ > 0; }
  bool can_go_forward() const { return history_at_ + 1 < history_.size(); }

  // As text, so that it can be sent: obs://kv#seq=120&pid=<1.4.0>.
  std::string address() const;
  // The focus in one sentence.
  std::string read_out() const;

  void show(ViewName view) { view_ = view; }
  void toggle_playing();
  void change_speed(Direction direction);
  void next_scope();
  void toggle_theme() { theme = other(theme); }
  void change_scale(float factor);
  void open(Overlay overlay, std::string text = {});
  void close_overlay() { overlay_ = Overlay::none; }
  void clear();  // what Escape does: one thing less on the screen
  void toggle_fold(ProcessKey process);

  // Live runs. Failures become a notice.
  bool is_live() const { return picture().live.is_live; }
  void kill_process();
  void toggle_cut(std::uint16_t a, std::uint16_t b);
  void run_live(bool running);

  ViewName view() const { return view_; }
  Overlay overlay() const { return overlay_; }
  const Focus& focus() const { return focus_; }
  StepScope scope() const { return scope_; }
  bool is_playing() const;
  double speed() const;
  const ProcessRow* focused_process() const { return picture().processes.find(focus_.process); }
  // The rows of the process table, made anew when picture or options have changed.
  // Under the pointer rows keep their places as the run goes on, and new ones come to the end.
  const ProcessList& process_list();
  void settle_rows() { list_picture_ = nullptr; }

  // Options of the views, freely changed by them.
  ThemeName theme = ThemeName::dark;
  float scale_factor = 1;
  ProcessListOptions processes;
  MessageOptions messages;
  PaletteState palette;
  bool wants_filter = false;     // the filter box takes the keyboard in the next frame
  bool wants_clipboard = false;  // the address is copied in the next frame
  bool reduces_motion = true;
  std::string notice;            // what could not be done, until something else is done
  std::string widget;            // on which the keyboard stands; empty: on none
  Walk wants_walk = Walk::none;  // of the keyboard, at the end of this frame
  bool wants_press = false;      // the widget is pressed in the next frame
  bool holds_rows = false;  // the pointer is on the process table: its rows stay where they are
  ProcessKey reveal_process = 0;  // scroll there in the next frame
  bool reveal_event = false;

  // The rows of the event list that are on the screen.
  void show_event_rows(std::size_t first, std::size_t count);

 private:
  void move(const Focus& focus);
  void set_moment(Moment moment);
  Query query() const;
  void play(double seconds);

  Desk desk_;
  ViewName view_ = ViewName::processes;
  Overlay overlay_ = Overlay::none;
  Focus focus_;
  std::vector<Focus> history_;
  std::size_t history_at_ = 0;
  StepScope scope_ = StepScope::run;
  bool is_playing_ = false;
  bool is_seeking_ = false;
  double play_time_ns_ = 0;
  int pending_steps_ = 0;
  std::shared_ptr<Moment> reached_ = std::make_shared<Moment>();  // by the last step; the worker's
  std::size_t speed_index_ = 0;
  std::size_t first_row_ = 0;
  std::size_t rows_ = 60;
  EventFilter shown_filter_;

  ProcessList list_;
  bool is_held_ = false;  // the list is not in its order
  ProcessListOptions list_options_;
  std::shared_ptr<const Picture> list_picture_;
};

}  // namespace glasshouse::gui

#pragma once
// A socket through which tests of the whole program, and other programs, can see what the window
// shows: where widgets are, what the state is, a picture. One request a line:
//
//   items              one line "ID X Y W H" for each widget that can be seen
//   state NAME         a value that scripts know, such as `view`
//   frame N            answers when N more frames were drawn
//   shot FILE.png      writes a picture
//   quit               closes the window
//
// Each answer ends with a line "ok" or "error WHY".
//
// Threads: the UI thread; nothing blocks.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/base/result.h"

namespace glasshouse::gui {

class ObserverApp;

class Automation {
 public:
  // Listens on a Unix socket; a stale one of that name is replaced.
  static runtime::Result<std::unique_ptr<Automation>> listen(const std::string& path);
  ~Automation();
  Automation(const Automation&) = delete;
  Automation& operator=(const Automation&) = delete;

  // Once a frame; true when something was asked.
  bool serve(ObserverApp& app);
  bool wants_to_quit() const { return wants_to_quit_; }

 private:
  Automation(int socket, std::string path) : socket_(socket), path_(std::move(path)) {}
  void answer(std::string_view request, ObserverApp& app);
  void send(const std::string& text) const;
  void hang_up();

  int socket_;
  int peer_ = -1;
  std::string path_;
  std::string received_;
  int frames_to_wait_ = 0;
  bool wants_to_quit_ = false;
};

}  // namespace glasshouse::gui

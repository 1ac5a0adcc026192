#include "gui/app/automation.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "gui/app/observer_app.h"

namespace glasshouse::gui {
namespace {

constexpr std::size_t request_bytes_max = 4'096;

}  // namespace

runtime::Result<std::unique_ptr<Automation>> Automation::listen(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return runtime::Error("the path of the automation socket is empty or too long: " + path);
  }
  std::memcpy(address.sun_path, path.c_str(), path.size());
  struct stat old {};
  if (::lstat(path.c_str(), &old) == 0) {
    if (!S_ISSOCK(old.st_mode)) {
      return runtime::Error(path + " is there and is no socket; name another path");
    }
    ::unlink(path.c_str());
  }
  int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  bool is_bound = socket >= 0 &&
                  ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  if (!is_bound || ::listen(socket, 1) != 0) {
    const std::string why = std::strerror(errno);
    if (socket >= 0) ::close(socket);
    return runtime::Error("cannot listen on " + path + ": " + why);
  }
  return std::unique_ptr<Automation>(new Automation(socket, path));
}

Automation::~Automation() {
  hang_up();
  ::close(socket_);
  ::unlink(path_.c_str());
}

void Automation::hang_up() {
  if (peer_ >= 0) ::close(peer_);
  peer_ = -1;
  received_.clear();
  frames_to_wait_ = 0;
}

void Automation::send(const std::string& text) const {
  std::string_view rest = text;
  while (!rest.empty()) {
    ssize_t sent = ::send(peer_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent <= 0 && errno != EAGAIN) return;
    if (sent > 0) rest.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Automation::answer(std::string_view request, ObserverApp& app) {
  std::size_t space = std::min(request.find(' '), request.size());
  std::string_view verb = request.substr(0, space);
  std::string word(request.substr(std::min(space + 1, request.size())));
  if (verb == "items") {
    std::string lines;
    for (const auto& [id, mark] : app.probe().marks()) {
      if (mark.visible.is_empty()) continue;
      const Box& box = mark.visible;
      for (float number : {box.left, box.top, box.right - box.left, box.bottom - box.top}) {
        lines += std::to_string(static_cast<int>(number)) + " ";
      }
      lines += id + "\n";
    }
    send(lines + "ok\n");
  } else if (verb == "state") {
    runtime::Result<std::string> value = app.value(word);
    send(value.ok() ? *value + "\nok\n" : "error " + value.error().what + "\n");
  } else if (verb == "shot") {
    runtime::Result<void> done = app.shot(word);
    send(done.ok() ? "ok\n" : "error " + done.error().what + "\n");
  } else if (verb == "frame") {
    frames_to_wait_ = std::max(1, std::atoi(word.c_str()));
  } else if (verb == "quit") {
    wants_to_quit_ = true;
    send("ok\n");
  } else {
    send("error there is no request \"" + std::string(verb) + "\"\n");
  }
}

bool Automation::serve(ObserverApp& app) {
  if (frames_to_wait_ > 0) {
    if (--frames_to_wait_ == 0) send("ok\n");
    return true;
  }
  if (peer_ < 0) peer_ = ::accept4(socket_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (peer_ < 0) return false;
  std::array<char, 1'024> buffer{};
  ssize_t got = ::recv(peer_, buffer.data(), buffer.size(), 0);
  bool is_closed = got == 0 || (got < 0 && errno != EAGAIN);
  if (got > 0) received_.append(buffer.data(), static_cast<std::size_t>(got));
  bool was_asked = false;
  for (std::size_t end = received_.find('\n'); end != std::string::npos && frames_to_wait_ == 0;
       end = received_.find('\n')) {
    std::string request = received_.substr(0, end);
    received_.erase(0, end + 1);
    answer(request, app);
    was_asked = true;
  }
  if (is_closed || received_.size() > request_bytes_max) hang_up();
  return was_asked;
}

}  // namespace glasshouse::gui

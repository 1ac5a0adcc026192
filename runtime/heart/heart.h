#pragma once
// heart: the process of a node that keeps glasshouse-heart from killing it.
//
//   const auto line = take_heart_line();            // main(), before the node
//   ...
//   if (line) spec.children.push_back({.id = "heart"_atom, .start = heart::child(line.get())});
//
// It sends a beat at once and then four in each time-out, as long as processes of the node run. So
// a node whose workers are all held, or which was stopped, is silent, and is killed and started
// again. With a callback each beat is also a question: a registered server that answers HeartCheck
// with true, in time; without that answer there is no beat.
//
// Both worlds: a HeartLine of a test's own takes the place of the socket. The process is called
// `heart`; there is one a node. OTP: kernel's heart.

#include <optional>
#include <string>

#include "runtime/behaviour/gen_server.h"
#include "runtime/heart/heart_line.h"

namespace glasshouse::runtime {

// Asked of the callback's server before each beat.
struct HeartCheck {
  using Reply = bool;
};

struct HeartBeat {};
struct SetHeartCommand {
  using Reply = Term;
  std::string command;
};
struct GetHeartCommand {
  using Reply = std::string;
};
struct ClearHeartCommand {
  using Reply = void;
};
struct SetHeartCallback {
  using Reply = void;
  Atom server;  // undefined: none
};
struct GetHeartCallback {
  using Reply = Atom;
};

class Heart {
 public:
  using Accepts = Messages<HeartBeat, SetHeartCommand, GetHeartCommand, ClearHeartCommand,
                           SetHeartCallback, GetHeartCallback>;

  static constexpr std::int64_t beats_in_timeout = 4;

  // REQUIRES: `line` outlives the node.
  Heart(Self self, HeartLine* line);

  Task<void> handle(HeartBeat);
  Term handle(SetHeartCommand set);
  std::string handle(GetHeartCommand) const { return command_; }
  void handle(ClearHeartCommand);
  void handle(SetHeartCallback set) { callback_ = set.server; }
  Atom handle(GetHeartCallback) const { return callback_; }
  Term describe() const;

 private:
  Task<bool> is_well();

  Self self_;
  HeartLine* line_;
  Duration period_;
  std::string command_;
  Atom callback_;
};

namespace heart {

// As a child of a supervisor, under its name.
StartFunction child(HeartLine* line);

// What glasshouse-heart runs, with sh -c, instead of starting the node's program again. ok, or
// {error, {bad_cmd, Command}} if it is empty or longer than 2047 bytes: then the old one stays.
// OTP: heart:set_cmd/1.
Call<SetHeartCommand> set_cmd(Self self, std::string command);
// Empty: none. OTP: heart:get_cmd/0.
Call<GetHeartCommand> get_cmd(Self self);
// The program again. OTP: heart:clear_cmd/0.
Call<ClearHeartCommand> clear_cmd(Self self);
// Who is asked before each beat. OTP: heart:set_callback/2, with a module and a function.
Call<SetHeartCallback> set_callback(Self self, Atom server);
Call<GetHeartCallback> get_callback(Self self);
Call<SetHeartCallback> clear_callback(Self self);

}  // namespace heart

}  // namespace glasshouse::runtime

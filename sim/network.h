#pragma once
// The network of a simulated world: byte streams between hosts under virtual time. What TCP shows
// its users is kept: order, flow control, queues that fill, connections that are refused, reset,
// half-open or silent. What it hides (packets, acknowledgements) is only a time.
//
//   send ──▶ queue ──window──▶ flight ──latency, in order──▶ arrived ──credit──▶ Bytes
//
// A connection has two sockets, numbered 2k at the side that connected and 2k + 1 at the other: in
// a trace the peer of a socket is its number with the lowest bit flipped.
//
// The input and output of a simulated program (program.h) are such connections within one host,
// each used in one way; here they are called pipes.
//
// One thread.

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/io/byte_streams.h"
#include "runtime/node/decisions.h"
#include "runtime/observe/event.h"
#include "sim/agenda.h"
#include "sim/fifo.h"
#include "sim/flat_counts.h"
#include "sim/hosts.h"
#include "sim/link.h"
#include "sim/program.h"

namespace glasshouse::sim {

using runtime::Atom;
using runtime::Binary;
using runtime::Choice;
using runtime::Pid;
using runtime::Socket;

// What a fault does to one direction between two hosts, on top of how the link is.
struct LinkFault {
  enum class What : std::uint8_t { latency, stall, reset, split, bandwidth };
  What what = What::latency;
  std::uint64_t key = 0;    // stable: the entity of its draws
  std::string_view kind{};  // "net.stall", to be counted
  Distribution time{};
  Ratio chance{};
  std::uint64_t bytes_per_second = 0;
};

class SimByteStreams final : public runtime::ByteStreams {
 public:
  struct World {
    Agenda& agenda;
    runtime::Decisions& decide;
    Hosts& hosts;
    std::function<void(std::string_view kind)> fired;  // a fault did something
  };
  SimByteStreams(World world, NetworkOptions options);
  ~SimByteStreams() override;

  // -- the seam ---------------------------------------------------------------------------------

  runtime::Result<Listening> listen(runtime::Node& node, Pid owner,
                                    const runtime::Endpoint& at) override;
  Socket connect(runtime::Node& node, Pid owner, const runtime::Endpoint& to) override;
  runtime::Result<runtime::RunningProgram> start_program(
      runtime::Node& node, Pid owner, const runtime::ProgramOptions& options) override;
  bool send(Socket socket, Binary bytes) override;
  void credit(Socket socket, std::size_t amount) override;
  void give(Socket socket, Pid owner) override;
  void close(Socket socket) override;
  void owner_exited(runtime::Node& node, Pid owner) override;

  // -- for the world ----------------------------------------------------------------------------

  // An entry of the agenda that means nothing any more.
  bool is_stale(const Due& due) const;
  void arrive(const Due& due);
  void lose_patience(const Due& due);

  void host_added();
  void set_link(std::uint16_t from, std::uint16_t to, const LinkOptions& options);
  // REQUIRES of both: before the node object is destroyed.
  void power_cut(const NodeSlot& slot);
  void process_died(const NodeSlot& slot);
  void restarted(const NodeSlot& slot);

  // On every host. One of the same path before it is replaced.
  void add_program(std::string path, ProgramMain main);
  // The process of a program has ended.
  void program_exited(Socket output, std::int32_t status);

  // -- for faults -------------------------------------------------------------------------------

  // Cuts add up: a way is open again when all of its cuts are healed.
  // `kind` names the fault, to be counted when it holds something back.
  void cut(std::uint16_t from, std::uint16_t to, std::string_view kind);
  void heal(std::uint16_t from, std::uint16_t to, std::string_view kind);
  bool is_cut(std::uint16_t from, std::uint16_t to) const { return !paths_[from][to].cuts.empty(); }
  void add_fault(std::uint16_t from, std::uint16_t to, const LinkFault& fault);
  void remove_fault(std::uint16_t from, std::uint16_t to, std::uint64_t key);
  // Open connections between the two, in either direction; how many.
  std::size_t reset_connections(std::uint16_t one, std::uint16_t other);
  // Something in the middle forgets them: who sends next is reset, who waits hears nothing.
  std::size_t forget_connections(std::uint16_t one, std::uint16_t other);
  enum class Welcome : std::uint8_t { as_usual, refused, unanswered };
  void set_welcome(std::uint16_t host, Welcome welcome) { welcomes_[host] = welcome; }

  std::size_t open_connections() const;

 private:
  enum class SegmentKind : std::uint8_t { data, fin, reset, syn, syn_ack, refusal, window };
  struct Segment {
    Instant arrival;
    Binary bytes;
    SegmentKind kind = SegmentKind::data;
  };
  // From one end to the other.
  struct Way {
    std::uint64_t key = 0;  // stable: the entity of its draws
    Fifo<Binary> queue;
    std::size_t queued = 0;  // bytes in `queue`
    Fifo<Segment> flight;
    std::size_t outstanding = 0;  // bytes in `flight` or arrived and not consumed
    Instant last_arrival;
    Instant due = Instant::max();       // the planned arrival; others are stale
    Instant patience = Instant::max();  // when its sender gives up; others are stale
    bool over_high = false;
    bool fin_wanted = false;  // after the queue
    bool held = false;        // by a cut
    bool unanswered = false;  // by a host without power
  };
  enum class EndState : std::uint8_t {
    none,        // nobody there yet
    connecting,  //
    backlog,     // connected, but its listener has no credit
    open,        //
    closed,      // its owner closed it, or was told Closed
    vanished,    // its power was cut: it knows nothing any more
  };
  struct End {
    EndState state = EndState::none;
    std::uint16_t slot = 0;
    std::uint16_t host = 0;
    std::uint32_t creation = 0;
    Pid owner;
    std::size_t credit = 0;
    Fifo<Binary> arrived;
    bool fin_arrived = false;
  };
  struct Connection {
    std::uint64_t number = 0;  // of its first socket; 0: this place is free
    std::uint16_t port = 0;
    bool unreachable = false;  // no such host
    bool forgotten = false;
    bool is_pipe = false;
    std::array<End, 2> ends;
    std::array<Way, 2> ways;  // ways[i] leads from ends[i] to ends[1 - i]
  };
  struct Listener {
    std::uint64_t number = 0;
    std::uint16_t host = 0;
    std::uint16_t port = 0;
    std::uint16_t slot = 0;
    std::uint32_t creation = 0;
    Pid owner;
    std::size_t credit = 0;
    Fifo<std::uint64_t> backlog;  // server sockets
  };
  // A program, as seen from its port.
  struct Running {
    Socket input;
    std::uint16_t slot = 0;
    std::uint32_t creation = 0;
    Pid owner;
    Pid keeper;
    bool output_ended = false;
    bool dismissed = false;
    std::optional<std::int32_t> status{};  // once it has exited
  };
  using RunningPrograms = std::map<std::uint64_t, Running>;  // by the port's end of its output
  static constexpr std::int64_t first_os_pid = 1000;

  struct Path {
    LinkOptions options;
    std::vector<LinkFault> faults;
    Instant free_at;  // when what was sent so far has left, with limited bandwidth
    std::vector<std::string_view> cuts;  // the kinds of the faults that cut it
  };
  // One side of a connection.
  struct Side {
    Connection* connection = nullptr;
    std::size_t at = 0;
    End& end() const { return connection->ends[at]; }
    End& other() const { return connection->ends[1 - at]; }
    Way& way() const { return connection->ways[at]; }  // leads away from here
    Way& way_here() const { return connection->ways[1 - at]; }
    Side turned() const { return {connection, 1 - at}; }
    std::uint64_t number() const { return connection->number + at; }
  };

  // network.cpp: sockets and their owners
  std::uint64_t new_number();
  Connection& new_connection();
  std::optional<Side> find(std::uint64_t number) const;
  Listener* find_listener(std::uint64_t number);
  Listener* listener_at(std::uint16_t host, std::uint16_t port);
  std::optional<std::uint16_t> resolve(std::string_view host, std::uint16_t from) const;
  void own(std::uint64_t number, std::uint16_t slot, Pid owner);
  bool can_own(std::uint16_t slot, Pid owner) const;
  void disown(std::uint64_t number, std::uint16_t slot, Pid owner);
  void close_listener(Listener& listener);
  void close_by_owner(Side side);
  void release_if_over(Connection& connection);
  template <class M, class... Args>
  bool deliver(const End& end, Args&&... args);
  void tell(const End& end, runtime::EventKind kind, runtime::Event event,
            std::string_view text = {}) const;
  void tell_fault(Side side, Atom what, std::string_view kind);
  std::uint64_t owner_key(std::uint16_t slot, Pid owner) const;

  // program.cpp: programs
  Side open_pipe(runtime::Node& node, Pid owner, std::string_view path);
  void output_ended(std::uint64_t number);
  void tell_if_exited(RunningPrograms::iterator place);
  void dismiss(RunningPrograms::iterator place);
  void dismiss_all_of(std::uint16_t slot, Pid owner);
  void forget_programs(std::uint16_t slot);

  // travel.cpp: what moves
  void pump(Side side);
  void transmit(Side side, SegmentKind kind, Binary bytes = {});
  void transmit_data(Side side, Binary bytes);
  void put_in_flight(Side side, Segment segment);
  Instant arrival_of(Side side, std::size_t bytes);
  Duration extra_time(Side side, Path& path);
  std::optional<std::uint64_t> chance_taken(Side side, Choice choice, Ratio chance);
  void plan(Side side);
  void receive(Side side, Segment segment);
  void receive_data(Side side, Binary bytes);
  void receive_syn(Side side);
  void accept(Listener& listener, Side side);
  void flush(Side side);
  void close_end(Side side, Atom reason);
  bool answer_for_absent(Side side);
  void be_patient(Side side, Duration time);

  // trouble.cpp: cuts, crashes
  void retransmit(Side side);
  template <class Visit>
  void for_each_between(std::uint16_t one, std::uint16_t other, Visit visit);

  Path& path_of(Side side) { return paths_[side.end().host][side.other().host]; }

  World world_;
  NetworkOptions options_;
  std::vector<std::vector<Path>> paths_;  // [from][to]
  std::vector<Welcome> welcomes_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> place_of_;  // by number / 2: in connections_, or nowhere
  std::map<std::pair<std::uint16_t, std::uint16_t>, Listener> listeners_;  // by host, port
  std::map<std::uint64_t, std::vector<std::uint64_t>> owned_;  // by process key: sockets
  FlatCounts connects_;                                        // by process key
  std::vector<std::uint16_t> next_port_;                       // by host
  std::map<std::string, ProgramMain, std::less<>> programs_;   // by path
  RunningPrograms running_;
};

}  // namespace glasshouse::sim

#pragma once
// RESP2, the Redis protocol: commands in, replies out, and the other way round for clients. Bytes
// come in any pieces. Plain values; one thread at a time.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace glasshouse::scenarios::kv {

// What a client may send. Beyond it the answer is a protocol error and the connection ends, as
// Redis does (with larger bounds).
inline constexpr std::size_t bulk_bytes_max = 1 << 20;     // one key or value
inline constexpr std::size_t arguments_max = 16 << 10;     // of one command
inline constexpr std::size_t command_bytes_max = 4 << 20;  // all of it, with its framing
inline constexpr std::size_t line_bytes_max = 64 << 10;    // an inline command, or a length

// Cuts a stream of bytes into commands: arrays of bulk strings, or inline commands (words on a
// line, with quotes as redis-cli has them).
class CommandParser {
 public:
  enum class Status : std::uint8_t { command, need_more, broken };

  void feed(std::string_view bytes);
  // `command`: arguments() are those of the next one, never none. `broken`: error() says why, for
  // good.
  Status next();
  // Valid until the next call of next or feed.
  const std::vector<std::string_view>& arguments() const { return arguments_; }
  // As Redis words it: "Protocol error: invalid bulk length".
  const std::string& error() const { return error_; }
  // Bytes fed and not yet part of a command that was returned.
  std::size_t pending_bytes() const { return buffer_.size() - begin_; }

 private:
  struct Span {
    std::size_t offset = 0;  // from begin_
    std::size_t size = 0;
  };

  Status break_off(std::string why);
  std::optional<std::string_view> take_line();
  Status next_array();
  Status next_inline();
  Status begin_array();
  Status begin_bulk();
  Status take_bulk();
  bool split_words(std::string_view line);
  void drop_done();

  std::string buffer_;
  std::size_t begin_ = 0;           // of the command at hand
  std::size_t at_ = 0;              // what is before it is understood
  std::size_t arguments_left_ = 0;  // 0: between commands
  std::optional<std::size_t> bulk_size_;
  std::vector<Span> spans_;
  std::vector<std::string> words_;
  std::vector<std::string_view> arguments_;
  std::string error_;
};

// Replies, added to the end of `out`.
void append_simple(std::string& out, std::string_view text);    // +OK
void append_error(std::string& out, std::string_view message);  // -ERR ...; line ends become spaces
void append_integer(std::string& out, std::int64_t number);
void append_bulk(std::string& out, std::string_view bytes);
void append_nil(std::string& out);
void append_array(std::string& out, std::size_t elements);  // its elements follow
// A command as an array of bulk strings.
void append_command(std::string& out, const std::vector<std::string_view>& arguments);

struct Reply {
  enum class Kind : std::uint8_t { simple, error, integer, bulk, nil, array };
  Kind kind = Kind::nil;
  std::string text{};  // simple, error, bulk
  std::int64_t number = 0;
  std::vector<Reply> elements{};
};

inline constexpr int reply_depth_max = 8;

// Cuts a stream of bytes into replies, for clients.
class ReplyParser {
 public:
  void feed(std::string_view bytes) { buffer_.append(bytes); }
  // Nothing: more bytes are needed, or the stream is broken.
  std::optional<Reply> next();
  bool is_broken() const { return broken_; }

 private:
  std::optional<Reply> parse(std::size_t& at, int depth);
  std::optional<Reply> break_off();
  std::optional<Reply> parse_bulk(std::size_t& at, std::int64_t size);
  std::optional<Reply> parse_array(std::size_t& at, std::int64_t count, int depth);

  std::string buffer_;
  std::size_t begin_ = 0;
  bool broken_ = false;
};

// A whole decimal number of 64 bits without sign +, leading zeros or spaces, as Redis reads them.
std::optional<std::int64_t> parse_integer(std::string_view text);

}  // namespace glasshouse::scenarios::kv

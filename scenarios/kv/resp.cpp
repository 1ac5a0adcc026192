#include "scenarios/kv/resp.h"

#include <charconv>

#include "runtime/base/check.h"

namespace glasshouse::scenarios::kv {

namespace {

constexpr std::string_view line_end = "\r\n";

bool is_space(char letter) {
  return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n' || letter == '\v' ||
         letter == '\f' || letter == '\0';
}

int hex_digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
  return -1;
}

// One word of an inline command, starting at the front of `rest`. False: quotes do not balance.
class WordReader {
 public:
  explicit WordReader(std::string_view rest) : rest_(rest) {}

  bool read(std::string& word) {
    while (!rest_.empty() && !is_space(rest_.front())) {
      const char letter = rest_.front();
      if (letter == '"' || letter == '\'') {
        if (!read_quoted(letter, word)) return false;
        if (!rest_.empty() && !is_space(rest_.front())) return false;
      } else {
        word.push_back(letter);
        rest_.remove_prefix(1);
      }
    }
    return true;
  }
  std::string_view rest() const { return rest_; }

 private:
  bool read_quoted(char quote, std::string& word) {
    rest_.remove_prefix(1);
    while (!rest_.empty() && rest_.front() != quote) {
      if (rest_.front() != '\\' || rest_.size() < 2) {
        word.push_back(rest_.front());
        rest_.remove_prefix(1);
      } else if (quote == '\'') {
        // Only \' is an escape here.
        if (rest_[1] == '\'') rest_.remove_prefix(1);
        word.push_back(rest_.front());
        rest_.remove_prefix(1);
      } else {
        read_escape(word);
      }
    }
    if (rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void read_escape(std::string& word) {
    if (rest_.size() >= 4 && rest_[1] == 'x' && hex_digit(rest_[2]) >= 0 &&
        hex_digit(rest_[3]) >= 0) {
      word.push_back(static_cast<char>(hex_digit(rest_[2]) * 16 + hex_digit(rest_[3])));
      rest_.remove_prefix(4);
      return;
    }
    switch (rest_[1]) {
      case 'n':
        word.push_back('\n');
        break;
      case 'r':
        word.push_back('\r');
        break;
      case 't':
        word.push_back('\t');
        break;
      case 'b':
        word.push_back('\b');
        break;
      case 'a':
        word.push_back('\a');
        break;
      default:
        word.push_back(rest_[1]);
    }
    rest_.remove_prefix(2);
  }

  std::string_view rest_;
};

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  const bool has_leading_zero = digits.starts_with('0') && text.size() > 1;
  if (digits.empty() || has_leading_zero) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

void CommandParser::feed(std::string_view bytes) {
  drop_done();
  buffer_.append(bytes);
}

// What was returned is not needed any more; moving the rest costs less than it was read for.
void CommandParser::drop_done() {
  if (begin_ == 0) return;
  buffer_.erase(0, begin_);
  at_ -= begin_;
  begin_ = 0;
}

CommandParser::Status CommandParser::break_off(std::string why) {
  error_ = "Protocol error: " + std::move(why);
  return Status::broken;
}

CommandParser::Status CommandParser::next() {
  if (!error_.empty()) return Status::broken;
  arguments_.clear();
  for (;;) {
    if (arguments_left_ > 0) return next_array();
    begin_ = at_;
    if (at_ == buffer_.size()) return Status::need_more;
    const Status status = buffer_[at_] == '*' ? begin_array() : next_inline();
    if (status != Status::command) return status;
    if (arguments_left_ == 0 && !arguments_.empty()) return Status::command;
    // Else it was an empty line or array, which Redis ignores, or the head of an array.
  }
}

// The line that begins at at_, without its end; moves behind it.
std::optional<std::string_view> CommandParser::take_line() {
  const auto end = buffer_.find(line_end, at_);
  if (end == std::string::npos) return std::nullopt;
  const std::string_view line(buffer_.data() + at_, end - at_);
  at_ = end + line_end.size();
  return line;
}

CommandParser::Status CommandParser::begin_array() {
  const auto line = take_line();
  if (!line) {
    if (buffer_.size() - at_ > line_bytes_max) return break_off("too big mbulk count string");
    return Status::need_more;
  }
  const auto count = parse_integer(line->substr(1));
  if (!count || *count > static_cast<std::int64_t>(arguments_max)) {
    return break_off("invalid multibulk length");
  }
  if (*count > 0) arguments_left_ = static_cast<std::size_t>(*count);
  spans_.clear();
  return Status::command;
}

CommandParser::Status CommandParser::next_array() {
  while (arguments_left_ > 0) {
    const Status status = bulk_size_ ? take_bulk() : begin_bulk();
    if (status != Status::command) return status;
    if (at_ - begin_ > command_bytes_max) return break_off("too big command");
  }
  for (const Span& span : spans_)
    arguments_.emplace_back(buffer_.data() + begin_ + span.offset, span.size);
  begin_ = at_;
  return Status::command;
}

CommandParser::Status CommandParser::begin_bulk() {
  if (at_ == buffer_.size()) return Status::need_more;
  if (buffer_[at_] != '$') {
    const char got = buffer_[at_];
    return break_off(std::string("expected '$', got '") + got + "'");
  }
  const auto line = take_line();
  if (!line) {
    if (buffer_.size() - at_ > line_bytes_max) return break_off("too big bulk count string");
    return Status::need_more;
  }
  const auto size = parse_integer(line->substr(1));
  if (!size || *size < 0 || *size > static_cast<std::int64_t>(bulk_bytes_max)) {
    return break_off("invalid bulk length");
  }
  bulk_size_ = static_cast<std::size_t>(*size);
  return Status::command;
}

CommandParser::Status CommandParser::take_bulk() {
  const std::size_t size = *bulk_size_;
  if (buffer_.size() - at_ < size + line_end.size()) return Status::need_more;
  if (std::string_view(buffer_).substr(at_ + size, line_end.size()) != line_end) {
    return break_off("expected a line end after the bulk");
  }
  spans_.push_back({.offset = at_ - begin_, .size = size});
  at_ += size + line_end.size();
  bulk_size_.reset();
  --arguments_left_;
  return Status::command;
}

CommandParser::Status CommandParser::next_inline() {
  const auto end = buffer_.find('\n', at_);
  const std::size_t size = (end == std::string::npos ? buffer_.size() : end) - at_;
  if (size > line_bytes_max) return break_off("too big inline request");
  if (end == std::string::npos) return Status::need_more;
  const std::string_view line = std::string_view(buffer_).substr(at_, size);
  at_ = end + 1;
  if (!split_words(line)) return break_off("unbalanced quotes in request");
  begin_ = at_;
  arguments_.assign(words_.begin(), words_.end());
  return Status::command;
}

bool CommandParser::split_words(std::string_view line) {
  words_.clear();
  for (;;) {
    while (!line.empty() && is_space(line.front()))
      line.remove_prefix(1);
    if (line.empty()) return true;
    WordReader reader(line);
    if (!reader.read(words_.emplace_back())) return false;
    line = reader.rest();
  }
}

void append_simple(std::string& out, std::string_view text) {
  out.push_back('+');
  out.append(text).append(line_end);
}

void append_error(std::string& out, std::string_view message) {
  out.push_back('-');
  for (const char letter : message)
    out.push_back(letter == '\r' || letter == '\n' ? ' ' : letter);
  out.append(line_end);
}

namespace {

void append_number(std::string& out, char kind, std::int64_t number) {
  char digits[24];
  digits[0] = kind;
  char* end = std::to_chars(digits + 1, digits + sizeof(digits), number).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out.append(digits, static_cast<std::size_t>(end - digits));
}

}  // namespace

void append_integer(std::string& out, std::int64_t number) {
  append_number(out, ':', number);
}

void append_bulk(std::string& out, std::string_view bytes) {
  append_number(out, '$', static_cast<std::int64_t>(bytes.size()));
  out.append(bytes).append(line_end);
}

void append_nil(std::string& out) {
  out.append("$-1\r\n");
}

void append_array(std::string& out, std::size_t elements) {
  append_number(out, '*', static_cast<std::int64_t>(elements));
}

void append_command(std::string& out, const std::vector<std::string_view>& arguments) {
  append_array(out, arguments.size());
  for (const std::string_view argument : arguments)
    append_bulk(out, argument);
}

std::optional<Reply> ReplyParser::next() {
  if (broken_) return std::nullopt;
  std::size_t at = begin_;
  std::optional<Reply> reply = parse(at, 0);
  if (reply) begin_ = at;
  if (begin_ == buffer_.size() || begin_ > bulk_bytes_max) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  return reply;
}

std::optional<Reply> ReplyParser::break_off() {
  broken_ = true;
  return std::nullopt;
}

std::optional<Reply> ReplyParser::parse(std::size_t& at, int depth) {
  const auto end = buffer_.find(line_end, at);
  if (end == std::string::npos) {
    return buffer_.size() - at > line_bytes_max ? break_off() : std::nullopt;
  }
  if (end == at || depth > reply_depth_max) return break_off();
  const char kind = buffer_[at];
  const std::string_view line = std::string_view(buffer_).substr(at + 1, end - at - 1);
  at = end + line_end.size();
  if (kind == '+') return Reply{.kind = Reply::Kind::simple, .text = std::string(line)};
  if (kind == '-') return Reply{.kind = Reply::Kind::error, .text = std::string(line)};
  const auto number = parse_integer(line);
  if (!number) return break_off();
  if (kind == ':') return Reply{.kind = Reply::Kind::integer, .number = *number};
  if (kind == '$') return parse_bulk(at, *number);
  if (kind == '*') return parse_array(at, *number, depth);
  return break_off();
}

std::optional<Reply> ReplyParser::parse_bulk(std::size_t& at, std::int64_t size) {
  if (size == -1) return Reply{.kind = Reply::Kind::nil};
  if (size < 0 || size > static_cast<std::int64_t>(bulk_bytes_max)) return break_off();
  const auto bytes = static_cast<std::size_t>(size);
  if (buffer_.size() - at < bytes + line_end.size()) return std::nullopt;
  if (std::string_view(buffer_).substr(at + bytes, line_end.size()) != line_end) {
    return break_off();
  }
  Reply reply{.kind = Reply::Kind::bulk, .text = buffer_.substr(at, bytes)};
  at += bytes + line_end.size();
  return reply;
}

std::optional<Reply> ReplyParser::parse_array(std::size_t& at, std::int64_t count, int depth) {
  if (count == -1) return Reply{.kind = Reply::Kind::nil};
  if (count < 0 || count > static_cast<std::int64_t>(arguments_max)) return break_off();
  Reply reply{.kind = Reply::Kind::array};
  for (std::int64_t i = 0; i < count; ++i) {
    auto element = parse(at, depth + 1);
    if (!element) return std::nullopt;
    reply.elements.push_back(std::move(*element));
  }
  return reply;
}

}  // namespace glasshouse::scenarios::kv

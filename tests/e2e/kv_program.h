#pragma once
// The store as a program of its own, and what it needs: a folder and a port.

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/catch.h"
#include "tests/e2e/child.h"

namespace glasshouse::scenarios::kv {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    path_ = (std::filesystem::temp_directory_path() / "glasshouse-e2e-XXXXXX").string();
    REQUIRE(mkdtemp(path_.data()) != nullptr);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// One that is free now.
inline std::uint16_t free_port() {
  const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(file, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  socklen_t size = sizeof(address);
  REQUIRE(::getsockname(file, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(file);
  return ntohs(address.sin_port);
}

// glasshouse run kv.lua --on multicore. Ready when constructed.
class Program {
 public:
  Program(const std::string& folder, std::uint16_t port, const std::string& kill_every = "0s",
          const std::vector<std::string>& more = {})
      : child(words(folder, port, kill_every, more)) {
    std::string printed;
    for (;;) {
      const std::string line = child.read_line();
      if (line.find("kv listens on") != std::string::npos) break;
      printed += line + "\n";
      INFO(printed);
      REQUIRE_FALSE(line.empty());
    }
  }
  Child child;

 private:
  static std::vector<std::string> words(const std::string& folder, std::uint16_t port,
                                        const std::string& kill_every,
                                        const std::vector<std::string>& more) {
    std::vector<std::string> all{GLASSHOUSE_PROGRAM,
                                 "run",
                                 SCENARIOS_FOLDER "/kv.lua",
                                 "--on",
                                 "multicore",
                                 "--data",
                                 folder,
                                 "--set",
                                 "port=" + std::to_string(port),
                                 "--set",
                                 "kill_every=" + kill_every};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

}  // namespace glasshouse::scenarios::kv

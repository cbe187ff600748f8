// 04_search as a user runs it: a process with arguments, what it says, how it ends. The build defines SEARCH_PROGRAM.
#pragma once
#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace petra_test {

struct surroundings {
  rlim_t most_file_bytes = RLIM_INFINITY;  // a write beyond fails, as on a full disk
  bool has_compiler = true;                // false: neither $CXX nor c++ is found
};

// How a process ended, or how far it is.
struct ended {
  int code = -1;  // exit code; -1: by a signal
  std::string out, err;
  double seconds = 0;

  [[nodiscard]] std::string last_line() const {
    std::string text = out;
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text.substr(text.rfind('\n') + 1);
  }
  // The one line on stderr that every refusal is; anything else is told apart.
  [[nodiscard]] std::string refusal() const {
    if (code <= 0) return "no refusal: exit code " + std::to_string(code);
    if (!err.starts_with("04_search: ") || err.find('\n') != err.size() - 1) return "not one line of 04_search: " + err;
    return err.substr(11, err.size() - 12);
  }
};

class process {
 public:
  explicit process(std::vector<std::string> arguments, surroundings const& s = {}) {
    int out[2], err[2];
    REQUIRE((::pipe2(out, O_CLOEXEC) == 0 && ::pipe2(err, O_CLOEXEC) == 0));
    std::vector<char*> argv;
    for (std::string& a : arguments) argv.push_back(a.data());
    argv.push_back(nullptr);
    id_ = ::fork();
    REQUIRE(id_ >= 0);
    if (id_ == 0) {
      ::dup2(out[1], 1);
      ::dup2(err[1], 2);
      rlimit const most{s.most_file_bytes, s.most_file_bytes};
      ::setrlimit(RLIMIT_FSIZE, &most);
      std::signal(SIGXFSZ, SIG_IGN);
      std::signal(SIGINT, SIG_DFL);  // a shell may have started the tests with it ignored
      if (!s.has_compiler) {
        ::setenv("CXX", "/nowhere/c++", 1);
        ::setenv("PATH", "/nowhere", 1);
      }
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(out[1]);
    ::close(err[1]);
    pipes_[0] = out[0];
    pipes_[1] = err[0];
  }
  process(process const&) = delete;
  process& operator=(process const&) = delete;
  ~process() {
    if (id_ > 0) {
      ::kill(id_, SIGKILL);
      ::waitpid(id_, nullptr, 0);
    }
    for (int const p : pipes_) ::close(p);
  }

  void send(int signal) const { REQUIRE(::kill(id_, signal) == 0); }
  // Reads until stdout holds `text`; false when it ended before.
  bool says(std::string const& text) {
    while (seen_.out.find(text) == std::string::npos)
      if (!read_some()) return false;
    return true;
  }
  ended wait() {
    while (read_some()) {
    }
    int status = 0;
    ::waitpid(id_, &status, 0);
    id_ = 0;
    seen_.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    seen_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    return seen_;
  }

 private:
  // False when both pipes are at their end.
  bool read_some() {
    ::pollfd wanted[] = {{open_[0] ? pipes_[0] : -1, POLLIN, 0}, {open_[1] ? pipes_[1] : -1, POLLIN, 0}};
    if (!open_[0] && !open_[1]) return false;
    if (::poll(wanted, 2, -1) < 0) return errno == EINTR;
    for (int i = 0; i < 2; ++i) {
      if (wanted[i].revents == 0) continue;
      char buffer[4096];
      ::ssize_t const n = ::read(pipes_[i], buffer, sizeof buffer);
      if (n > 0)
        (i == 0 ? seen_.out : seen_.err).append(buffer, static_cast<std::size_t>(n));
      else
        open_[i] = false;
    }
    return true;
  }

  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  ::pid_t id_ = 0;
  int pipes_[2] = {-1, -1};
  bool open_[2] = {true, true};
  ended seen_;
};

inline std::vector<std::string> search_with(std::vector<std::string> const& options) {
  std::vector<std::string> all{SEARCH_PROGRAM};
  all.insert(all.end(), options.begin(), options.end());
  return all;
}

inline ended run_search(std::vector<std::string> const& options, surroundings const& s = {}) {
  return process(search_with(options), s).wait();
}

}  // namespace petra_test

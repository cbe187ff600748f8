// Whole files: read at once, written at once or not at all.
//
// write_file is atomic for readers and for crashes: the bytes go to a temporary name in the same folder, every step up
// to fsync and close is checked (a full disk often shows only there), then the temporary is renamed over the target. On
// any failure the temporary is removed and the old file is untouched. A symbolic link is replaced, not followed.
//
// Throws: io_error naming the file and the reason.
#pragma once
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "petra/core/error.hpp"

namespace petra::inline PETRA_ABI {

namespace detail {

// An open file that closes itself; `close` reports what the destructor could not.
class descriptor {
 public:
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  descriptor(descriptor const&) = delete;
  descriptor& operator=(descriptor const&) = delete;
  ~descriptor() { close(); }

  [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }
  [[nodiscard]] int get() const noexcept { return fd_; }
  bool close() noexcept {
    int const fd = fd_;
    fd_ = -1;
    return fd < 0 || ::close(fd) == 0;
  }
  // Up to n bytes; 0 at the end, -1 on an error (errno).
  [[nodiscard]] ::ssize_t read(void* to, std::size_t n) const noexcept {
    for (;;) {
      ::ssize_t const got = ::read(fd_, to, n);
      if (got >= 0 || errno != EINTR) return got;
    }
  }
  // All n bytes or false (errno).
  [[nodiscard]] bool write(char const* from, std::size_t n) const noexcept {
    while (n > 0) {
      ::ssize_t const put = ::write(fd_, from, n);
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return false;
      from += put;
      n -= static_cast<std::size_t>(put);
    }
    return true;
  }
  // True where the file system has no fsync (EINVAL): there is nothing to wait for.
  [[nodiscard]] bool sync() const noexcept { return ::fsync(fd_) == 0 || errno == EINVAL; }

 private:
  int fd_;
};

[[noreturn]] inline void throw_io(char const* what, std::string const& path, int reason) {
  throw_error<io_error>({what, " '", path, "': ", std::strerror(reason)});
}

// Opened for reading. Throws: io_error if missing, unreadable or a folder.
inline int open_for_reading(std::string const& path) {
  int const fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw_io("cannot open", path, errno);
  struct ::stat info {};
  if (::fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {
    ::close(fd);
    throw_io("cannot read", path, EISDIR);
  }
  return fd;
}

// A name next to path that nobody else uses, created empty. Removed again unless released.
class temporary_file {
 public:
  [[gnu::cold]] explicit temporary_file(std::string const& path) {
    static std::atomic<unsigned> serial{0};
    // Two tries in a row meet an old name only if a process with our id died while writing; 100 never do.
    for (int tries = 0; tries < 100 && fd_ < 0; ++tries) {
      name_ = concat({path, ".", ::getpid(), ".", serial++, ".tmp"});
      fd_ = ::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (fd_ < 0 && errno != EEXIST) break;
    }
    if (fd_ < 0) throw_io("cannot create a file next to", path, errno);
  }
  temporary_file(temporary_file const&) = delete;
  temporary_file& operator=(temporary_file const&) = delete;
  ~temporary_file() {
    if (!name_.empty()) ::unlink(name_.c_str());
  }

  [[nodiscard]] int descriptor() const noexcept { return fd_; }
  [[nodiscard]] std::string const& name() const noexcept { return name_; }
  void release() noexcept { name_.clear(); }

 private:
  std::string name_;
  int fd_ = -1;
};

}  // namespace detail

[[nodiscard]] inline std::string read_file(std::string const& path) {
  detail::descriptor const file(detail::open_for_reading(path));
  std::string text;
  std::size_t used = 0;
  for (;;) {
    if (used == text.size()) text.resize(used < 4096 ? 4096 : 2 * used);
    ::ssize_t const got = file.read(text.data() + used, text.size() - used);
    if (got < 0) detail::throw_io("cannot read", path, errno);
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  text.resize(used);
  return text;
}

inline void write_file(std::string const& path, std::string_view bytes) {
  struct ::stat info {};
  // Renaming over a device or a pipe would replace it: root could lose /dev/null.
  if (::lstat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISLNK(info.st_mode))
    throw_error<io_error>({"cannot write '", path, "': expected a new name or a regular file, found a ",
                           (S_ISDIR(info.st_mode) ? "folder" : "device, pipe or socket")});
  detail::temporary_file temporary(path);
  detail::descriptor file(temporary.descriptor());
  if (!file.write(bytes.data(), bytes.size()) || !file.sync() || !file.close())
    detail::throw_io("cannot write (the old content, if any, is kept)", path, errno);
  if (::rename(temporary.name().c_str(), path.c_str()) != 0) detail::throw_io("cannot replace", path, errno);
  temporary.release();
}

}  // namespace petra

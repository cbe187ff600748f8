// A stream to write to whose text a test can take.
#pragma once
#include <doctest/doctest.h>

#include <cstdio>
#include <string>

namespace petra_test {

class captured {
 public:
  captured() { REQUIRE(file_ != nullptr); }
  ~captured() { std::fclose(file_); }
  captured(captured const&) = delete;
  captured& operator=(captured const&) = delete;

  [[nodiscard]] std::FILE* file() const { return file_; }
  // What was written so far.
  [[nodiscard]] std::string text() const {
    std::rewind(file_);
    std::string text;
    for (int c; (c = std::fgetc(file_)) != EOF;) text += static_cast<char>(c);
    return text;
  }

 private:
  std::FILE* file_ = std::tmpfile();
};

}  // namespace petra_test

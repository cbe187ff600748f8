// The message of the error that f throws; any other outcome is told apart.
#pragma once
#include <exception>
#include <string>

namespace petra_test {

template <class Error, class F>
std::string thrown(F&& f) {
  try {
    f();
  } catch (Error const& e) {
    return e.what();
  } catch (std::exception const& e) {
    return std::string("another exception: ") + e.what();
  }
  return "no exception";
}

inline bool says(std::string const& text, std::string const& part) { return text.find(part) != std::string::npos; }

}  // namespace petra_test

#include "../../examples/check_header.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "../data/scratch_folder.hpp"

using namespace petra_test;

namespace {

// The interface of an emitted header without a model.
std::string header(std::string const& self_test) {
  return "#pragma once\n#include <cstddef>\nnamespace model {\n"
         "inline constexpr std::size_t arena_bytes = 64, input_size = 2, output_size = 1;\n"
         "inline void run(float const* x, float* y, unsigned char*) noexcept { *y = x[0] + x[1]; }\n"
         "inline bool self_test(unsigned char*) noexcept { " +
         self_test + " }\n}\n";
}

// Puts a variable of the environment back.
class environment_variable {
 public:
  environment_variable(char const* name, char const* value) : name_(name) {
    if (char const* const before = std::getenv(name)) before_ = before;
    ::setenv(name, value, 1);
  }
  environment_variable(environment_variable const&) = delete;
  environment_variable& operator=(environment_variable const&) = delete;
  ~environment_variable() {
    if (before_)
      ::setenv(name_, before_->c_str(), 1);
    else
      ::unsetenv(name_);
  }

 private:
  char const* name_;
  std::optional<std::string> before_;
};

header_check check(std::string const& text) {
  scratch_folder const folder;
  // A name that a shell would take apart.
  std::string const strange = folder.path() + "/it's a $HOME";
  std::filesystem::create_directory(strange);
  petra::write_file(strange + "/model.hpp", text);
  auto const cxx = find_compiler();
  REQUIRE(cxx);
  auto const result = check_header(strange, *cxx, "");
  CHECK_FALSE(std::filesystem::exists(strange + "/check_model.cpp"));
  CHECK_FALSE(std::filesystem::exists(strange + "/check_model"));
  return result;
}

}  // namespace

TEST_CASE("check_header: a header that keeps its promise, one that does not, and one that is no C++") {
  auto const good = check(header("return true;"));
  CHECK(good.problem.empty());
  CHECK(good.matches);
  auto const wrong = check(header("return false;"));
  CHECK_FALSE(wrong.matches);
  CHECK(wrong.problem == "its outputs do not match those of the library");
  auto const crash = check(header("__builtin_trap();"));
  CHECK_FALSE(crash.matches);
  auto const broken = check("namespace model {");
  CHECK_FALSE(broken.matches);
  CHECK(says(broken.problem, "it does not compile:\n", "error"));
  // Warnings are errors for it.
  CHECK(says(check(header("int unused; return true;")).problem, "it does not compile"));
}

TEST_CASE("check_header: flags that this compiler does not know are left out") {
  scratch_folder const folder;
  petra::write_file(folder.path() + "/model.hpp", header("return true;"));
  auto const cxx = find_compiler();
  REQUIRE(cxx);
  CHECK(check_header(folder.path(), *cxx, "-mno-such-machine").matches);
}

TEST_CASE("check_header: the timed inferences are of the sample") {
  scratch_folder const folder;
  // run() traps unless its input is the sample.
  std::string text = header("return true;");
  std::string const body = "*y = x[0] + x[1];";
  text.replace(text.find(body), body.size(), "if (x[0] != 0.5f || x[1] != -2.0f) __builtin_trap(); *y = 0;");
  petra::write_file(folder.path() + "/model.hpp", text);
  auto const cxx = find_compiler();
  REQUIRE(cxx);
  std::vector<float> const sample{0.5f, -2}, other{0.5f};
  CHECK_FALSE(check_header(folder.path(), *cxx, "", other).matches);
  CHECK_FALSE(check_header(folder.path(), *cxx, "").matches);
  CHECK(check_header(folder.path(), *cxx, "", sample).matches);
}

TEST_CASE("find_compiler: $CXX if it runs, else c++, else none") {
  {
    environment_variable const cxx("CXX", "/nowhere/c++");
    if (command_output("c++ --version").first) CHECK(find_compiler() == "c++");
    environment_variable const path("PATH", "/nowhere");
    CHECK_FALSE(find_compiler());
  }
  environment_variable const cxx("CXX", "/bin/sh -c 'exit 0'");
  CHECK(find_compiler() == "/bin/sh -c 'exit 0'");
}

TEST_CASE("shell_quoted: one word, whatever is in it") {
  for (std::string const text : {"plain", "two words", "it's", "$HOME `id` \"x\" \\ *", ""})
    CHECK(command_output("printf %s " + shell_quoted(text)).second == text);
}

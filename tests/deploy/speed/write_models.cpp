// write_models FOLDER: emits the models of models.hpp.
#include <cstdio>
#include <exception>

#include "models.hpp"
#include "petra/core/file.hpp"
#include "petra/deploy/emit.hpp"

int main(int count, char** arguments) try {
  if (count != 2) return std::fputs("usage: write_models FOLDER\n", stderr), 2;
  std::string const folder = arguments[1];
  petra::write_file(folder + "/int8_model.hpp", petra::deploy::emit(int8_program(), {.name_space = "int8_model"}));
  petra::write_file(folder + "/float_model.hpp", petra::deploy::emit(float_program(), {.name_space = "float_model"}));
} catch (std::exception const& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}

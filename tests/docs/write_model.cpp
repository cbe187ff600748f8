// Writes an emitted header, of a model that nobody trained, for use_model.cpp: write_model FILE
#include "petra/core/file.hpp"
#include "petra/deploy/emit.hpp"
#include "petra/deploy/lower.hpp"
#include "petra/nn/models/small_cnn.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return 1;
  auto const model = petra::models::small_cnn<1, 10>(1);
  petra::write_file(argv[1], petra::deploy::emit(petra::deploy::lower(model, petra::shape(16, 16, 1))));
}

// expect: petra: operator| joins stages and pipelines, and one of these operands is neither
#include "petra/compress/train.hpp"
namespace mine {
struct forgot_its_name {
  static constexpr petra::rule law{};
};
}  // namespace mine
auto const pipeline = mine::forgot_its_name{} | (petra::train{} | petra::finetune{});

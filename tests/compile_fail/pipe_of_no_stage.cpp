// expect: petra: operator| joins stages and pipelines, and one of these operands is neither
#include "petra/compress/train.hpp"
namespace mine {
struct forgot_its_law {};
}  // namespace mine
auto const pipeline = petra::train{} | mine::forgot_its_law{};

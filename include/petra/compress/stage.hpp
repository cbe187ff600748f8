// What a stage is: an aggregate of settings with a `law` (compress/legality.hpp), a `name`, a list of its `settings`, and either
//     rewrite(part, holder...) -> part'       for the parts of the model it knows (a slot, a structure)
//     apply(model, context, report) -> model' for work on the whole model
// and `check()`, which throws setting_error. One definition serves the static pipeline and the search (docs/add_a_stage.md).
#pragma once
#include <charconv>
#include <concepts>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "petra/compress/legality.hpp"
#include "petra/core/error.hpp"
#include "petra/core/text.hpp"

namespace petra::inline PETRA_ABI {

template <class S>
concept stage = std::copyable<S> && requires {
  { S::law } -> std::convertible_to<rule>;
  { S::name } -> std::convertible_to<char const*>;
};

// One setting of a stage: its name, its member, and the values a search may give it (empty: the search leaves it alone).
template <class S, class T>
struct setting {
  char const* name;
  T S::*member;
  std::vector<T> choices;

  setting(char const* n, T S::*m, std::type_identity_t<std::vector<T>> c = {})
      : name(n), member(m), choices(std::move(c)) {}
};

// A value as C++ source. Types of petra that appear in settings overload it beside their definition.
[[gnu::cold]] inline std::string expression(float x) {
  char text[32];
  std::string_view const digits(text, static_cast<std::size_t>(std::to_chars(text, text + sizeof text, x).ptr - text));
  return concat({digits, digits.find_first_of(".en") == digits.npos ? ".0f" : "f"});
}
inline std::string expression(bool x) { return x ? "true" : "false"; }
template <std::integral I>
  requires(!std::same_as<I, bool>)
std::string expression(I x) { return std::to_string(x); }
template <class... T>
std::string expression(std::variant<T...> const& v) {
  return std::visit([](auto const& x) { return expression(x); }, v);
}

// `petra::prune::channels{.ratio = 0.25f}`: the settings that differ from the default.
template <stage S>
[[gnu::cold]] std::string expression(S const& s) {
  std::string text = concat({S::name, "{"});
  if constexpr (requires { S::settings(); }) {
    S const standard{};
    char const* before = ".";
    auto one = [&](auto const& f) {
      if (s.*f.member == standard.*f.member) return;
      append(text, {before, f.name, " = ", expression(s.*f.member)});
      before = ", .";
    };
    std::apply([&](auto const&... f) { (one(f), ...); }, S::settings());
  }
  return text += "}";
}

template <stage S>
void check_settings(S const& s) {
  if constexpr (requires { s.check(); }) s.check();
}

}  // namespace petra

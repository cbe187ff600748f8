// What a stage is: an aggregate of settings with a `law` (compress/legality.hpp), a `name`, a list of its `settings`, and either
//     rewrite(part, holder...) -> part'       for the parts of the model it knows (a slot, a structure)
//     apply(model, context, report) -> model' for work on the whole model
// and `check()`, which throws setting_error. One definition serves the static pipeline and the search (docs/add_a_stage.md).
#pragma once
#include <algorithm>
#include <charconv>
#include <concepts>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>

#include "petra/compress/legality.hpp"
#include "petra/core/concepts.hpp"
#include "petra/core/error.hpp"
#include "petra/core/match.hpp"
#include "petra/core/text.hpp"

namespace petra::inline PETRA_ABI {

template <class S>
concept stage = copyable<S> && requires {
  { S::law } -> std::convertible_to<rule>;
  { S::name } -> std::convertible_to<char const*>;
};

// One setting of a stage: its name, its member, and the values a search may give it (none: the search leaves it alone).
// The values stand in place: a std::vector would be compiled anew for the type of every setting.
template <class S, class T>
struct setting {
  static constexpr std::size_t most_choices = 16;

  // Throws: setting_error for more than most_choices.
  setting(char const* n, T S::*m, std::initializer_list<std::type_identity_t<T>> choices = {})
      : name(n), member(m), count_(choices.size()) {
    if (count_ > most_choices)
      throw_error<setting_error>({name, ": expected at most ", most_choices, " choices, found ", count_});
    std::copy(choices.begin(), choices.end(), choices_);
  }
  [[nodiscard]] std::span<T const> choices() const { return {choices_, count_}; }
  // Leaves out the choices above `most`.
  void keep_up_to(double most) requires std::is_arithmetic_v<T> {
    using compared = std::conditional_t<std::is_floating_point_v<T>, T, double>;  // 0.003 is less than 0.003f
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count_; ++i)
      if (static_cast<compared>(choices_[i]) <= static_cast<compared>(most)) choices_[kept++] = choices_[i];
    count_ = kept;
  }

  char const* name;
  T S::*member;

 private:
  T choices_[most_choices]{};
  std::size_t count_;
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
  return match(v, [](auto const& x) { return expression(x); });
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

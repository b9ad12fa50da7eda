#include "reprise/model/polynomial.hpp"

#include <doctest/doctest.h>

#include <array>

#include "reprise/core/error.hpp"
#include "support/close.hpp"

using namespace reprise;
using test::close;

TEST_CASE("Polynomial: sums and products follow the ring's rules on small integers") {
  const Polynomial x = Polynomial::variable(2, 1), y = Polynomial::variable(2, 2);
  const Polynomial one = Polynomial::constant(2, 1);
  const Polynomial a = x * x + 3 * (x * y) - one, b = y - 2 * x;
  CHECK((a * b).terms() == (b * a).terms());
  CHECK((a * (b + x)).terms() == (a * b + a * x).terms());
  CHECK((a - a).n_terms() == 0);
  CHECK(a.terms() ==
        std::map<Polynomial::Exponents, double>{{{2, 0}, 1}, {{1, 1}, 3}, {{0, 0}, -1}});
  CHECK(a.degree() == 2);
  CHECK((a * b).degree() == 3);
  CHECK(a.constant_term() == -1);
  CHECK((a - a).constant_term() == 0);
  CHECK((a - a).is_constant());
}

TEST_CASE("Polynomial: evaluates, and rejects too few values") {
  const Polynomial x = Polynomial::variable(2, 1), y = Polynomial::variable(2, 2);
  const Polynomial p = x * x * y - 2 * y + Polynomial::constant(2, 5);
  const std::array<double, 2> z = {3, -1.5};
  CHECK(close(p(z), 9 * -1.5 + 3 + 5, {.rtol = 1e-15}));
  CHECK_THROWS_AS(p(std::array<double, 1>{1}), InputError);
}

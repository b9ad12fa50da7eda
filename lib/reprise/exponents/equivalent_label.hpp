// A label that tells the same as the target's. Not installed.
#pragma once

#include "reprise/exponents/label_points.hpp"

namespace reprise {

/// The target without the one-to-one functions around it: tanh(f), exp(f), 2 f + 3 and f^3 tell
/// what f tells, f^28 what |f| does. Nothing that depends on the label only through what it tells
/// can differ, but numbers do: tanh(f) rounds to 1 where f is large, f^28 spans all powers of ten.
/// With label noise the target itself: its size against the noise counts. So for a callable, which
/// has no tree. OneToOne::odd takes odd functions off only: -y then tells what minus the new label
/// does.
enum class OneToOne { any, odd };
ExponentTarget equivalent_label(const ExponentTarget& target, OneToOne taken = OneToOne::any);

}  // namespace reprise

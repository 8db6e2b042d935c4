#pragma once

#include <cmath>

namespace steady::kernel {

/// Whole milliseconds: what is less than one is cut off.
inline double whole(double milliseconds) { return std::trunc(milliseconds); }

// By value, unlike those of the standard library: nothing has to be in memory for them.
constexpr double smaller(double one, double other) { return one < other ? one : other; }
constexpr double larger(double one, double other) { return one > other ? one : other; }

}  // namespace steady::kernel

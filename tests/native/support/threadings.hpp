#pragma once

#include "catch.hpp"
#include "wire.hpp"

/// Runs the test once for each Threading, with the other options unchanged.
inline steady::native::NativeOptions in_both(steady::native::NativeOptions options = {}) {
  using steady::native::Threading;
  options.threading = GENERATE(Threading::caller, Threading::io_thread);
  INFO("an I/O thread: " << (options.threading == Threading::io_thread));
  return options;
}

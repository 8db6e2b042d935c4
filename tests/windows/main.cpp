// main() of the core's tests on Windows: that of tests/catch needs POSIX.
#define CATCH_CONFIG_MAIN
#define CATCH_CONFIG_NO_WINDOWS_SEH
#include <catch2/catch.hpp>

// The same main as that of the core's tests.
#include "../../../../tests/core/main.cpp"

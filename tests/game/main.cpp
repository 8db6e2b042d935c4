// The same main as that of the core's tests.
#include "../cpp/main.cpp"

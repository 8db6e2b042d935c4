# Cross-compiles for 64-bit Windows with MinGW-w64 (apt-get install g++-mingw-w64-x86-64-posix). The
# libraries are in CMAKE_FIND_ROOT_PATH: see scripts/mingw.mjs.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
# The threads of the C++ library need the variant for POSIX threads.
set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc-posix)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
# No DLL of the compiler is needed to run a program.
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)

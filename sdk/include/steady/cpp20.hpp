#pragma once

// Every public header includes this first, directly or through another one, so that the first error
// of an older language is this one and not the first name that its standard library lacks. MSVC
// defines __cplusplus correctly only with /Zc:__cplusplus, and _MSVC_LANG always.
#ifdef _MSVC_LANG
#if _MSVC_LANG <= 201703L
#error "steadysocket needs C++20: compile with /std:c++20"
#endif
#elif __cplusplus <= 201703L
#error "steadysocket needs C++20: compile with -std=c++20"
#endif

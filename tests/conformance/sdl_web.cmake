# SDL2::SDL2 for the web, from the source of STEADYSOCKET_TEST_SDL: see scripts/sdl-web.mjs. SDL2's
# own CMakeLists.txt asks emcc hundreds of questions, which takes ten minutes; its configuration for
# Emscripten is a header of its sources.
set(folders
    . atomic audio audio/disk audio/dummy audio/emscripten cpuinfo dynapi events file
    filesystem/emscripten haptic haptic/dummy joystick joystick/emscripten loadso/dlopen locale
    locale/emscripten main/dummy misc misc/emscripten power power/emscripten render
    render/opengles2 render/software sensor sensor/dummy stdlib thread thread/generic timer
    timer/unix video video/dummy video/emscripten video/yuv2rgb)
list(TRANSFORM folders PREPEND ${STEADYSOCKET_TEST_SDL}/src/)
list(TRANSFORM folders APPEND /*.c)
file(GLOB sources ${folders})
add_library(sdl_web STATIC EXCLUDE_FROM_ALL ${sources})
set_target_properties(sdl_web PROPERTIES UNITY_BUILD OFF)
target_include_directories(sdl_web SYSTEM PUBLIC ${STEADYSOCKET_TEST_SDL}/include)
target_compile_options(sdl_web PRIVATE -w)
add_library(SDL2::SDL2 ALIAS sdl_web)

# Finds Emscripten's own toolchain file: an activated emsdk first, then what is on the PATH, then
# where Debian puts it.
if(DEFINED ENV{EMSDK})
  set(_emscripten_root "$ENV{EMSDK}/upstream/emscripten")
else()
  find_program(_emcc emcc)
  if(_emcc)
    file(REAL_PATH "${_emcc}" _emcc)
    get_filename_component(_emscripten_root "${_emcc}" DIRECTORY)
  endif()
  if(NOT EXISTS "${_emscripten_root}/cmake/Modules/Platform/Emscripten.cmake")
    set(_emscripten_root /usr/share/emscripten)
  endif()
endif()
if(NOT EXISTS "${_emscripten_root}/cmake/Modules/Platform/Emscripten.cmake")
  message(FATAL_ERROR "Emscripten was not found: install it (apt-get install emscripten) "
                      "or activate an emsdk")
endif()
include("${_emscripten_root}/cmake/Modules/Platform/Emscripten.cmake")

# Finds Emscripten's own toolchain file: that of an activated emsdk, or of the emcc on the PATH. If
# emcc is a script in another folder, as with Homebrew, asks emcmake.
set(_toolchain cmake/Modules/Platform/Emscripten.cmake)
if(DEFINED ENV{EMSDK})
  set(_toolchain "$ENV{EMSDK}/upstream/emscripten/${_toolchain}")
else()
  find_program(_emcc emcc)
  if(_emcc)
    file(REAL_PATH "${_emcc}" _emcc_file)
    get_filename_component(_emcc_folder "${_emcc_file}" DIRECTORY)
    set(_toolchain "${_emcc_folder}/${_toolchain}")
  endif()
  find_program(_emcmake emcmake)
  if(_emcmake AND NOT EXISTS "${_toolchain}")
    # It adds the toolchain file to the arguments of a command.
    execute_process(COMMAND "${_emcmake}" "${CMAKE_COMMAND}" -E echo OUTPUT_VARIABLE _arguments
                                                                                     ERROR_QUIET)
    if(_arguments MATCHES "-DCMAKE_TOOLCHAIN_FILE=(.+/Emscripten\\.cmake)")
      set(_toolchain "${CMAKE_MATCH_1}")
    endif()
  endif()
endif()
if(NOT EXISTS "${_toolchain}")
  message(FATAL_ERROR "Emscripten was not found: install it (apt-get install emscripten, "
                      "brew install emscripten) or activate an emsdk")
endif()
include("${_toolchain}")

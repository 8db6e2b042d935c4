# steadysocket_add_bindings(target): `target`, an executable that links steadysocket::steadysocket, can
# share sockets with JavaScript (steady/js/shared_socket.hpp). Compiled in the directory of the
# target, so with the flags of that directory; the program needs no further flags.
function(steadysocket_add_bindings target)
  if(NOT EMSCRIPTEN)
    message(FATAL_ERROR "steadysocket_add_bindings(${target}): there is no JavaScript to share a "
                        "socket with; call it if(EMSCRIPTEN)")
  endif()
  if(NOT TARGET steadysocket::steadysocket)
    message(FATAL_ERROR "steadysocket_add_bindings(${target}): there is no target "
                        "steadysocket::steadysocket yet")
  endif()
  set(bindings ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../bindings)
  if(NOT TARGET steadysocket_shared)
    # Objects, not an archive: the linker would not extract functions that only JavaScript calls.
    add_library(
      steadysocket_shared OBJECT EXCLUDE_FROM_ALL
      ${bindings}/shared_socket.cpp ${bindings}/shared_transport.cpp)
    target_include_directories(steadysocket_shared PUBLIC ${bindings}/include)
    target_compile_options(steadysocket_shared PRIVATE -fno-exceptions -fno-rtti)
    target_link_libraries(steadysocket_shared PUBLIC steadysocket::steadysocket)
    if(TARGET steadysocket_flags)
      target_link_libraries(steadysocket_shared PRIVATE $<BUILD_INTERFACE:steadysocket_flags>)
    endif()
    target_link_options(steadysocket_shared INTERFACE
                        "SHELL:--js-library \"${bindings}/shared.js\"")
    set_property(TARGET steadysocket_shared APPEND PROPERTY INTERFACE_LINK_DEPENDS
                                                            ${bindings}/shared.js)
  endif()
  target_link_libraries(${target} PRIVATE steadysocket_shared)
endfunction()

# Boost's headers, as Boost::headers.
macro(find_steadysocket_boost)
  # Newer versions of CMake find only the config files of Boost, older ones have their own module.
  find_package(Boost 1.74 QUIET CONFIG)
  if(NOT Boost_FOUND)
    find_package(Boost 1.74 QUIET MODULE)
  endif()
  if(NOT Boost_FOUND)
    message(
      FATAL_ERROR "STEADYSOCKET_NATIVE needs Boost 1.74 or newer (apt-get install libboost-dev)")
  endif()
endmacro()

# The Runtime of desktop programs, as a part of steadysocket::steadysocket: STEADYSOCKET_NATIVE.
function(add_steadysocket_native)
  find_steadysocket_boost()
  find_package(OpenSSL 1.1.1 QUIET)
  if(NOT OPENSSL_FOUND)
    message(
      FATAL_ERROR "STEADYSOCKET_NATIVE needs OpenSSL 1.1.1 or newer (apt-get install libssl-dev)")
  endif()
  find_package(Threads REQUIRED)

  set(sources
      native/address.cpp
      native/clock.cpp
      native/connection.cpp
      native/dialer.cpp
      native/engine.cpp
      native/event_queue.cpp
      native/header_fields.cpp
      native/native_options.cpp
      native/native_runtime.cpp
      native/native_transport.cpp
      native/proxy.cpp
      native/resolver.cpp
      native/send_buffer.cpp
      native/socket_stream.cpp
      native/step_log.cpp
      native/task_queue.cpp
      native/timer_queue.cpp
      native/tls.cpp
      native/websocket.cpp)
  # The system's root certificates.
  if(WIN32)
    list(APPEND sources native/root_variables.cpp native/system_roots_windows.cpp)
    # Sockets of Asio; the store of certificates.
    set_source_files_properties(native/system_roots_windows.cpp PROPERTIES
                                SKIP_UNITY_BUILD_INCLUSION ON)
    # Windows 10, which Asio has to be given. Without the macros min and max.
    target_compile_definitions(steadysocket PRIVATE _WIN32_WINNT=0x0A00 WIN32_LEAN_AND_MEAN NOMINMAX)
    # Beast has more sections than the standard format of object files allows.
    set(many_sections -Wa,-mbig-obj)
    if(MSVC)
      set(many_sections /bigobj)
    endif()
    set_source_files_properties(native/websocket.cpp PROPERTIES COMPILE_OPTIONS "${many_sections}")
    target_link_libraries(steadysocket PUBLIC ws2_32 mswsock crypt32)
  elseif(APPLE)
    list(APPEND sources native/root_variables.cpp native/system_roots_macos.cpp)
    target_link_libraries(steadysocket PUBLIC "-framework Security" "-framework CoreFoundation")
  else()
    list(APPEND sources native/system_roots_openssl.cpp)
  endif()
  target_sources(steadysocket PRIVATE ${sources})
  # Unlike the core, these sources need exceptions and RTTI, for Boost. No exception leaves them.
  target_include_directories(steadysocket
                             PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/native/include>)
  target_link_libraries(
    steadysocket
    PUBLIC OpenSSL::SSL OpenSSL::Crypto Threads::Threads
    PRIVATE $<BUILD_INTERFACE:Boost::headers>)
endfunction()

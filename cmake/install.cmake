# cmake --install: a package for find_package(steadysocket). One installed tree can serve a desktop
# and the web: natively a compiled library, for the web the sources, which are compiled with the
# program (the layout of Emscripten's event structs changes between its versions). It may be moved.
#
# Components: steadysocket_native and steadysocket_web.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Independent of the architecture: found here by the web and by every desktop.
set(config_folder ${CMAKE_INSTALL_DATADIR}/cmake/steadysocket)
set(sources_folder ${CMAKE_INSTALL_DATADIR}/steadysocket)

set(STEADYSOCKET_SOURCES_FOLDER ${sources_folder})
configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/steadysocketConfig.cmake.in steadysocketConfig.cmake
  INSTALL_DESTINATION ${config_folder}
  PATH_VARS STEADYSOCKET_SOURCES_FOLDER
  NO_CHECK_REQUIRED_COMPONENTS_MACRO)
# Before 1.0 a minor version may break. The config checks the size of a pointer, since it serves
# 64-bit desktops and the web.
write_basic_package_version_file(steadysocketConfigVersion.cmake COMPATIBILITY SameMinorVersion
                                 ARCH_INDEPENDENT)

set(components steadysocket_web)
if(NOT EMSCRIPTEN)
  list(APPEND components steadysocket_native)
endif()
foreach(component IN LISTS components)
  install(
    FILES ${CMAKE_CURRENT_BINARY_DIR}/steadysocketConfig.cmake
          ${CMAKE_CURRENT_BINARY_DIR}/steadysocketConfigVersion.cmake
    DESTINATION ${config_folder}
    COMPONENT ${component})
  install(
    FILES ${PROJECT_SOURCE_DIR}/LICENSE
    DESTINATION ${CMAKE_INSTALL_DOCDIR}
    COMPONENT ${component})
  # Files that the config reads.
  install(
    DIRECTORY ${PROJECT_SOURCE_DIR}/cmake
    DESTINATION ${sources_folder}
    COMPONENT ${component}
    FILES_MATCHING
    PATTERN "*.cmake"
    PATTERN install.cmake EXCLUDE
    PATTERN markdown_example.cmake EXCLUDE)
endforeach()

# The same layout as in the project, so that the same CMake files serve both. Without native/.
install(
  DIRECTORY ${PROJECT_SOURCE_DIR}/sdk ${PROJECT_SOURCE_DIR}/bindings
  DESTINATION ${sources_folder}
  COMPONENT steadysocket_web
  FILES_MATCHING
  PATTERN "*.cpp"
  PATTERN "*.hpp"
  PATTERN "*.js"
  PATTERN CMakeLists.txt
  PATTERN sdk/native EXCLUDE
  PATTERN bindings/src EXCLUDE)

if(EMSCRIPTEN)
  return()
endif()

install(
  TARGETS steadysocket steadysocket_testing
  EXPORT steadysocket
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT steadysocket_native)
install(
  EXPORT steadysocket
  FILE steadysocketTargets.cmake
  NAMESPACE steadysocket::
  DESTINATION ${config_folder}
  COMPONENT steadysocket_native)
set(headers sdk/include/ sdk/testing/include/)
if(STEADYSOCKET_NATIVE)
  list(APPEND headers sdk/native/include/)
endif()
list(TRANSFORM headers PREPEND ${PROJECT_SOURCE_DIR}/)
install(
  DIRECTORY ${headers}
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT steadysocket_native)

# For builds without CMake. Relative, so that the tree may be moved.
file(RELATIVE_PATH STEADYSOCKET_PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" STEADYSOCKET_PC_PREFIX "${STEADYSOCKET_PC_PREFIX}")
if(STEADYSOCKET_NATIVE)
  set(STEADYSOCKET_PC_REQUIRES openssl)
  set(STEADYSOCKET_PC_LIBS " -pthread")
  if(WIN32)
    string(APPEND STEADYSOCKET_PC_LIBS " -lws2_32 -lmswsock -lcrypt32")
  elseif(APPLE)
    string(APPEND STEADYSOCKET_PC_LIBS " -framework Security -framework CoreFoundation")
  endif()
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/steadysocket.pc.in steadysocket.pc @ONLY)
install(
  FILES ${CMAKE_CURRENT_BINARY_DIR}/steadysocket.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
  COMPONENT steadysocket_native)

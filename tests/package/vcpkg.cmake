# Runs the port as vcpkg would, with replacements of its functions that follow their documentation:
# cmake -DPORT_FOLDER=… -DCURRENT_PACKAGES_DIR=… [-DFEATURES=…] [-DWRAPPER=emcmake]
#   [-DRELEASE=…] -P vcpkg.cmake
# RELEASE is the folder with the sources that vcpkg_from_github returns.
cmake_minimum_required(VERSION 3.22)
set(PORT steadysocket)
set(build ${CURRENT_PACKAGES_DIR}-build)
if(WRAPPER STREQUAL "emcmake")
  set(VCPKG_TARGET_IS_EMSCRIPTEN TRUE)
endif()

file(READ ${PORT_FOLDER}/vcpkg.json manifest)
string(JSON VERSION GET "${manifest}" version-semver)

function(vcpkg_from_github)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "OUT_SOURCE_PATH;REPO;REF;SHA512;HEAD_REF" "")
  if(NOT RELEASE)
    message(FATAL_ERROR "the port downloads ${arg_REPO} ${arg_REF}")
  endif()
  message(STATUS "downloads ${arg_REPO} ${arg_REF}")
  set(${arg_OUT_SOURCE_PATH} ${RELEASE} PARENT_SCOPE)
endfunction()

function(vcpkg_check_linkage)
endfunction()

function(vcpkg_check_features)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" OUT_FEATURE_OPTIONS FEATURES)
  set(options)
  while(arg_FEATURES)
    list(POP_FRONT arg_FEATURES feature variable)
    if(feature IN_LIST FEATURES)
      list(APPEND options -D${variable}=ON)
    else()
      list(APPEND options -D${variable}=OFF)
    endif()
  endwhile()
  set(${arg_OUT_FEATURE_OPTIONS} ${options} PARENT_SCOPE)
endfunction()

function(vcpkg_cmake_configure)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" SOURCE_PATH OPTIONS)
  execute_process(
    COMMAND ${WRAPPER} ${CMAKE_COMMAND} -S ${arg_SOURCE_PATH} -B ${build} -G Ninja
            -DCMAKE_UNITY_BUILD=ON -DCMAKE_INSTALL_PREFIX=${CURRENT_PACKAGES_DIR} ${arg_OPTIONS}
            COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(vcpkg_cmake_install)
  set(target all)
  if(WRAPPER STREQUAL "emcmake")
    # No build output is installed for the web.
    set(target help)
  endif()
  execute_process(COMMAND ${CMAKE_COMMAND} --build ${build} --target ${target}
                          COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${CMAKE_COMMAND} --install ${build} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# Moves the config files to the folder that vcpkg requires, and corrects relative paths.
function(vcpkg_cmake_config_fixup)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" CONFIG_PATH "")
  set(moved ${CURRENT_PACKAGES_DIR}/share/${PORT})
  file(GLOB files ${CURRENT_PACKAGES_DIR}/${arg_CONFIG_PATH}/*.cmake)
  foreach(file IN LISTS files)
    file(READ ${file} text)
    string(REGEX REPLACE "(PACKAGE_PREFIX_DIR \"[^/\"]*)/[./]*\"" "\\1/../../\"" text "${text}")
    string(
      REGEX
      REPLACE
        "(get_filename_component\\(_IMPORT_PREFIX \"[^\"]*\" PATH\\)\n)+"
        "get_filename_component(_IMPORT_PREFIX \"\${CMAKE_CURRENT_LIST_FILE}\" PATH)\nget_filename_component(_IMPORT_PREFIX \"\${_IMPORT_PREFIX}/../..\" ABSOLUTE)\n"
        text
        "${text}")
    get_filename_component(name ${file} NAME)
    file(WRITE ${moved}/${name} "${text}")
  endforeach()
  file(REMOVE_RECURSE ${CURRENT_PACKAGES_DIR}/share/cmake)
endfunction()

function(vcpkg_fixup_pkgconfig)
  if(NOT EXISTS ${CURRENT_PACKAGES_DIR}/lib/pkgconfig/${PORT}.pc)
    message(FATAL_ERROR "${PORT}.pc is missing")
  endif()
endfunction()

function(vcpkg_install_copyright)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" FILE_LIST)
  configure_file(${arg_FILE_LIST} ${CURRENT_PACKAGES_DIR}/share/${PORT}/copyright COPYONLY)
endfunction()

include(${PORT_FOLDER}/portfile.cmake)

# steadysocket::json: the core, and nlohmann/json for steady/json.hpp. The target does not exist if
# nlohmann/json is not found. A target nlohmann_json::nlohmann_json of your project takes precedence;
# with STEADYSOCKET_FETCH_JSON it is downloaded if it is not found.
function(add_steadysocket_json)
  set(nlohmann nlohmann_json::nlohmann_json)
  if(NOT TARGET ${nlohmann})
    # Headers only: for the web, the headers of this machine can be used.
    find_package(nlohmann_json 3.10 QUIET CONFIG PATHS /usr /usr/local NO_CMAKE_FIND_ROOT_PATH)
  endif()
  if(NOT TARGET ${nlohmann} AND STEADYSOCKET_FETCH_JSON)
    include(FetchContent)
    FetchContent_Declare(
      nlohmann_json
      URL https://github.com/nlohmann/json/releases/download/v3.11.3/json.tar.xz
      URL_HASH SHA256=d6c65aca6b1ed68e7a182f4757257b107ae403032760ed6ef121c9d55e81757d)
    FetchContent_MakeAvailable(nlohmann_json)
  endif()
  if(NOT TARGET ${nlohmann})
    return()
  endif()

  add_library(steadysocket_json INTERFACE)
  add_library(steadysocket::json ALIAS steadysocket_json)
  target_link_libraries(steadysocket_json INTERFACE steadysocket::steadysocket)
  get_target_property(is_imported ${nlohmann} IMPORTED)
  if(NOT is_imported)
    target_link_libraries(steadysocket_json INTERFACE ${nlohmann})
    return()
  endif()

  # An imported target is not visible everywhere, and its folder may be /usr/include, which must not
  # be searched when compiling for the web: use a folder that contains only nlohmann/.
  get_target_property(folders ${nlohmann} INTERFACE_INCLUDE_DIRECTORIES)
  find_path(folder nlohmann/json.hpp PATHS ${folders} NO_CACHE REQUIRED NO_DEFAULT_PATH
                                           NO_CMAKE_FIND_ROOT_PATH)
  set(alone ${CMAKE_BINARY_DIR}/steadysocket_json)
  file(MAKE_DIRECTORY ${alone})
  file(CREATE_LINK ${folder}/nlohmann ${alone}/nlohmann SYMBOLIC)
  target_include_directories(steadysocket_json SYSTEM INTERFACE ${alone})
  get_target_property(definitions ${nlohmann} INTERFACE_COMPILE_DEFINITIONS)
  if(definitions)
    target_compile_definitions(steadysocket_json INTERFACE ${definitions})
  endif()
endfunction()

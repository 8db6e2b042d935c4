# As an overlay port it uses the sources that contain it:
#   vcpkg install steadysocket --overlay-ports=packaging/vcpkg/ports
# Its copy in a registry downloads the release.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../../.." ABSOLUTE)
if(NOT EXISTS "${SOURCE_PATH}/sdk/CMakeLists.txt")
  vcpkg_from_github(
    OUT_SOURCE_PATH SOURCE_PATH
    REPO steadysocket/steadysocket
    REF "v${VERSION}"
    # Of the tag's archive, so that only a copy can have it; vcpkg refuses 0 and prints the right one.
    SHA512 0
    HEAD_REF main)
endif()

vcpkg_check_linkage(ONLY_STATIC_LIBRARY)
vcpkg_check_features(OUT_FEATURE_OPTIONS features FEATURES native STEADYSOCKET_NATIVE)
vcpkg_cmake_configure(SOURCE_PATH "${SOURCE_PATH}" OPTIONS ${features} -DSTEADYSOCKET_INSTALL=ON)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/steadysocket)
if(NOT VCPKG_TARGET_IS_EMSCRIPTEN)
  vcpkg_fixup_pkgconfig()
endif()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include" "${CURRENT_PACKAGES_DIR}/debug/share"
     "${CURRENT_PACKAGES_DIR}/share/doc")

file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")

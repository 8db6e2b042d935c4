"""Conan 2 recipe: conan create packaging/conan --build=missing"""

from os.path import dirname, join

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy

required_conan_version = ">=2.0"


class SteadysocketConan(ConanFile):
    name = "steadysocket"
    version = "0.1.0"
    description = "A WebSocket connection that stays up: reconnects, queues and routes"
    license = "MIT"
    url = "https://github.com/steadysocket/steadysocket"
    homepage = "https://github.com/steadysocket/steadysocket"
    topics = ("websocket", "reconnecting", "emscripten")
    package_type = "static-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"fPIC": [True, False], "json": [True, False], "native": [True, False]}
    # Only headers of Boost are used; its libraries would be compiled for half an hour.
    default_options = {"fPIC": True, "json": True, "native": True, "boost/*:header_only": True}

    def config_options(self):
        if self.settings.os == "Windows":
            del self.options.fPIC
        if self.settings.os == "Emscripten":
            del self.options.native

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        if self.options.json:
            # Users of steady/json.hpp include it themselves.
            self.requires("nlohmann_json/[>=3.10 <4]", transitive_headers=True)
        if self.options.get_safe("native"):
            self.requires("boost/[>=1.74 <2]", libs=False)
            self.requires("openssl/[>=1.1 <4]")

    def validate(self):
        check_min_cppstd(self, 20)

    def export_sources(self):
        # The sources are those that the recipe lies in.
        project = dirname(dirname(self.recipe_folder))
        for part in ("CMakeLists.txt", "LICENSE", "bindings/*", "cmake/*", "sdk/*"):
            copy(self, part, src=project, dst=self.export_sources_folder)

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.variables["STEADYSOCKET_INSTALL"] = True
        toolchain.variables["STEADYSOCKET_NATIVE"] = bool(self.options.get_safe("native"))
        toolchain.generate()
        CMakeDeps(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", src=self.source_folder, dst=join(self.package_folder, "licenses"))
        CMake(self).install()

    def package_info(self):
        # The library's own config: on the web it compiles the sources, which no description of
        # libraries could say.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = [join("share", "cmake", "steadysocket")]
        if self.settings.os != "Emscripten":
            self.cpp_info.libs = ["steadysocket"]
            if self.settings.os in ("Linux", "FreeBSD") and self.options.get_safe("native"):
                self.cpp_info.system_libs = ["pthread"]
            if self.settings.os == "Windows" and self.options.get_safe("native"):
                self.cpp_info.system_libs = ["ws2_32", "mswsock", "crypt32"]
            if self.settings.os == "Macos" and self.options.get_safe("native"):
                self.cpp_info.frameworks = ["Security", "CoreFoundation"]

"""Evaluates the Conan recipe with replacements of Conan's modules: python3 recipe.py CONANFILE OS

Prints its attributes, and its requirements for that operating system, as JSON."""

import json
import runpy
import sys
import types


class Options:
    def __init__(self, defaults):
        self.__dict__.update(defaults)

    def get_safe(self, name):
        return getattr(self, name, None)


class ConanFile:
    def __init__(self, system):
        self.settings = types.SimpleNamespace(os=system)
        self.options = Options(self.default_options)
        self.required = []

    def requires(self, reference, **traits):
        self.required.append(reference)


names = {
    "conan": {"ConanFile": ConanFile},
    "conan.tools": {},
    "conan.tools.build": {"check_min_cppstd": None},
    "conan.tools.cmake": dict.fromkeys(["CMake", "CMakeDeps", "CMakeToolchain", "cmake_layout"]),
    "conan.tools.files": {"copy": None},
}
for name, members in names.items():
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__dict__.update(members)

file, system = sys.argv[1:]
recipe = runpy.run_path(file)["SteadysocketConan"](system)
recipe.config_options()
recipe.requirements()
attributes = ["name", "version", "license", "url", "homepage", "default_options", "required"]
print(json.dumps({attribute: getattr(recipe, attribute) for attribute in attributes}))

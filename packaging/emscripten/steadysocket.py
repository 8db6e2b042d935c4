"""Port for Emscripten 3.1.54 and newer: emcc --use-port=steadysocket.py main.cpp -o main.js

Compiles the single source of a release (scripts/single-source.mjs) with the program's Emscripten,
and adds the headers and the link options. Pass it when compiling and when linking.
"""

import os
import pathlib

VERSION = "0.1.0"
# The copy of this file in a release has the checksum of the release's archive.
SHA512 = None

URL = "https://github.com/steadysocket/steadysocket"
DESCRIPTION = "A WebSocket connection that stays up: reconnects, queues and routes"
LICENSE = "MIT"
OPTIONS = {"archive": "file of steadysocket-VERSION.tar.gz, in place of the release's"}

# The folder in the archive; EMCC_LOCAL_PORTS=steadysocket=FOLDER replaces it by another.
SUBDIR = "steadysocket"

# Set by emcc to the name of this file.
name = "steadysocket"

archive = f"{URL}/releases/download/v{VERSION}/steadysocket-{VERSION}.tar.gz"
checksum = SHA512


def handle_options(options, error_handler=None):
    global archive, checksum
    file = pathlib.Path(options["archive"]).resolve()
    if not file.is_file():
        message = f"the option archive must name a file, got {options['archive']}"
        if error_handler:
            error_handler(message)
        raise FileNotFoundError(message)
    archive, checksum = file.as_uri(), None


def folder(ports):
    return os.path.join(ports.get_dir(), name, SUBDIR)


def get_lib_name(settings):
    # The cache has a folder for each kind of link-time optimisation, but not for threads.
    return f"lib{name}{'-mt' if settings.PTHREADS else ''}.a"


def get(ports, settings, shared):
    ports.fetch_project(name, archive, sha512hash=checksum)

    def create(final):
        source = folder(ports)
        # As sdk/CMakeLists.txt compiles the library for the web.
        flags = ["-std=c++20", "-Oz", "-finline-functions", "-fno-exceptions", "-fno-rtti"]
        if settings.PTHREADS:
            flags.append("-pthread")
        includes = [os.path.join(source, "include")]
        ports.build_port(source, final, name, includes=includes, flags=flags)

    return [shared.cache.get_lib(get_lib_name(settings), create, what="port")]


def clear(ports, settings, shared):
    for threads in ("", "-mt"):
        shared.cache.erase_lib(f"lib{name}{threads}.a")


def process_args(ports):
    return ["-isystem", os.path.join(folder(ports), "include")]


def linker_setup(ports, settings):
    from tools import utils

    # emscripten/websocket.h: the file that -lwebsocket.js stands for, which moved in 4.0.
    places = [("src", "lib", "libwebsocket.js"), ("src", "library_websocket.js")]
    websocket = next(filter(os.path.exists, (utils.path_from_root(*place) for place in places)))
    for library in (websocket, os.path.join(folder(ports), "steady_web.js")):
        if library not in settings.JS_LIBRARIES:
            settings.JS_LIBRARIES.append(library)
    # A failed allocation ends the program; with memory that grows it would write to address 0.
    settings.ABORTING_MALLOC = 1

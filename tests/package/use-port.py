"""emcc --use-port=PORT[:OPTION=VALUE] for versions of Emscripten that lack it: calls the port as
tools/ports/__init__.py of newer versions does, without a cache."""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import types
import urllib.request


class Settings:
    def __init__(self, args):
        self.PTHREADS = "-pthread" in args
        self.JS_LIBRARIES = []
        self.ABORTING_MALLOC = None


class Ports:
    def __init__(self, folder):
        self.folder = folder

    def get_dir(self):
        return self.folder

    def fetch_project(self, name, url, sha512hash=None):
        archive = os.path.join(self.folder, os.path.basename(url))
        with urllib.request.urlopen(url) as source, open(archive, "wb") as target:
            shutil.copyfileobj(source, target)
        shutil.unpack_archive(archive, os.path.join(self.folder, name))

    def build_port(self, source, final, name, includes=(), flags=()):
        objects = []
        for file in filter(lambda file: file.endswith(".cpp"), os.listdir(source)):
            objects.append(os.path.join(self.folder, file + ".o"))
            folders = ["-I" + folder for folder in includes]
            command = ["emcc", "-c", os.path.join(source, file), "-o", objects[-1], "-O2", "-Werror"]
            subprocess.check_call([*command, *folders, *flags])
        subprocess.check_call(["emar", "rcs", final, *objects])


def load(path):
    spec = importlib.util.spec_from_file_location("port", path)
    port = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(port)
    port.name = os.path.splitext(os.path.basename(path))[0]
    return port


def fail(message):
    sys.exit(f"emcc: error: {message}")


def use(port, options, args, folder):
    if options:
        given = dict(option.split("=", 1) for option in options.split(":"))
        assert given.keys() <= port.OPTIONS.keys()
        port.handle_options(given, fail)
    settings, ports = Settings(args), Ports(folder)

    def get_lib(name, create, what):
        final = os.path.join(folder, name)
        create(final)
        return final

    shared = types.SimpleNamespace(cache=types.SimpleNamespace(get_lib=get_lib))
    libraries = port.get(ports, settings, shared)
    port.linker_setup(ports, settings)
    linked = [*libraries, f"-sABORTING_MALLOC={settings.ABORTING_MALLOC}"]
    for library in settings.JS_LIBRARIES:
        linked += ["--js-library", library]
    subprocess.check_call(["emcc", *args, *port.process_args(ports), *linked])


def main():
    root = os.path.dirname(os.path.realpath(shutil.which("emcc")))
    utils = types.ModuleType("tools.utils")
    utils.path_from_root = lambda *parts: os.path.join(root, *parts)
    tools = types.ModuleType("tools")
    tools.utils = utils
    sys.modules.update({"tools": tools, "tools.utils": utils})
    flag = "--use-port="
    given = next(arg for arg in sys.argv if arg.startswith(flag))[len(flag) :]
    path, _, options = given.partition(":")
    args = [arg for arg in sys.argv[1:] if not arg.startswith(flag)]
    with tempfile.TemporaryDirectory() as folder:
        use(load(path), options, args, folder)


main()

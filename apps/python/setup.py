"""`pip install ./apps/python`: CMake builds the library into the module. Needs what apps/install_dependencies.sh installs,
and with --no-build-isolation no network."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
VERSION = re.search(r"project\(reprise\s+VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text())[1]


class CMakeBuild(build_ext):
    def build_extension(self, extension):
        target = pathlib.Path(self.get_ext_fullpath(extension.name)).resolve().parent
        configured = os.environ.get("REPRISE_PYTHON_BUILD")  # a build folder of the same sources and interpreter
        build = pathlib.Path(configured or self.build_temp).resolve()
        if not configured:
            generator = ["-G", "Ninja"] if shutil.which("ninja") else []
            subprocess.run(
                ["cmake", "-S", str(ROOT), "-B", str(build), *generator, "-DCMAKE_BUILD_TYPE=Release",
                 "-DREPRISE_WITH_PYTHON=ON", f"-DREPRISE_PYTHON={sys.executable}", "-DREPRISE_BUILD_APPS=OFF",
                 "-DREPRISE_BUILD_TESTS=OFF", "-DCMAKE_UNITY_BUILD=ON", "-DCMAKE_UNITY_BUILD_BATCH_SIZE=24"], check=True)
        jobs = os.environ.get("CMAKE_BUILD_PARALLEL_LEVEL", str(len(os.sched_getaffinity(0))))
        subprocess.run(["cmake", "--build", str(build), "--target", "reprise_python", "-j", jobs], check=True)
        target.mkdir(parents=True, exist_ok=True)
        module, = (build / "apps" / "python" / "reprise").glob("_reprise*.so")
        shutil.copy2(module, target / pathlib.Path(self.get_ext_fullpath(extension.name)).name)
        for folder in ("papers", "studies", "examples"):  # the experiments that come with Reprise
            shutil.copytree(ROOT / "data" / folder, target / "data" / folder, dirs_exist_ok=True)


setup(version=VERSION, packages=["reprise"], package_data={"reprise": ["py.typed", "*.pyi"]},
      ext_modules=[Extension("reprise._reprise", [])], cmdclass={"build_ext": CMakeBuild})

# The interpreter that the Python module is for: REPRISE_PYTHON, else the first of those on the
# machine that imports numpy and pybind11. The python3 that comes first in PATH may be one that
# cannot, while the system's, with the distribution's packages, can.
#
# Sets REPRISE_PYTHON (cached) and REPRISE_PYBIND11_DIR, empty where there is none, and
# REPRISE_HAS_PYTHON; REPRISE_PYTHON_ASKED are those that were asked. Does nothing in a project that
# only uses Reprise, unless that sets REPRISE_WITH_PYTHON.

function(reprise_ask_python interpreter result)
  execute_process(COMMAND "${interpreter}" -c "import numpy, pybind11; print(pybind11.get_cmake_dir())"
    OUTPUT_VARIABLE output ERROR_QUIET RESULT_VARIABLE status OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT status EQUAL 0)
    set(output "")
  endif()
  set(${result} "${output}" PARENT_SCOPE)
endfunction()

if(REPRISE_PYTHON)
  set(REPRISE_PYTHON_ASKED "${REPRISE_PYTHON}")
else()
  set(REPRISE_PYTHON_ASKED "")
  set(folders $ENV{PATH})
  string(REPLACE ":" ";" folders "${folders}")
  foreach(folder IN LISTS folders ITEMS /usr/bin)
    if(EXISTS "${folder}/python3")
      list(APPEND REPRISE_PYTHON_ASKED "${folder}/python3")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES REPRISE_PYTHON_ASKED)
endif()

set(REPRISE_HAS_PYTHON OFF)
if(NOT PROJECT_IS_TOP_LEVEL AND NOT REPRISE_WITH_PYTHON)
  return()
endif()
foreach(interpreter IN LISTS REPRISE_PYTHON_ASKED)
  reprise_ask_python("${interpreter}" folder)
  if(folder)
    set(REPRISE_PYTHON "${interpreter}" CACHE FILEPATH "The interpreter that the Python module is for")
    set(REPRISE_PYBIND11_DIR "${folder}")
    set(REPRISE_HAS_PYTHON ON)
    break()
  endif()
endforeach()

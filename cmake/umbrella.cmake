# cmake -P cmake/umbrella.cmake            writes include/petra/petra.hpp: every folder's headers, interop/ left out, and of
#                                          kernel/ and runtime/ what other headers include
# cmake -DCHECK=ON -P cmake/umbrella.cmake   fails when it is stale
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH top)
# Kernels come with the ops and programs that run them. Those that nothing runs yet are for those who ask for them by name: all
# together take a tenth of the umbrella's compile time.
set(folders core tensor linalg grad data nn compress deploy search report)

set(text "// The umbrella: every folder of petra, in the order in which folders may include each other; kernels that no op and no\n// program runs are included by name. Written by\n")
string(APPEND text "// `cmake -P cmake/umbrella.cmake`; a test fails when it is stale. interop/ is for those who ask for it.\n#pragma once\n")
foreach(folder IN LISTS folders)
  file(GLOB_RECURSE headers RELATIVE "${top}/include" "${top}/include/petra/${folder}/*.hpp")
  list(SORT headers)
  if(headers)
    string(APPEND text "\n")
  endif()
  foreach(header IN LISTS headers)
    string(APPEND text "#include \"${header}\"\n")
  endforeach()
endforeach()

set(file "${top}/include/petra/petra.hpp")
set(found "")
if(EXISTS "${file}")
  file(READ "${file}" found)
endif()
if(NOT CHECK)
  file(WRITE "${file}" "${text}")
elseif(NOT found STREQUAL text)
  message(FATAL_ERROR "include/petra/petra.hpp does not list the headers that exist: run `cmake -P cmake/umbrella.cmake`")
endif()

# cmake -D compiler=... -D file=case.cpp [-D includes=folder;...] -P check.cmake
# Succeeds when the compiler rejects the file and says every sentence of its `// expect: ` lines.
file(STRINGS "${file}" sentences REGEX "^// expect: ")
if(NOT sentences)
  message(FATAL_ERROR "${file}: its first line is not `// expect: <sentence>`")
endif()

list(TRANSFORM includes PREPEND "-I")
# Not -fsyntax-only: g++ then leaves templates uninstantiated at the end of the file.
execute_process(COMMAND "${compiler}" -std=c++20 -O0 ${includes} -S -o /dev/null "${file}"
  RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(status EQUAL 0)
  message(FATAL_ERROR "${file}: compiles, but must not")
endif()

foreach(sentence IN LISTS sentences)
  string(REGEX REPLACE "^// expect: " "" sentence "${sentence}")
  string(FIND "${said}" "${sentence}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${file}: the compiler does not say `${sentence}`. It says:\n${said}")
  endif()
endforeach()
string(REGEX MATCHALL "\n" lines "${said}")
list(LENGTH lines lines)
message("rejected as promised, in ${lines} lines")

# user.cpp hands a tensor to provider.cpp. Compiled alike they link; compiled for two instruction sets they must not.
function(link_pair out user_march provider_march)
  execute_process(COMMAND "${compiler}" -std=c++20 "-I${include}" -c "-march=${user_march}"
    -o "${build}/user.o" "${source}/user.cpp" COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND "${compiler}" -std=c++20 "-I${include}" -c "-march=${provider_march}"
    -o "${build}/provider.o" "${source}/provider.cpp" COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND "${compiler}" -o "${build}/pair" "${build}/user.o" "${build}/provider.o"
    RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
  set(${out} ${status} PARENT_SCOPE)
  set(said "${said}" PARENT_SCOPE)
endfunction()

link_pair(alike x86-64 x86-64)
if(NOT alike EQUAL 0)
  message(FATAL_ERROR "two units compiled alike do not link:\n${said}")
endif()
link_pair(mixed x86-64 x86-64-v3)
if(mixed EQUAL 0)
  message(FATAL_ERROR "units of two instruction sets link: a tensor crossed the border")
endif()
string(FIND "${said}" "undefined reference to `sum(petra::" at)
if(at EQUAL -1)
  message(FATAL_ERROR "the linker was expected to miss sum(petra::...), it says:\n${said}")
endif()

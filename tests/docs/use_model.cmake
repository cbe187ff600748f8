# cmake -D compiler=CXX -D source=use_model.cpp -D folder=WHERE_MODEL_HPP_IS -P use_model.cmake: compiles as for a device, runs.
execute_process(COMMAND "${compiler}" -std=c++20 -O1 -fno-exceptions -fno-rtti -Wall -Wextra -Werror "-I${folder}"
  "${source}" -o "${folder}/use_model" RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "use_model.cpp does not compile with the emitted header")
endif()
execute_process(COMMAND "${folder}/use_model" RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "use_model: exit code ${status} (1: the self test fails)")
endif()

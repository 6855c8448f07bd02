# Compiles one kernel file and keeps the assembler's report (registers, shared memory, spills). Warnings and errors reach the console.
separate_arguments(FLAGS)
execute_process(
  COMMAND "${NVCC}" ${FLAGS} -fatbin -MD -MF "${DEPENDENCIES}" -o "${FATBIN}" "${SOURCE}"
  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
file(WRITE "${REPORT}" "${output}")
string(REGEX REPLACE "ptxas info[^\n]*\n" "" complaints "${output}")
string(REGEX REPLACE "[^\n]*bytes stack frame[^\n]*\n" "" complaints "${complaints}")
if(NOT complaints STREQUAL "")
  message("${complaints}")
endif()
if(NOT status EQUAL 0)
  file(REMOVE "${FATBIN}" "${REPORT}")
  message(FATAL_ERROR "nvcc failed on ${SOURCE}")
endif()

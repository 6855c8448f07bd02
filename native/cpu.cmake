# The CPU backend: JNI glue, memory, convolutions over oneDNN, and our own loops once for every instruction set.
# -ffp-contract=off: products and sums fuse only where the source says so, as in the Java and CUDA versions of the same formulas.
set(CPU_OPTIONS -O3 -Wall -Wextra -fopenmp -fno-math-errno -ffp-contract=off -fvisibility=hidden)

# The processor is known only at run time: each variant is compiled apart, and src/processor.cpp picks one.
file(GLOB LOOP_SOURCES CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/src/loops/*.cpp")
set(LOOP_OPTIONS_baseline -Wno-psabi)
set(LOOP_OPTIONS_avx2 -mavx2 -mfma)
set(LOOP_OPTIONS_avxvnni ${LOOP_OPTIONS_avx2} -mavxvnni)
set(LOOP_OPTIONS_avx512 -mavx2 -mfma -mavx512f -mavx512bw -mavx512dq -mavx512vl -mprefer-vector-width=512)
set(LOOP_OPTIONS_avx512vnni ${LOOP_OPTIONS_avx512} -mavx512vnni)
set(LOOP_OPTIONS_avx512bf16 ${LOOP_OPTIONS_avx512vnni} -mavx512bf16)
foreach(isa baseline avx2 avxvnni avx512 avx512vnni avx512bf16)
  add_library(diffusionad_loops_${isa} OBJECT ${LOOP_SOURCES})
  target_include_directories(diffusionad_loops_${isa} PRIVATE src)
  target_compile_definitions(diffusionad_loops_${isa} PRIVATE LOOPS_ISA=${isa})
  target_compile_options(diffusionad_loops_${isa} PRIVATE ${CPU_OPTIONS} ${LOOP_OPTIONS_${isa}})
  list(APPEND LOOP_OBJECTS $<TARGET_OBJECTS:diffusionad_loops_${isa}>)
endforeach()

file(GLOB CPU_SOURCES CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/src/*.cpp")
add_library(diffusionad_cpu SHARED ${CPU_SOURCES} ${LOOP_OBJECTS})
target_include_directories(diffusionad_cpu PRIVATE src ${JNI_INCLUDES} "${ONEDNN_ROOT}/include")
target_compile_options(diffusionad_cpu PRIVATE ${CPU_OPTIONS})
# nodelete: threads of libgomp and destructors of oneDNN outlive the class loader that brought the library in, and the next one finds it in place.
target_link_options(diffusionad_cpu PRIVATE -fopenmp -Wl,--no-undefined -Wl,-z,nodelete)
target_link_libraries(diffusionad_cpu PRIVATE "${DNNL_LIBRARY}")

# oneDNN is the one that lies beside it, never one of the machine that built it.
set_target_properties(diffusionad_cpu PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${NATIVE_OUT}" BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "$ORIGIN")
get_filename_component(DNNL_DIR "${DNNL_LIBRARY}" DIRECTORY)
foreach(lib libdnnl.so.3 libgomp.so.1)
  if(EXISTS "${DNNL_DIR}/${lib}")
    configure_file("${DNNL_DIR}/${lib}" "${NATIVE_OUT}/${lib}" COPYONLY)
  endif()
endforeach()

# Loaded before libgomp, on which it must not depend.
add_library(diffusionad_openmp SHARED openmp/openmp.cpp)
target_include_directories(diffusionad_openmp PRIVATE ${JNI_INCLUDES})
target_compile_options(diffusionad_openmp PRIVATE -O2 -Wall -Wextra -fvisibility=hidden)
target_link_options(diffusionad_openmp PRIVATE -Wl,--no-undefined -Wl,-z,nodelete)
target_link_libraries(diffusionad_openmp PRIVATE ${CMAKE_DL_LIBS})
set_target_properties(diffusionad_openmp PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${NATIVE_OUT}")

set(CPU_LIBRARIES libdiffusionad_openmp.so libgomp.so.1 libdnnl.so.3 libdiffusionad_cpu.so)
list(TRANSFORM CPU_LIBRARIES PREPEND "${NATIVE_OUT}/" OUTPUT_VARIABLE CPU_LIBRARY_FILES)
add_custom_command(OUTPUT "${NATIVE_OUT}/libraries.properties"
                   COMMAND ${CMAKE_COMMAND} "-DFOLDER=${NATIVE_OUT}" "-DLIBRARIES=${CPU_LIBRARIES}" -P "${CMAKE_CURRENT_SOURCE_DIR}/list_libraries.cmake"
                   DEPENDS diffusionad_cpu diffusionad_openmp ${CPU_LIBRARY_FILES} list_libraries.cmake VERBATIM)
add_custom_target(diffusionad_cpu_list ALL DEPENDS "${NATIVE_OUT}/libraries.properties")


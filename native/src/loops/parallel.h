// Work sharing between the threads of a team. What a task computes never depends on the number of threads: tasks are cut by shape alone.
#pragma once

#include <omp.h>

#include <cstdint>

namespace diffusionad::LOOPS_ISA {
namespace {

/** Below this many elements starting a team costs more than it saves. */
constexpr int64_t kSerialElements = 8192;

/** The most threads that a parallel region started here may have. */
inline int threadCount() { return omp_get_max_threads(); }
inline int threadNumber() { return omp_get_thread_num(); }

/** Calls body(task) for every task, in parallel when all of them together touch enough elements. */
template <class Body>
inline void parallelFor(int64_t tasks, int64_t elementsPerTask, Body body) {
  const bool parallel = tasks > 1 && tasks * elementsPerTask >= kSerialElements;
#pragma omp parallel for schedule(static) if (parallel)
  for (int64_t task = 0; task < tasks; task++) body(task);
}

/** Cuts [0, count) into pieces of `piece` and calls body(from, to) for each. */
template <class Body>
inline void parallelRanges(int64_t count, int64_t piece, Body body) {
  const int64_t tasks = (count + piece - 1) / piece;
  parallelFor(tasks, piece, [&](int64_t task) {
    const int64_t from = task * piece;
    const int64_t to = from + piece < count ? from + piece : count;
    body(from, to);
  });
}

}  // namespace
}  // namespace diffusionad::LOOPS_ISA

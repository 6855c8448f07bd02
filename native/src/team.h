// The team of OpenMP threads that works for a thread of the host program.
#pragma once

namespace diffusionad {

/**
 * Sets the size of the calling thread's team. libgomp ends the process when the system refuses it a thread, so a team that grows is tried first.
 * Throws std::runtime_error where the system refuses.
 */
void useTeam(int threads);

/** Throws std::runtime_error where the system refuses the calling thread so many threads beside it. */
void requireThreads(int count);

}  // namespace diffusionad

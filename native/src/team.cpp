#include "team.h"

#include <omp.h>
#include <pthread.h>

#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace diffusionad {
namespace {

/** The size of the team that libgomp keeps for this thread. */
thread_local int teamSize = 1;

/** Threads that live at once and do nothing. */
class IdleThreads {
 public:
  explicit IdleThreads(int count) {
    threads_.reserve(count);
    pthread_mutex_lock(&gate_);
    for (int i = 0; i < count && failure_ == 0; i++) {
      pthread_t thread;
      failure_ = pthread_create(&thread, nullptr, pass, &gate_);
      if (failure_ == 0) threads_.push_back(thread);
    }
  }
  ~IdleThreads() {
    pthread_mutex_unlock(&gate_);
    for (pthread_t thread : threads_) pthread_join(thread, nullptr);
    pthread_mutex_destroy(&gate_);
  }
  IdleThreads(const IdleThreads&) = delete;
  IdleThreads& operator=(const IdleThreads&) = delete;

  int count() const { return static_cast<int>(threads_.size()); }
  /** Of the first that was refused, or 0. */
  int failure() const { return failure_; }

 private:
  static void* pass(void* gate) {
    pthread_mutex_lock(static_cast<pthread_mutex_t*>(gate));
    pthread_mutex_unlock(static_cast<pthread_mutex_t*>(gate));
    return nullptr;
  }

  pthread_mutex_t gate_ = PTHREAD_MUTEX_INITIALIZER;
  std::vector<pthread_t> threads_;
  int failure_ = 0;
};

}  // namespace

void requireThreads(int count) {
  const IdleThreads idle(count);
  if (idle.failure() == 0) return;
  throw std::runtime_error("the system gives this process " + std::to_string(idle.count()) + " further threads where " + std::to_string(count) + " are needed (" +
                           std::strerror(idle.failure()) + "): choose fewer threads, or raise the limit of processes (ulimit -u, pids.max of the control group)");
}

void useTeam(int threads) {
  if (threads > teamSize) {
    requireThreads(threads - teamSize);
    // At once, while there is room: libgomp keeps the threads for the regions that follow.
#pragma omp parallel num_threads(threads)
    asm volatile("");
  }
  teamSize = threads;
  omp_set_num_threads(threads);
}

}  // namespace diffusionad

// io.diffusionad.backend.cpu.OpenMpRuntime: loads libgomp so that threads which wait at barriers soon sleep.
//
// libgomp's threads spin for milliseconds at the end of every parallel loop unless the environment says otherwise. Where other programs compute too, they then wait for
// threads that are not running, on the very cores that those need. libgomp reads the environment once, when it is loaded; a JVM cannot change its own, so this library,
// which needs no other, shows libgomp an environment with one more variable for that moment. The array of the process is exchanged, not written to: threads that read the
// old one meanwhile find it as it was, and child processes inherit what they always would.
#include <dlfcn.h>
#include <jni.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>

namespace {

/** Ordinals of io.diffusionad.backend.cpu.OpenMpRuntime.Waiting. */
enum class Waiting : jint { Unknown = 0, Short = 1, Chosen = 2, Foreign = 3 };

constexpr const char* kName = "libgomp.so.1";

std::mutex mutex;
Waiting waiting = Waiting::Unknown;  // stays as long as the process: this library is never unloaded

/** The process's environment and one more variable, or null where memory is short. Never freed: somebody may still read it. */
char** withVariable(char* variable) {
  size_t count = 0;
  while (environ != nullptr && environ[count] != nullptr) count++;
  char** extended = static_cast<char**>(std::malloc((count + 2) * sizeof(char*)));
  if (extended == nullptr) return nullptr;
  for (size_t i = 0; i < count; i++) extended[i] = environ[i];
  extended[count] = variable;
  extended[count + 1] = nullptr;
  return extended;
}

bool load(const char* path) { return dlopen(path, RTLD_LAZY | RTLD_NODELETE) != nullptr; }

Waiting loadSleeping(const char* path, int spins) {
  static char variable[40];
  std::snprintf(variable, sizeof variable, "GOMP_SPINCOUNT=%d", spins);
  char** const before = environ;
  char** const extended = withVariable(variable);
  if (extended == nullptr) return load(path) ? Waiting::Foreign : Waiting::Unknown;
  environ = extended;
  const bool loaded = load(path);
  if (environ == extended) environ = before;
  return loaded ? Waiting::Short : Waiting::Unknown;
}

}  // namespace

extern "C" {

JNIEXPORT jint JNICALL Java_io_diffusionad_backend_cpu_OpenMpRuntime_load(JNIEnv* env, jclass, jstring path, jint spins) {
  const char* chars = env->GetStringUTFChars(path, nullptr);
  if (chars == nullptr) return static_cast<jint>(Waiting::Unknown);
  {
    const std::lock_guard<std::mutex> lock(mutex);
    if (waiting == Waiting::Unknown) {
      if (dlopen(kName, RTLD_LAZY | RTLD_NOLOAD) != nullptr) {
        waiting = Waiting::Foreign;
      } else if (std::getenv("GOMP_SPINCOUNT") != nullptr || std::getenv("OMP_WAIT_POLICY") != nullptr) {
        waiting = load(chars) ? Waiting::Chosen : Waiting::Unknown;
      } else {
        waiting = loadSleeping(chars, spins);
      }
    }
  }
  env->ReleaseStringUTFChars(path, chars);
  return static_cast<jint>(waiting);
}

}  // extern "C"

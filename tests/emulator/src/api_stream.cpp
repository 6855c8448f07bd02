// Streams, events, and graphs captured from streams.
#include "api.h"

#include <set>

using namespace emulated;

namespace {

std::set<std::shared_ptr<Graph>*> graphs;
std::set<GraphExec*> executables;

// A stream from its handle, or an early return.
#define STREAM(name, handle)                                                    \
    Stream* name = find_stream(handle);                                         \
    if (name == nullptr) {                                                      \
        return report(CUDA_ERROR_INVALID_HANDLE, "the stream is not alive");    \
    }
#define EVENT(name, handle)                                                     \
    Event* name = find_event(handle);                                           \
    if (name == nullptr) {                                                      \
        return report(CUDA_ERROR_INVALID_HANDLE, "the event is not alive");     \
    }

} // namespace

DRIVER_API cuStreamCreate(void** stream, unsigned) {
    REQUIRE_CONTEXT;
    *stream = create_stream();
    return CUDA_SUCCESS;
}

DRIVER_API cuStreamCreateWithPriority(void** stream, unsigned flags, int) {
    return cuStreamCreate(stream, flags);
}

DRIVER_API cuStreamDestroy_v2(void* stream) {
    LOCKED;
    return destroy_stream(static_cast<Stream*>(stream));
}

DRIVER_API cuStreamSynchronize(void* handle) {
    REQUIRE_CONTEXT;
    STREAM(stream, handle);
    if (stream->capture != nullptr) {
        return report(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "synchronising a stream that is being captured");
    }
    return drain(*stream);
}

DRIVER_API cuStreamQuery(void* handle) {
    REQUIRE_CONTEXT;
    STREAM(stream, handle);
    return stream->pending.empty() ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
}

DRIVER_API cuStreamWaitEvent(void* handle, void* event_handle, unsigned) {
    REQUIRE_CONTEXT;
    STREAM(stream, handle);
    EVENT(event, event_handle);
    return wait_for(*stream, *event);
}

DRIVER_API cuEventCreate(void** event, unsigned) {
    REQUIRE_CONTEXT;
    *event = create_event();
    return CUDA_SUCCESS;
}

DRIVER_API cuEventDestroy_v2(void* event) {
    LOCKED;
    return destroy_event(static_cast<Event*>(event));
}

DRIVER_API cuEventRecord(void* event_handle, void* handle) {
    REQUIRE_CONTEXT;
    STREAM(stream, handle);
    EVENT(event, event_handle);
    return record(*event, *stream);
}

DRIVER_API cuEventSynchronize(void* event_handle) {
    REQUIRE_CONTEXT;
    EVENT(event, event_handle);
    return event->complete || event->stream == nullptr ? CUDA_SUCCESS : drain(*event->stream);
}

DRIVER_API cuEventQuery(void* event_handle) {
    REQUIRE_CONTEXT;
    EVENT(event, event_handle);
    return event->complete ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
}

DRIVER_API cuEventElapsedTime(float* milliseconds, void* start_handle, void* end_handle) {
    REQUIRE_CONTEXT;
    EVENT(start, start_handle);
    EVENT(end, end_handle);
    if (!start->recorded || !end->recorded) {
        return CUDA_ERROR_INVALID_HANDLE;
    }
    if (!start->complete || !end->complete) {
        return CUDA_ERROR_NOT_READY;
    }
    *milliseconds = float(end->milliseconds - start->milliseconds);
    return CUDA_SUCCESS;
}

DRIVER_API cuStreamBeginCapture_v2(void* handle, int) {
    REQUIRE_CONTEXT;
    STREAM(stream, handle);
    if (stream == &legacy_stream() || stream->capture != nullptr) {
        return report(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "the default stream, or one that is being captured already, cannot be captured");
    }
    stream->capture = std::make_shared<Graph>();
    stream->capture_origin = true;
    return CUDA_SUCCESS;
}

DRIVER_API cuStreamIsCapturing(void* handle, int* status) {
    REQUIRE_CONTEXT;
    STREAM(stream, handle);
    *status = stream->capture != nullptr;
    return CUDA_SUCCESS;
}

DRIVER_API cuStreamEndCapture(void* handle, void** graph) {
    REQUIRE_CONTEXT;
    STREAM(stream, handle);
    *graph = nullptr;
    if (!stream->capture_origin) {
        return report(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, "the capture did not begin in this stream");
    }
    auto captured = stream->capture;
    end_capture(captured);
    *graph = *graphs.insert(new std::shared_ptr<Graph>(captured)).first;
    return CUDA_SUCCESS;
}

DRIVER_API cuGraphInstantiateWithFlags(void** executable, void* graph, unsigned long long) {
    REQUIRE_CONTEXT;
    auto* found = static_cast<std::shared_ptr<Graph>*>(graph);
    if (graphs.count(found) == 0) {
        return report(CUDA_ERROR_INVALID_HANDLE, "the graph is not alive");
    }
    *executable = *executables.insert(new GraphExec{*found}).first;
    return CUDA_SUCCESS;
}

DRIVER_API cuGraphUpload(void*, void*) {
    return CUDA_SUCCESS;
}

DRIVER_API cuGraphLaunch(void* executable, void* handle) {
    REQUIRE_CONTEXT;
    STREAM(stream, handle);
    auto* found = static_cast<GraphExec*>(executable);
    if (executables.count(found) == 0) {
        return report(CUDA_ERROR_INVALID_HANDLE, "the executable graph is not alive");
    }
    for (const Operation& operation : found->graph->operations) {
        if (const CUresult status = enqueue(*stream, operation); status != CUDA_SUCCESS) {
            return status;
        }
    }
    return CUDA_SUCCESS;
}

DRIVER_API cuGraphExecDestroy(void* executable) {
    LOCKED;
    auto* found = static_cast<GraphExec*>(executable);
    if (executables.erase(found) == 0) {
        return report(CUDA_ERROR_INVALID_HANDLE, "destroying an executable graph that is not alive");
    }
    delete found;
    return CUDA_SUCCESS;
}

DRIVER_API cuGraphDestroy(void* graph) {
    LOCKED;
    auto* found = static_cast<std::shared_ptr<Graph>*>(graph);
    if (graphs.erase(found) == 0) {
        return report(CUDA_ERROR_INVALID_HANDLE, "destroying a graph that is not alive");
    }
    delete found;
    return CUDA_SUCCESS;
}

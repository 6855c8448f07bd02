#include "stream.h"

#include "api.h"
#include "fault.h"

#include <chrono>
#include <cstdlib>
#include <set>

namespace emulated {

namespace {

std::set<Stream*> streams;
std::set<Event*> events;
CUresult first_failure = CUDA_SUCCESS;

bool deferred() {
    static const bool on = [] {
        const char* setting = std::getenv("EMULATOR_DEFER");
        return setting != nullptr && setting[0] == '1';
    }();
    return on;
}

double now_milliseconds() {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void complete(Event& event) {
    event.complete = true;
    event.milliseconds = now_milliseconds();
}

} // namespace

CUresult sticky() {
    return first_failure;
}

void clear_sticky() {
    first_failure = CUDA_SUCCESS;
}

CUresult failed(CUresult status) {
    if (first_failure == CUDA_SUCCESS) {
        first_failure = status;
    }
    return status;
}

Stream& legacy_stream() {
    static Stream stream;
    return stream;
}

Stream* find_stream(void* handle) {
    if (reinterpret_cast<uintptr_t>(handle) <= 2) {
        return &legacy_stream();
    }
    auto* stream = static_cast<Stream*>(handle);
    if (streams.count(stream) == 0) {
        return nullptr;
    }
    if (stream->context != current_context()) {
        report(CUDA_ERROR_INVALID_HANDLE, "a stream of one device while another's context is current");
        return nullptr;
    }
    return stream;
}

Stream* create_stream() {
    Stream* stream = *streams.insert(new Stream()).first;
    stream->context = current_context();
    return stream;
}

CUresult destroy_stream(Stream* stream) {
    if (streams.count(stream) == 0) {
        return report(CUDA_ERROR_INVALID_HANDLE, "destroying a stream that is not alive");
    }
    const CUresult status = drain(*stream);
    for (Event* event : events) {
        if (event->stream == stream) {
            event->stream = nullptr;
        }
    }
    streams.erase(stream);
    delete stream;
    return status;
}

Event* find_event(void* handle) {
    auto* event = static_cast<Event*>(handle);
    return events.count(event) != 0 ? event : nullptr;
}

Event* create_event() {
    return *events.insert(new Event()).first;
}

CUresult destroy_event(Event* event) {
    if (events.count(event) == 0) {
        return report(CUDA_ERROR_INVALID_HANDLE, "destroying an event that is not alive");
    }
    const CUresult status = event->complete || event->stream == nullptr ? CUDA_SUCCESS : drain(*event->stream);
    events.erase(event);
    delete event;
    return status;
}

CUresult enqueue(Stream& stream, Operation operation) {
    if (first_failure != CUDA_SUCCESS) {
        return first_failure;
    }
    if (stream.capture != nullptr) {
        stream.capture->operations.push_back(std::move(operation));
        return CUDA_SUCCESS;
    }
    if (&stream == &legacy_stream() && capturing()) {
        return report(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "work on the default stream while another stream is being captured");
    }
    stream.pending.push_back(std::move(operation));
    return deferred() ? CUDA_SUCCESS : drain(stream);
}

CUresult drain(Stream& stream) {
    while (!stream.pending.empty() && first_failure == CUDA_SUCCESS) {
        const Operation operation = std::move(stream.pending.front());
        stream.pending.pop_front();
        const CUresult status = operation();
        if (status != CUDA_SUCCESS) {
            failed(status);
        }
    }
    return first_failure;
}

CUresult drain_all() {
    drain(legacy_stream());
    for (Stream* stream : streams) {
        drain(*stream);
    }
    return first_failure;
}

bool capturing() {
    for (const Stream* stream : streams) {
        if (stream->capture != nullptr) {
            return true;
        }
    }
    return false;
}

CUresult record(Event& event, Stream& stream) {
    event.stream = &stream;
    event.recorded = true;
    event.capture = stream.capture;
    if (stream.capture != nullptr) {
        return CUDA_SUCCESS; // a dependency inside the graph, nothing to run
    }
    event.complete = false;
    return enqueue(stream, [&event] {
        complete(event);
        return CUDA_SUCCESS;
    });
}

CUresult wait_for(Stream& stream, Event& event) {
    if (event.capture != nullptr && event.capture != stream.capture) {
        if (stream.capture != nullptr) {
            return report(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "a captured stream waits for an event of another capture");
        }
        stream.capture = event.capture; // the stream joins the capture; it leaves when the origin ends it
        return CUDA_SUCCESS;
    }
    if (stream.capture != nullptr || !event.recorded) {
        return CUDA_SUCCESS;
    }
    return enqueue(stream, [&event] {
        return event.complete || event.stream == nullptr ? CUDA_SUCCESS : drain(*event.stream);
    });
}

size_t report_stream_leaks() {
    if (!streams.empty()) {
        report(CUDA_ERROR_UNKNOWN, "leak: %zu streams were never destroyed", streams.size());
    }
    if (!events.empty()) {
        report(CUDA_ERROR_UNKNOWN, "leak: %zu events were never destroyed", events.size());
    }
    return streams.size() + events.size();
}

void end_capture(const std::shared_ptr<Graph>& graph) {
    for (Stream* stream : streams) {
        if (stream->capture == graph) {
            stream->capture = nullptr;
            stream->capture_origin = false;
        }
    }
}

} // namespace emulated

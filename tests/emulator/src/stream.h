// Streams, events and graphs. Work is a list of operations; a stream runs them in order, either at once or, with EMULATOR_DEFER=1, only
// when somebody waits for them, which exposes a host that reads results too early.
#pragma once
#include "driver_types.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace emulated {

using Operation = std::function<CUresult()>;

struct Graph {
    std::vector<Operation> operations; // in an order that respects all dependencies
};

struct GraphExec {
    std::shared_ptr<const Graph> graph;
};

struct Stream {
    uintptr_t context = 0; // that it was created in, and in which alone it is used; 0 of the default stream
    std::deque<Operation> pending;
    std::shared_ptr<Graph> capture; // being captured into, or null
    bool capture_origin = false;
};

struct Event {
    Stream* stream = nullptr;       // of the last record
    bool complete = true;
    bool recorded = false;
    double milliseconds = 0;        // when it completed
    std::shared_ptr<Graph> capture; // recorded while this was captured
};

// The default stream.
Stream& legacy_stream();
// A stream by its handle (0, 1 and 2 are the default one), or null for one that is not alive, or of another context than this thread's.
Stream* find_stream(void* handle);
Stream* create_stream();
CUresult destroy_stream(Stream* stream);

Event* find_event(void* handle);
Event* create_event();
CUresult destroy_event(Event* event);

CUresult enqueue(Stream& stream, Operation operation);
CUresult record(Event& event, Stream& stream);
CUresult wait_for(Stream& stream, Event& event);
// Runs what is pending: of one stream, or of all.
CUresult drain(Stream& stream);
CUresult drain_all();
// Whether any stream captures: calls that synchronise are errors then.
bool capturing();
// Every stream that takes part in this capture leaves it.
void end_capture(const std::shared_ptr<Graph>& graph);

size_t report_stream_leaks();

// The first failure of device work, which every later call returns, as a broken context does.
CUresult sticky();
void clear_sticky();
// Remembers a failure of device work and returns it.
CUresult failed(CUresult status);

} // namespace emulated

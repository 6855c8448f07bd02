/**
 * Detectors as ONNX files (opset 17), for any ONNX runtime: each network, or the whole one-step pipeline. Tensors are
 * float32 and NCHW with a free batch size. The graphs are written from the networks' configuration and the reference's
 * parameter names alone, independently of the engine's layers, so that running them elsewhere checks the engine.
 */
package io.diffusionad.app.onnx;

/**
 * Demo data painted by the program: three products in the MVTec layout with exact masks, so that anybody can try
 * training without downloading anything. Scenes are painted on an oversampled canvas from signed distances and noise,
 * then photographed: light, lens blur, grain.
 */
package io.diffusionad.app.demodata;

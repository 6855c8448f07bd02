/**
 * The layouts that data sets are published in: a class each, found through {@link io.diffusionad.data.layout.Layouts}.
 */
package io.diffusionad.data.layout;

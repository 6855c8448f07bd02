/** From images to score maps with trained networks. */
package io.diffusionad.detect;

/**
 * What a picture of a part looks like as a whole, and frames that are no such picture: a blind camera is neither good
 * nor defective.
 */
package io.diffusionad.frame;

/** Results in the form that a publisher's evaluation server takes. */
package io.diffusionad.app.submission;

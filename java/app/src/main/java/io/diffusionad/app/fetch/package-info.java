/**
 * Published data sets from their publishers: the catalogue, downloads that resume, and unpacking that trusts no
 * archive.
 */
package io.diffusionad.app.fetch;

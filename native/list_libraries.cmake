# cmake -DFOLDER=... -DLIBRARIES="a.so;b.so" -P list_libraries.cmake
# Writes libraries.properties beside the libraries: the size and SHA-256 of each, and a fingerprint of the contents of all, after which the program names what it unpacks.
set(LINES "")
set(DIGESTS "")
foreach(LIBRARY ${LIBRARIES})
  file(SIZE "${FOLDER}/${LIBRARY}" BYTES)
  file(SHA256 "${FOLDER}/${LIBRARY}" DIGEST)
  string(APPEND LINES "${LIBRARY}=${BYTES}\n${LIBRARY}.sha256=${DIGEST}\n")
  string(APPEND DIGESTS "${LIBRARY} ${DIGEST}\n")
endforeach()
string(SHA256 FINGERPRINT "${DIGESTS}")
string(SUBSTRING "${FINGERPRINT}" 0 16 FINGERPRINT)
file(WRITE "${FOLDER}/libraries.properties" "fingerprint=${FINGERPRINT}\n${LINES}")
